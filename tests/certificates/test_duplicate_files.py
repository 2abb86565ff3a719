"""The file of a duplicate is made by a job, with its time stamp, after its number is on record."""

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.choices import Role
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import DuplicateState
from certificates.errors import CertificateError
from certificates.models import Certificate, Duplicate
from certificates.register_documents import register_rows
from certificates.services import corrections, privacy
from certificates.services.duplicates import issue_duplicate, number_duplicate, write_duplicate
from certificates.services.verification import verify_file
from common import time_stamps
from common.personal_data import Subject
from tests.certificates.authorities import LIES, stamped_on
from tests.certificates.steps import duplicate_of, issue_for_run
from tests.certificates.test_killed_batch import rehearse
from tests.factories import make_user
from tests.pdfs import letters_of


@pytest.fixture
def lost(run) -> Certificate:
    return issue_for_run(by=OFFICE, run=run).issued[0]


def ask(lost: Certificate, reason: str = "Mất") -> Duplicate:
    """Where the test is one transaction, the job waits until it is over."""
    issue_duplicate(by=OFFICE, certificate=lost, reason=reason, owner=None)
    return lost.duplicates.latest("number")


def address_of(lost: Certificate) -> str:
    return reverse("certificate", args=[lost.verification_code])


@pytest.fixture
def holder_client(client, lost):
    trainee = lost.completion.trainee
    trainee.user = make_user(Role.TRAINEE)
    trainee.save()
    client.force_login(trainee.user)
    return client


# Until it is made -------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["holder_client", "office_client"])
@pytest.mark.parametrize(
    ("language", "sentence"), [("vi", "Tệp đang được tạo"), ("en", "The file is being made")]
)
def test_pages_say_that_it_is_being_made(request, lost, who, language, sentence):
    ask(lost)
    client = request.getfixturevalue(who)
    page = client.get(address_of(lost), headers={"Accept-Language": language}).content.decode()
    assert sentence in page
    assert 'hx-trigger="every 2s"' in page
    assert reverse("duplicate_file", args=[lost.verification_code, 1]) not in page


@pytest.mark.django_db
def test_no_request_asks_the_authority(office_client, lost, settings, odd):
    watched = odd(lambda reply: reply)
    settings.TSA_URL = watched.url
    office_client.post(address_of(lost), {"action": "duplicate", "reason": "Mất"})
    duplicate = lost.duplicates.get()
    assert (duplicate.state, watched.asked) == (DuplicateState.BEING_MADE, 0)
    write_duplicate(duplicate)
    assert watched.asked == 1
    assert stamped_on(duplicate.file.read())


@pytest.mark.django_db
def test_nobody_is_told_of_a_duplicate_that_is_not_made(client, lost):
    ask(lost)
    found = client.get(
        f"/verify/{lost.verification_code}", headers={"Accept": "application/json"}
    ).json()
    assert found["duplicates"] == 0
    (row,) = register_rows([lost])
    assert row["state"] == ""


@pytest.mark.django_db
@pytest.mark.both_engines
def test_a_second_one_cannot_be_asked_for_meanwhile(lost):
    ask(lost)
    with pytest.raises(CertificateError, check=lambda error: error.code == "being_made"):
        ask(lost)
    assert lost.duplicates.count() == 1


# Made -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_the_job_makes_it_with_its_time_stamp(lost, settings, authority):
    settings.TSA_URL = authority
    duplicate = ask(lost)
    content = duplicate.file.read()
    assert duplicate.state == DuplicateState.MADE
    assert stamped_on(content)
    assert "BẢNCẤPLẠILẦN1" in letters_of(content)
    assert verify_file(content).state == "valid"


