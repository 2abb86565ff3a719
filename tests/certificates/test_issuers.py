"""Bodies and signers: entered, changed, ended; what has issued keeps its words."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.models import IssuingBody, Signer
from certificates.services.issuance import register_certificates
from certificates.services.issuers import save_body, save_signer
from certificates.services.preflight import issuing_signer, present_signer
from certificates.services.printed_fields import authority_lines, body_and_signer
from common import clock
from courses.models import CourseRun
from tests.certificates.samples import picture
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_run, make_trainee

pytestmark = pytest.mark.django_db

BODY = {
    "name": "Bộ Khoa học và Công nghệ",
    "parent_name": "",
    "place": "Hà Nội",
    "valid_from": dt.date(2025, 3, 1),
    "valid_to": None,
}
SIGNER = {
    "name": "Lê Thị Minh Hằng",
    "title": "Bộ trưởng, Vụ trưởng",
    "authority": "TL.",
    "valid_from": None,
    "valid_to": None,
}


def test_a_body_and_its_signer_are_entered_and_sign(db):
    body = save_body(by=OFFICE, body=IssuingBody(), values=BODY, seal=picture(size=(400, 400)))
    signer = save_signer(by=OFFICE, signer=Signer(body=body), values=SIGNER, signature=picture())
    assert body_and_signer(dt.date(2026, 3, 2)) == (body, signer)
    assert authority_lines(signer) == ("TL. BỘ TRƯỞNG", "VỤ TRƯỞNG")
    assert signer.sealed_signature


@pytest.mark.both_engines
def test_a_body_without_a_first_day_gives_way_to_one_that_began_later(db):
    old = BODY | {"name": "Bộ Thông tin và Truyền thông", "valid_from": None}
    later = save_body(by=OFFICE, body=IssuingBody(), values=BODY)
    save_body(by=OFFICE, body=IssuingBody(), values=old)
    assert body_and_signer(dt.date(2026, 3, 2))[0] == later


def test_what_was_pasted_into_a_body_or_a_signer_is_tidied(db):
    pasted = BODY | {"name": "Bộ Khoa học\vvà Công nghệ\x07", "parent_name": "Chính\uffff phủ"}
    body = save_body(by=OFFICE, body=IssuingBody(), values=pasted)
    signer = Signer(body=body)
    signer = save_signer(by=OFFICE, signer=signer, values=SIGNER | {"title": "Bộ\vtrưởng"})
    assert (body.name, body.parent_name) == (BODY["name"], "Chính phủ")
    assert signer.title == "Bộ trưởng"


@pytest.mark.parametrize(
    ("authority", "printed"),
    [("", "BỘ TRƯỞNG"), ("TM.", "TM. BỘ TRƯỞNG"), ("KT.", "KT. BỘ TRƯỞNG"),
     ("TL.", "TL. BỘ TRƯỞNG"), ("TUQ.", "TUQ. BỘ TRƯỞNG")],
)  # fmt: skip
def test_every_authority_is_printed_before_the_title(office, authority, printed):
    save_signer(by=OFFICE, signer=office, values=SIGNER | {"authority": authority})
    assert authority_lines(office)[0] == printed


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": "  "}, "no_name"),
        ({"valid_from": dt.date(2026, 3, 2), "valid_to": dt.date(2026, 3, 1)}, "term_reversed"),
    ],
)
def test_a_body_without_a_name_or_with_a_reversed_term_is_refused(values, code):
    with pytest.raises(CertificateError) as refused:
        save_body(by=OFFICE, body=IssuingBody(), values=BODY | values)
    assert refused.value.code == code
    assert not IssuingBody.objects.exists()


def test_a_ministry_that_ended_issues_until_its_last_day(office: Signer):
    old = office.body
    ended = {"name": old.name, "parent_name": "", "place": "", "valid_from": None}
    save_body(by=OFFICE, body=old, values=ended | {"valid_to": dt.date(2025, 2, 28)})
    new = save_body(by=OFFICE, body=IssuingBody(), values=BODY)
    signer = save_signer(by=OFFICE, signer=Signer(body=new), values=SIGNER)
    assert body_and_signer(dt.date(2025, 2, 28)) == (old, office)
    assert body_and_signer(dt.date(2025, 3, 1)) == (new, signer)


def test_an_expired_signer_issues_nothing_and_takes_no_number(run: CourseRun, office: Signer):
    over = SIGNER | {"name": office.name, "valid_to": dt.date(2020, 1, 1)}
    save_signer(by=OFFICE, signer=office, values=over)
    with pytest.raises(CertificateError) as refused:
        register_certificates(by=OFFICE, run=run)
    assert refused.value.code == "no_signer"
    assert "người ký" in refused.value.message
    assert not run.completions.exclude(certificates=None).exists()


def test_who_has_signed_keeps_name_and_title_but_may_be_ended(run: CourseRun, office: Signer):
    issue_for_run(by=OFFICE, run=run)
    same = {"name": office.name, "title": office.title, "authority": office.authority}
    ended = same | {"valid_from": None, "valid_to": dt.date(2026, 12, 31)}
    assert save_signer(by=OFFICE, signer=office, values=ended).valid_to == dt.date(2026, 12, 31)
    for words in ({"name": "Người khác"}, {"title": "Thứ trưởng"}, {"authority": "KT."}):
        with pytest.raises(CertificateError) as refused:
            save_signer(by=OFFICE, signer=Signer.objects.get(), values=ended | words)
        assert refused.value.code == "has_issued"
    with pytest.raises(CertificateError):
        save_body(by=OFFICE, body=office.body, values=BODY | {"name": "Bộ khác"})


def test_a_new_signature_changes_no_certificate_of_the_old_one(run: CourseRun, office: Signer):
    issued = issue_for_run(by=OFFICE, run=run).issued[0]
    before = issued.file.read()
    unchanged = {name: getattr(office, name) for name in SIGNER}
    save_signer(by=OFFICE, signer=office, values=unchanged, signature=picture())
    issued.refresh_from_db()
    assert issued.file.read() == before
    late = make_completion(make_trainee(full_name="Vũ Thị Muộn"), make_run())
    assert issue_for_run(by=OFFICE, run=late.run).issued[0].printed["signature_image"]


def test_the_office_enters_a_body_on_its_page_and_sees_its_seal(office_client, office):
    form = BODY | {"valid_from": "2025-03-01", "valid_to": "", "name": "Cục Chuyển đổi số"}
    with_seal = form | {"seal": SimpleUploadedFile("seal.png", picture())}
    answer = office_client.post(reverse("new_issuing_body"), with_seal)
    assert answer.status_code == 302
    body = IssuingBody.objects.get(name="Cục Chuyển đổi số")
    assert body.seal
    page = office_client.get(reverse("issuers")).content.decode()
    assert body.seal.sha256 in page
    seal = office_client.get(reverse("baked_image", args=[body.seal.sha256]))
    assert seal["Content-Type"] == "image/jpeg"
    assert seal.content.startswith(b"\xff\xd8")


def test_a_bad_picture_is_explained_on_the_page_and_nothing_is_saved(office_client, office):
    form = SIGNER | {
        "valid_from": "",
        "valid_to": "",
        "signature": SimpleUploadedFile("hand.pdf", b"%PDF-1.7 no picture"),
    }
    answer = office_client.post(reverse("new_signer", args=[office.body_id]), form)
    assert answer.status_code == 400
    assert "PNG" in answer.content.decode()
    assert Signer.objects.count() == 1


def test_the_sample_signer_issues_in_development_alone(settings, client):
    call_command("load_reference", verbosity=0)
    sample = Signer.objects.in_force_on(clock.today()).latest_first().first()
    assert sample is not None
    assert sample.is_sample
    assert issuing_signer(None) == sample
    settings.DEVELOPMENT_SIGNING = False
    with pytest.raises(CertificateError) as refused:
        issuing_signer(None)
    assert refused.value.code == "sample_signer"
    assert sample.name in str(refused.value.message)
    assert present_signer() == sample, "a design may still be looked at"


def test_a_signer_whom_the_office_names_is_no_sample_any_more(settings):
    call_command("load_reference", verbosity=0)
    settings.DEVELOPMENT_SIGNING = False
    sample = Signer.objects.filter(is_sample=True, valid_to=None).get()
    values = {
        "title": sample.title, "authority": sample.authority,
        "valid_from": sample.valid_from, "valid_to": None,
    }  # fmt: skip
    save_signer(by=OFFICE, signer=sample, values=values | {"name": sample.name})
    assert Signer.objects.get(pk=sample.pk).is_sample, "nothing was named"
    save_signer(by=OFFICE, signer=sample, values=values | {"name": "Trần Thật"})
    assert issuing_signer(None).name == "Trần Thật"
