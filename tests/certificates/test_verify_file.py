"""A file that is ours, was edited, or contains a part of ours."""

import datetime as dt
import io
import subprocess

import pikepdf
import pytest

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate
from certificates.services.issuance import unsigned_form
from certificates.services.verification import verify_file
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_run, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate(run) -> Certificate:
    return issue_for_run(by=OFFICE, run=run).issued[0]


@pytest.fixture
def content(certificate) -> bytes:
    with certificate.file.open() as file:
        return bytes(file.read())


def saved_anew(content: bytes, change) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        output = io.BytesIO()
        pdf.save(output)
    return output.getvalue()


def without_code(pdf) -> None:
    """Nothing left of the page and its keywords: only what is attached."""
    pdf.pages[0].Contents = pdf.make_stream(b"")
    del pdf.trailer["/Info"]
    del pdf.Root["/Metadata"]


def without_words(pdf) -> None:
    pdf.pages[0].Contents = pdf.make_stream(b"")


def test_a_file_that_was_saved_again_is_altered_though_its_text_is_the_same(content) -> None:
    found = verify_file(saved_anew(content, lambda pdf: None))
    assert found.evidence
    assert (found.state, found.differences) == ("altered", [])
    assert found.evidence.credential is True
    assert found.evidence.signature is not True


def test_words_added_to_a_file_are_shown(content) -> None:
    def stamp(pdf) -> None:
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        pdf.pages[0].Resources.Font.F99 = font
        pdf.pages[0].contents_add(b"BT /F99 18 Tf 300 300 Td (With distinction) Tj ET")

    found = verify_file(saved_anew(content, stamp))
    assert found.state == "altered"
    assert " ".join(one.in_file for one in found.differences) == "With distinction"


def test_a_text_that_is_gone_is_named(content, certificate) -> None:
    found = verify_file(saved_anew(content, without_words))
    labels = {one.label: one.issued for one in found.differences}
    assert certificate.printed["full_name"] in labels.values()


def test_a_different_birth_date_is_reported_but_never_shown(office) -> None:
    person = make_trainee(full_name="Lê An", birth_date=dt.date(1985, 3, 5))
    run = make_completion(person, make_run()).run
    with issue_for_run(by=OFFICE, run=run).issued[0].file.open() as file:
        differences = verify_file(saved_anew(file.read(), without_words)).differences
    assert ("Ngày sinh", "", "") in [(one.label, one.issued, one.in_file) for one in differences]
    assert "1985" not in str(differences)


def test_a_credential_of_ours_in_a_stranger_s_file_makes_it_altered(content) -> None:
    found = verify_file(saved_anew(content, without_code))
    assert (found.state, found.certificate) == ("altered", None)


def test_an_edited_file_is_compared_even_if_ours_is_lost(content, certificate) -> None:
    edited = saved_anew(content, without_words)
    certificate.file.storage.delete(certificate.file.name)
    found = verify_file(edited)
    assert found.state == "altered"
    assert certificate.printed["full_name"] in [one.issued for one in found.differences]


def test_the_unsigned_form_is_not_the_certificate(certificate) -> None:
    assert verify_file(unsigned_form(certificate)).state == "altered"


def test_a_page_printed_to_pdf_again_is_altered(content, tmp_path) -> None:
    path = tmp_path / "one.pdf"
    path.write_bytes(content)
    subprocess.run(["pdftocairo", "-pdf", path, tmp_path / "two.pdf"], check=True)
    assert verify_file((tmp_path / "two.pdf").read_bytes()).state == "altered"


def test_a_file_of_noise_is_unknown(content) -> None:
    assert verify_file(b"%PDF-1.7\n" + bytes(range(256)) * 50).state == "unknown"


def test_a_file_is_checked_without_a_trace_in_the_record_by_the_service(content) -> None:
    before = AuditEntry.objects.count()
    verify_file(content)
    assert AuditEntry.objects.count() == before