@pytest.mark.django_db
@pytest.mark.both_engines
def test_two_that_make_it_at_once_leave_one_file(lost):
    ask(lost)
    first, second = (lost.duplicates.get() for _ in range(2))
    write_duplicate(first)
    write_duplicate(second)
    assert second.sha256 == first.sha256 == lost.duplicates.get().sha256
    assert verify_file(second.file.read()).state == "valid"


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_its_hash_is_written_once(lost):
    made = duplicate_of(lost)
    with pytest.raises(DatabaseError), transaction.atomic():
        Duplicate.objects.filter(pk=made.pk).update(sha256="0" * 64)


def test_a_worker_killed_while_the_authority_hangs_leaves_nothing_half_made(tmp_path):
    seen = rehearse(tmp_path, "kill-duplicate", 1)
    assert seen["after_the_kill"] == {"made": 0, "files": 1}
    assert seen["in_the_end"] == {"numbers": [1], "made": 1, "files": 2, "state": "valid"}


# An authority that hangs or lies ----------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
@pytest.mark.parametrize("behaviour", LIES)
def test_without_its_time_stamp_it_is_not_made_and_later_keeps_its_number(
    lost, settings, odd, authority, monkeypatch, behaviour
):
    settings.TSA_URL = odd(behaviour).url
    failed = ask(lost, "Mất khi chuyển nhà")
    assert (failed.state, failed.sha256, failed.file.name) == (DuplicateState.NOT_MADE, "", "")
    assert "thời gian" in failed.problem

    settings.TSA_URL = authority
    monkeypatch.setattr(time_stamps, "READ_SECONDS", 9)
    again = ask(lost, "")
    assert (again.pk, again.number, again.state) == (failed.pk, 1, DuplicateState.MADE)
    assert (again.issued_at, again.reason) == (failed.issued_at, "Mất khi chuyển nhà")
    assert stamped_on(again.file.read())
    assert AuditEntry.objects.filter(action="certificate_duplicated").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_office_reads_why_and_tries_again(office_client, lost, settings):
    settings.TSA_URL = "http://127.0.0.1:9/"
    ask(lost)
    page = office_client.get(address_of(lost), headers={"Accept-Language": "en"}).content.decode()
    assert "did not issue a time stamp" in page
    assert "Issue a duplicate" not in page
    settings.TSA_URL = ""
    office_client.post(address_of(lost), {"action": "duplicate"})
    assert lost.duplicates.get().state == DuplicateState.MADE


@pytest.mark.django_db(transaction=True)
def test_the_holder_reads_that_it_is_not_made_yet(holder_client, lost, settings):
    settings.TSA_URL = "http://127.0.0.1:9/"
    ask(lost)
    page = holder_client.get(address_of(lost), headers={"Accept-Language": "en"}).content.decode()
    assert "not made yet" in page
    assert "did not issue a time stamp" not in page
    assert "Try again" not in page


@pytest.mark.django_db
def test_the_command_repeated_makes_the_same_one(lost, settings):
    settings.TSA_URL = "http://127.0.0.1:9/"
    for _ in range(2):
        with pytest.raises(CommandError):
            call_command("issue_duplicate", lost.verification_code, "Mất")
    settings.TSA_URL = ""
    call_command("issue_duplicate", lost.verification_code, "Mất")
    assert [(one.number, one.state) for one in lost.duplicates.all()] == [(1, "made")]


# What happens meanwhile -------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_revoked_meanwhile_has_none(lost):
    duplicate = number_duplicate(by=OFFICE, certificate=lost, reason="Mất")
    corrections.revoke(by=OFFICE, certificate=lost, reason="Nhầm")
    with pytest.raises(CertificateError, check=lambda error: error.code == "not_live"):
        write_duplicate(lost.duplicates.get())
    duplicate.refresh_from_db()
    assert duplicate.file.name == ""


@pytest.mark.django_db
def test_what_is_erased_meanwhile_has_none(lost):
    ask(lost)
    person = lost.completion.trainee
    privacy.erase(Subject(code=person.code, trainee_ids=(person.pk,)))
    with pytest.raises(CertificateError, check=lambda error: error.code == "not_live"):
        write_duplicate(lost.duplicates.get())
