"""Whoever cannot be mailed is written a letter, which their coordinator prints."""

import datetime as dt

import pytest

from accounts.models import NO_MAILBOX
from audit.services import SYSTEM
from common import clock
from enrollment.services.announcements import announce, remind
from enrollment.services.enrollments import Nominee, nominate
from enrollment.services.run_changes import cancel_run, move_run
from notices.models import Notice, NoticeState
from people.models import Letter, TransferRequest
from people.services.letters import print_letters, write_letters_for_failed_mail
from people.services.transfer_notices import tell_asked
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    with clock.set_to(NOW):
        yield


@pytest.fixture
def agency():
    return make_agency("bo-mau")


@pytest.fixture
def person(agency):
    return make_trainee(agency, full_name="Lê Thị Hoa")


def test_whoever_has_no_address_is_told_of_their_enrollment_by_letter_once(agency, person):
    nominate(
        by=SYSTEM, run=make_run(code="LOP-1"), sending_agency=agency, nominees=[Nominee(person.pk)]
    )
    announce(), announce()
    letter = person.letters.get()
    assert letter.kind == "enrollment_enrolled"
    assert "LOP-1" in letter.subject
    assert "Lê Thị Hoa" in letter.body


def test_reminders_moves_and_cancellations_become_letters_too(person):
    run = make_run(starts_on=dt.date(2026, 3, 3), ends_on=dt.date(2026, 3, 4))
    make_enrollment(run, person, announced_state="enrolled")
    remind()
    move_run(by=SYSTEM, run=run, starts_on=dt.date(2026, 4, 3))
    cancel_run(by=SYSTEM, run=run, reason="Giảng viên ốm")
    kinds = list(person.letters.order_by("id").values_list("kind", flat=True))
    assert kinds == ["class_reminder", "run_moved", "run_cancelled"]
    assert "Giảng viên ốm" in person.letters.latest("id").body


def test_a_request_for_a_transfer_becomes_a_letter(person):
    asked = TransferRequest.objects.create(trainee=person, to_agency=make_agency())
    tell_asked(asked.to_agency, [asked])
    assert person.letters.count() == 1


def test_whoever_has_an_address_gets_no_letter(agency):
    person = make_trainee(agency, email="hoa@example.gov.vn")
    nominate(by=SYSTEM, run=make_run(), sending_agency=agency, nominees=[Nominee(person.pk)])
    announce()
    assert not Letter.objects.exists()


def test_an_account_without_a_mailbox_counts_as_no_address(agency):
    user = make_user("trainee", email=f"hv-1{NO_MAILBOX}")
    person = make_trainee(agency, user=user)
    nominate(by=SYSTEM, run=make_run(), sending_agency=agency, nominees=[Nominee(person.pk)])
    announce()
    assert person.letters.count() == 1


def failed(address, **fields):
    values = {"subject": "Lớp 1", "body": "Kính gửi ông/bà Lê Thị Hoa", "thread": "class-1"}
    return Notice.objects.create(recipient=address, state=NoticeState.FAILED, **(values | fields))


@pytest.mark.both_engines
def test_mail_that_could_not_be_delivered_becomes_one_letter(agency):
    person = make_trainee(agency, email="Hoa@example.gov.vn")
    notice = failed("hoa@example.gov.vn")
    assert [write_letters_for_failed_mail() for _try in range(2)] == [1, 0]
    letter = person.letters.get()
    assert (letter.notice, letter.body) == (notice, notice.body)


def test_of_several_people_with_one_address_the_one_who_is_named_gets_the_letter(agency):
    named = make_trainee(agency, email="don.vi@example.gov.vn", full_name="Lê Thị Hoa")
    make_trainee(agency, email="don.vi@example.gov.vn", full_name="Trần Bình")
    failed("don.vi@example.gov.vn")
    write_letters_for_failed_mail()
    assert Letter.objects.get().trainee == named


def test_mail_to_coordinators_and_mail_about_accounts_becomes_no_letter(agency):
    make_trainee(agency, email="hoa@example.gov.vn")
    for kind in ("agency_summary", "attendance_missing", "seat_share_unused", "requests_waiting"):
        failed("hoa@example.gov.vn", kind=kind)
    failed("hoa@example.gov.vn", thread="", body="[[link]]")
    assert write_letters_for_failed_mail() == 0


def test_a_letter_is_not_needed_once_its_mail_arrived(agency):
    make_trainee(agency, email="hoa@example.gov.vn")
    notice = failed("hoa@example.gov.vn")
    write_letters_for_failed_mail()
    assert Letter.objects.to_print().count() == 1
    Notice.objects.filter(pk=notice.pk).update(state=NoticeState.SENT)
    assert Letter.objects.to_print().count() == 0


def test_printing_marks_with_the_first_day_and_prints_again(agency, person):
    Letter.objects.create(trainee=person, subject="a", body="b")
    by = make_coordinator(agency).as_actor()
    print_letters(by=by, letters=Letter.objects.all())
    with clock.set_to(NOW + dt.timedelta(days=3)):
        assert len(print_letters(by=SYSTEM, letters=Letter.objects.all())) == 1
    letter = Letter.objects.get()
    assert (letter.printed_at, letter.printed_by) == (NOW, by.label)
