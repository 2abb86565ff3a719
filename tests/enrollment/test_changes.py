"""A run that is moved or cancelled leaves a notice for those concerned."""

import datetime as dt
from typing import Any

import pytest

from accounts.services.invitations import address_of
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from common.errors import DomainError
from courses.choices import DayPart
from courses.models import CourseRun
from courses.services.timetables import Pattern
from enrollment.services.enrollments import Nominee, nominate
from enrollment.services.run_changes import cancel_run, move_run, replace_timetable
from enrollment.services.seat_shares import set_share
from notices.models import Notice
from people.models import Trainee
from tests.factories import make_agency, make_run, make_trainee, make_trainer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def before_the_run(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"  # pytest-django puts its own there
    with clock.set_to(dt.date(2026, 3, 1)):
        yield


def a_run_with(*emails: str, **fields: Any) -> CourseRun:
    run, agency = make_run(**fields), make_agency()
    people = [make_trainee(agency, email=email) for email in emails]
    nominees = [Nominee(who.pk) for who in people]
    nominate(by=OFFICE, run=run, sending_agency=agency, nominees=nominees)
    return run


def refused(code: str):
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_everybody_enrolled_or_teaching_is_notified_once() -> None:
    run = a_run_with("a@x.vn", "A@x.vn", "", capacity=1)
    trainer = make_trainer(run)
    assert move_run(by=OFFICE, run=run, starts_on=dt.date(2026, 3, 17)) == 2
    assert set(Notice.objects.values_list("recipient", flat=True)) == {"a@x.vn", trainer.email}
    assert "17/03/2026" in Notice.objects.all()[0].body


def test_everybody_is_written_to_in_their_own_language() -> None:
    run = a_run_with("vi@x.vn")
    make_trainer(run, language="en")
    cancel_run(by=OFFICE, run=run, reason="Bão")
    languages = dict(Notice.objects.values_list("language", "subject"))
    assert set(languages) == {"vi", "en"}
    assert languages["en"] == f"Class {run.code} has been cancelled"


def test_an_account_is_written_to_rather_than_the_address_on_file() -> None:
    run = a_run_with("old@x.vn")
    trainee = run.enrollments.get().trainee
    trainee.user = make_user(email="new@x.vn")
    trainee.save()
    cancel_run(by=OFFICE, run=run, reason="Bão")
    assert Notice.objects.get().recipient == "new@x.vn"


def test_a_person_whose_account_has_no_mailbox_gets_mail_at_their_own_address() -> None:
    run = a_run_with("own@x.vn", "")
    for trainee in Trainee.objects.filter(enrollments__run=run):
        trainee.user = make_user(email=address_of(trainee.code))
        trainee.save()
    cancel_run(by=OFFICE, run=run, reason="Bão")
    mailed = Notice.objects.filter(state="pending")
    assert [notice.recipient for notice in mailed] == ["own@x.vn"]
    assert Notice.objects.exclude(account=None).count() == 2


def test_more_than_ten_recipients_need_confirmation() -> None:
    run = a_run_with(*(f"p{n}@x.vn" for n in range(11)))
    with refused("confirm_recipients"):
        cancel_run(by=OFFICE, run=run, reason="Bão")
    run.refresh_from_db()
    assert (run.state, Notice.objects.count()) == ("open", 0)
    assert cancel_run(by=OFFICE, run=run, reason="Bão", agreed_recipients=11) == 11


def test_cancelling_gives_every_seat_back_and_happens_once() -> None:
    run = a_run_with("a@x.vn", "b@x.vn", capacity=1)
    cancel_run(by=OFFICE, run=run, reason="Bão")
    run.refresh_from_db()
    assert (run.seats_taken, run.cancelled_because) == (0, "Bão")
    assert sum(run.seat_moves.values_list("seats", flat=True)) == 0
    assert set(run.enrollments.values_list("state", flat=True)) == {"cancelled"}
    with refused("run_closed"):
        cancel_run(by=OFFICE, run=run, reason="Bão")
    assert Notice.objects.count() == 2


MORNINGS = Pattern(frozenset({1, 2}), (DayPart.MORNING,))  # Tuesday and Wednesday, 10 and 11 March


def test_a_new_timetable_notifies_each_person_once_and_an_equal_one_nobody() -> None:
    run = a_run_with("a@x.vn", "b@x.vn")
    assert replace_timetable(by=OFFICE, run=run, pattern=MORNINGS) == (2, 2)
    body = Notice.objects.all()[0].body
    assert "10/03/2026" in body
    assert "11/03/2026" in body
    assert replace_timetable(by=OFFICE, run=run, pattern=MORNINGS) == (2, 0)


def test_a_new_timetable_for_more_than_ten_needs_confirmation() -> None:
    run = a_run_with(*(f"p{n}@x.vn" for n in range(11)))
    before = list(run.sessions.values_list("ends_at", flat=True))
    with refused("confirm_recipients"):
        replace_timetable(by=OFFICE, run=run, pattern=MORNINGS)
    assert list(run.sessions.values_list("ends_at", flat=True)) == before
    made = replace_timetable(by=OFFICE, run=run, pattern=MORNINGS, agreed_recipients=11)
    assert made == (2, 11)


def test_the_timetable_of_a_draft_notifies_nobody() -> None:
    run = make_run(state="draft")
    make_trainer(run)
    assert replace_timetable(by=OFFICE, run=run, pattern=MORNINGS) == (2, 0)


def test_moving_a_class_moves_the_release_days_of_seat_shares() -> None:
    run, day = make_run(), dt.date(2026, 3, 5)
    set_share(by=OFFICE, run=run, agency=make_agency(), seats=1, release_on=day)
    move_run(by=OFFICE, run=run, starts_on=dt.date(2026, 3, 8))
    assert run.seat_shares.get().release_on == dt.date(2026, 3, 3)
