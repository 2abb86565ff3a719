"""A duplicate of a lost certificate repeats it, marked; a reissue corrects it."""

import hashlib
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.choices import Role
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import KeyUse, SignedBy
from certificates.errors import CertificateError
from certificates.models import Certificate, Duplicate, IssuingTerms, Key, RegisterYear
from certificates.register_documents import register_rows
from certificates.services import corrections, keys, privacy
from certificates.services.duplicates import number_duplicate, write_duplicate
from certificates.services.verification import FileState, verify_file
from common import clock
from common.personal_data import Subject
from tests.certificates.steps import duplicate_of, issue_for_run
from tests.factories import make_user
from tests.pdfs import letters_of, page_count
from tests.validators.vera import broken_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost(run) -> Certificate:
    return issue_for_run(by=OFFICE, run=run).issued[0]


@pytest.fixture
def duplicate(lost) -> Duplicate:
    return duplicate_of(lost, "Mất khi chuyển cơ quan")


def test_it_repeats_number_and_words_and_is_marked(lost, duplicate):
    first, again = letters_of(lost.file.read()), letters_of(duplicate.file.read())
    assert again.replace("BẢNCẤPLẠILẦN1,NGÀY", "") != again
    assert lost.register_label in again
    assert lost.verification_code in again
    assert lost.printed["full_name"].replace(" ", "") in again
    assert "BẢNCẤPLẠI" not in first
    lost.refresh_from_db()
    assert (lost.state, lost.superseded_by) == ("issued", None)
    assert RegisterYear.objects.get().last_number == 3


def test_the_second_one_says_so_and_each_is_on_record(lost, duplicate):
    second = duplicate_of(lost, "Mất lần nữa")
    assert "LẦN2" in letters_of(second.file.read())
    details = [one.details for one in AuditEntry.objects.filter(action="certificate_duplicated")]
    assert [one["number"] for one in details] == [1, 2]
    assert Duplicate.objects.earliest("number").issued_by == OFFICE.label


def test_it_is_signed_and_valid_pdf_a_on_one_page(duplicate):
    path = Path(duplicate.file.path)
    assert {key: rules for key, rules in broken_rules([path]).items() if rules} == {}
    assert page_count(path) == 1
    found = verify_file(path.read_bytes())
    assert found.evidence is not None
    assert (found.state, found.evidence.signature) == (FileState.VALID, True)
    assert found.certificate == duplicate.certificate


def test_verification_tells_everybody_of_it(client, lost, duplicate):
    page = client.get(f"/verify/{lost.verification_code}", headers={"Accept-Language": "en"})
    assert "1 duplicate was issued" in page.content.decode()
    assert "Mất khi chuyển" not in page.content.decode()
    data = client.get(f"/verify/{lost.verification_code}", headers={"Accept": "application/json"})
    assert data.json()["duplicates"] == 1


def test_the_register_says_so(lost, duplicate):
    (row,) = register_rows([lost])
    assert row["state"].startswith("Cấp lại lần 1 ")


def test_what_is_no_longer_valid_has_no_duplicate(lost):
    corrections.revoke(by=OFFICE, certificate=lost, reason="Nhầm")
    with pytest.raises(CertificateError, check=lambda error: error.code == "not_live"):
        number_duplicate(by=OFFICE, certificate=lost, reason="Mất")
    assert not Duplicate.objects.exists()


def test_what_was_not_signed_with_a_key_of_ours_needs_none_that_is_valid(run):
    IssuingTerms.objects.create(run=run, signed_by=SignedBy.NOBODY)
    lost = issue_for_run(by=OFFICE, run=run).issued[0]
    Key.objects.filter(use=KeyUse.SIGNATURE).update(valid_to=clock.now())
    found = verify_file(duplicate_of(lost).file.read())
    assert found.evidence is not None
    assert (found.state, found.evidence.signature) == (FileState.VALID, None)


def test_what_was_signed_with_a_key_of_ours_has_no_duplicate_without_signature(lost):
    keys.retire_key(by=OFFICE, key=Key.objects.get(use=KeyUse.SIGNATURE))
    with pytest.raises(CertificateError, check=lambda error: error.code == "no_signing_key"):
        number_duplicate(by=OFFICE, certificate=lost, reason="Mất")
    assert not Duplicate.objects.exists()


def test_what_still_waits_for_its_signature_was_not_lost(run):
    IssuingTerms.objects.create(run=run, signed_by=SignedBy.OUTSIDE)
    waiting = issue_for_run(by=OFFICE, run=run).issued[0]
    with pytest.raises(CertificateError, check=lambda error: error.code == "not_live"):
        number_duplicate(by=OFFICE, certificate=waiting, reason="Mất")


def test_without_a_reason_there_is_none(lost):
    with pytest.raises(CertificateError, check=lambda error: error.code == "reason_missing"):
        number_duplicate(by=OFFICE, certificate=lost, reason="  ")


def test_the_office_issues_it_on_the_page_and_its_holder_downloads_it(office_client, client, lost):
    user = make_user(Role.TRAINEE)
    address = reverse("certificate", args=[lost.verification_code])
    office_client.post(address, {"action": "duplicate", "reason": "Mất"})
    write_duplicate(lost.duplicates.get())
    trainee = lost.completion.trainee
    trainee.user = user
    trainee.save()
    client.force_login(user)
    assert "Mất" not in client.get(address).content.decode()
    copy = reverse("duplicate_file", args=[lost.verification_code, 1])
    content = b"".join(client.get(copy).streaming_content)
    assert hashlib.sha256(content).hexdigest() == Duplicate.objects.get().sha256
    client.force_login(make_user(Role.TRAINEE))
    assert client.get(copy).status_code == 404


def test_the_command_issues_one(lost):
    call_command("issue_duplicate", lost.verification_code, "Mất")
    assert Duplicate.objects.get().certificate == lost


def test_erasing_the_holder_takes_its_file_and_leaves_its_hash(lost, duplicate):
    person = lost.completion.trainee
    privacy.erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    duplicate.refresh_from_db()
    assert (duplicate.file.name, bool(duplicate.sha256)) == ("", True)
