"""The report's PDF: signed here or outside, and what recompute.py takes from it."""

import datetime as dt
import shutil
import subprocess
from unittest.mock import patch

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pyhanko.sign.signers import PdfSigner

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from certificates.models import Key
from certificates.services.keys import add_development_keys, published_certificates
from certificates.signing import load_key, self_signed_pkcs12
from common import clock
from common.errors import DomainError
from jobs import services as jobs
from jobs.models import Job, JobState
from targets.models import PeriodReport, ReportDocument
from targets.pdf import report_pdf
from targets.services.evidence import evidence_pack
from targets.services.report_files import accept_signed_report, report_file, sign_file
from targets.services.reports import reopen
from tests.certificates.forgeries import Token, enter, signed
from tests.counting.makers import make_letter, make_rule, make_signer, sign
from tests.factories import make_completion, make_course, make_run, make_user
from tests.targets.packs import forged, hash_of, pack_of, recompute, replacing
from tests.validators.vera import broken_rules

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
def key(settings, key_folder) -> Key:
    settings.KEY_FOLDER, settings.DEVELOPMENT_SIGNING = key_folder, True
    add_development_keys()
    return Key.objects.get(use="signature")


@pytest.fixture
def report() -> PeriodReport:
    run = make_run(make_course("AI-1"), starts_on=dt.date(2024, 6, 3), ends_on=dt.date(2024, 6, 4))
    make_rule([run.course])
    for _n in range(2):
        make_completion(run=run)
    return sign()


def strangers_signature(pdf: bytes, name: str = "699 development") -> bytes:
    """By somebody's own key, whose certificate bears the name of the office's."""
    since = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    stranger = load_key(self_signed_pkcs12(name, "x", valid_from=since), "x")
    return stranger.sign(pdf, at=clock.now())


def test_the_report_is_signed_with_the_servers_key_and_stays_pdf_a(report, key, tmp_path):
    document = sign_file(by=PROGRAMME_OFFICE, report=report)
    path = tmp_path / "report.pdf"
    path.write_bytes(report_file(report))
    seen = subprocess.run(
        ["pdfsig", "-nocert", path], capture_output=True, text=True, check=True
    ).stdout
    assert "Signature is Valid" in seen
    assert "Total document signed" in seen
    assert document.fingerprint == key.fingerprint
    assert {rule for rules in broken_rules([path]).values() for rule in rules} == set()


def test_a_report_is_signed_once_and_its_file_stays(report, key):
    sign_file(by=PROGRAMME_OFFICE, report=report)
    before = report_file(report)
    with pytest.raises(DomainError, check=lambda error: error.code == "already_signed"):
        sign_file(by=PROGRAMME_OFFICE, report=report)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        ReportDocument.objects.update(sha256="0" * 64)
    reopen(by=PROGRAMME_OFFICE, report=report, reason="Bổ sung")
    assert report_file(report) == before


def test_without_a_key_the_report_waits_for_a_signature_from_outside(report):
    with pytest.raises(DomainError, check=lambda error: error.code == "no_signing_key"):
        sign_file(by=PROGRAMME_OFFICE, report=report)
    assert report_file(report) == report_pdf(report)


# Signed outside ---------------------------------------------------------------------------


@pytest.fixture
def token() -> Token:
    return Token.self_signed("Trần Quốc Khải")


def test_a_report_signed_outside_is_taken_back(report, token, tmp_path):
    enter(token.certificate, make_signer().body)
    document = accept_signed_report(
        by=PROGRAMME_OFFICE, report=report, content=signed(report_pdf(report), token)
    )
    assert "Trần Quốc Khải" in document.signer
    found = recompute(pack_of(report), tmp_path, "--signer", document.fingerprint)
    assert (found.returncode, found.stderr) == (0, "")


def test_a_report_signed_by_somebody_not_entered_is_refused(report, token):
    content = signed(report_pdf(report), token)
    with pytest.raises(DomainError, check=lambda error: error.code == "unknown_signer"):
        accept_signed_report(by=PROGRAMME_OFFICE, report=report, content=content)
    assert not ReportDocument.objects.exists()


def test_another_report_is_not_taken_back_as_this_one(report, token):
    enter(token.certificate, make_signer().body)
    reopen(by=PROGRAMME_OFFICE, report=report, reason="Bổ sung")
    second = sign(letter=make_letter("03/BC-BTTTT"))
    content = signed(report_pdf(report), token)
    with pytest.raises(DomainError, check=lambda error: error.code == "not_what_was_issued"):
        accept_signed_report(by=PROGRAMME_OFFICE, report=second, content=content)


# The page ---------------------------------------------------------------------------------


def test_the_office_signs_and_uploads_on_the_page(report, token, client, tmp_path):
    office = make_user(Role.PROGRAMME_OFFICE, language="en")
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    enter(token.certificate, make_signer().body)
    page = reverse("report", args=[report.code])
    assert "no digital signature yet" in client.get(page).content.decode()
    address = reverse("report_signature", args=[report.code])
    assert "Choose the signed PDF file" in client.post(address, {}, follow=True).content.decode()
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed(report_pdf(report), token))
    with path.open("rb") as file:
        answer = client.post(address, {"signed_file": file}, follow=True).content.decode()
    assert "The report now has its digital signature." in answer
    assert "no digital signature yet" not in answer
    assert client.get(reverse("report_pdf", args=[report.code])).content == path.read_bytes()


def test_no_request_waits_for_the_time_stamping_authority(report, key, client, settings):
    settings.TSA_URL = "http://127.0.0.1:9/"  # nobody answers
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    address = reverse("report_signature", args=[report.code])
    jobs_page = client.post(address, {"here": "1"}).url
    assert client.post(address, {"here": "1"}).url == jobs_page
    job = Job.objects.get(kind="sign_report_file")
    jobs.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, ReportDocument.objects.count()) == (JobState.FAILED, 0)
    settings.TSA_URL = ""
    jobs.run(str(jobs.retry(job=job, by=SYSTEM).pk))
    assert ReportDocument.objects.get().report == report
    refused = client.post(address, {"here": "1"})
    assert refused.url == reverse("report", args=[report.code])


# What a stranger takes from it --------------------------------------------------------------


@pytest.fixture
def files(report, key):
    sign_file(by=PROGRAMME_OFFICE, report=report)
    return pack_of(report, in_clear=True)


def test_the_hash_is_taken_from_the_pdf_once_its_signer_is_verified(files, key, tmp_path):
    pem = tmp_path / "office.pem"
    pem.write_text(published_certificates())
    for signer in (key.fingerprint, key.fingerprint.upper(), str(pem)):
        found = recompute(files, tmp_path, "--signer", signer)
        assert (found.returncode, found.stderr) == (0, "")
        assert f"certificate {key.fingerprint}" in found.stdout


def test_the_pdf_may_lie_beside_the_pack(report, files, key, tmp_path):
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(files.pop("report.pdf"))
    alone = recompute(files, tmp_path, "--signer", key.fingerprint)
    assert (alone.returncode, "there is no signed PDF" in alone.stderr) == (1, True)
    beside = recompute(files, tmp_path, "--signer", key.fingerprint, "--pdf", str(pdf))
    assert (beside.returncode, beside.stderr) == (0, "")


def test_a_report_signed_by_a_stranger_of_the_same_name_is_refused(report, files, key, tmp_path):
    pack = files | {"report.pdf": strangers_signature(report_pdf(report))}
    found = recompute(pack, tmp_path, "--signer", key.fingerprint)
    assert (found.returncode, "not the signer that you named" in found.stderr) == (1, True)


def test_a_pack_and_a_pdf_made_by_a_forger_are_refused(report, files, key, tmp_path):
    """Every hash made again, printed in a PDF that the forger signed."""
    pack = forged(files, report=replacing('"persons": 2', '"persons": 3'))
    report.pack_sha256 = hash_of(pack)
    pack["report.pdf"] = strangers_signature(report_pdf(report))
    assert recompute(pack, tmp_path, "--signer", key.fingerprint).returncode == 1


def test_a_forged_pack_beside_the_genuine_pdf_is_refused(files, key, tmp_path):
    pack = forged(files, report=replacing('"signed_by"', '"signed_by_"'))
    found = recompute(pack, tmp_path, "--signer", key.fingerprint)
    assert (found.returncode, "the report prints" in found.stderr) == (1, True)


def signed_again(pdf: bytes) -> bytes:
    """By a stranger, although the first signature forbids it: pyHanko would not."""
    with patch.object(PdfSigner, "_enforce_certification_constraints"):
        return signed(pdf, Token.self_signed("699 development"), field="Second")


@pytest.mark.parametrize(
    "change",
    [
        lambda pdf: pdf + b"\n%% more\n",
        lambda pdf: signed_again(pdf),
        lambda pdf: pdf[:2000] + bytes([pdf[2000] ^ 1]) + pdf[2001:],
        lambda pdf: b"%PDF-1.7\n",
        lambda pdf: b"",
    ],
    ids=["appended", "signed again", "changed", "no PDF", "empty"],
)
def test_a_pdf_that_is_not_as_it_was_signed_is_refused(files, key, change, tmp_path):
    pack = files | {"report.pdf": change(files["report.pdf"])}
    assert recompute(pack, tmp_path, "--signer", key.fingerprint).returncode == 1


def test_an_unsigned_pdf_is_refused(report, files, key, tmp_path):
    pack = files | {"report.pdf": report_pdf(report)}
    found = recompute(pack, tmp_path, "--signer", key.fingerprint)
    assert (found.returncode, "not signed" in found.stderr) == (1, True)


def test_the_pdf_in_the_pack_must_print_the_hash_that_was_typed(report, files, key, tmp_path):
    reopen(by=PROGRAMME_OFFICE, report=report, reason="Bổ sung")
    second = sign(letter=make_letter("03/BC-BTTTT"))
    sign_file(by=PROGRAMME_OFFICE, report=second)
    swapped = files | {"report.pdf": report_file(second)}
    found = recompute(swapped, tmp_path, "--printed", report.pack_sha256)
    assert (found.returncode, "is not what you typed" in found.stderr) == (1, True)


def test_without_pdfsig_nothing_is_taken_from_the_pdf(files, key, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("pdfsig") is None
    found = recompute(files, tmp_path, "--signer", key.fingerprint)
    assert (found.returncode, "install poppler-utils" in found.stderr) == (1, True)


def test_the_pack_holds_the_signed_report_and_stays_the_same_file(report, files):
    assert files["report.pdf"] == report_file(report)
    made = [evidence_pack(by=PROGRAMME_OFFICE, report=report) for _n in range(2)]
    assert made[0] == made[1]
