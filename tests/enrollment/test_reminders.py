"""Reminders to those whom others wait for: once for each occasion, and never of history."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.choices import Role
from accounts.services.roles import end_role
from audit.services import SYSTEM
from common import clock
from courses.choices import ApprovalPolicy, RunState
from courses.models import CourseRun
from enrollment import message_kinds as kinds
from enrollment.choices import EnrollmentState
from enrollment.models import Attendance
from enrollment.services import reminders
from enrollment.services.enrollments import Nominee, nominate
from enrollment.services.seat_shares import set_share
from notices.models import Notice, SentReminder
from notices.services.messages import Messages
from notices.services.reminders import change_days, claim
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 6, 1)
NOON = dt.datetime(2026, 6, 1, 5, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    with clock.set_to(NOON):
        yield


@pytest.fixture
def agency():
    agency = make_agency("bo-mau", name_vi="Bộ Mẫu", name_en="Sample Ministry")
    make_coordinator(agency, email="coordinator@example.gov.vn")
    return agency


def run_on(days: int, **fields) -> CourseRun:
    """A class of two days that begins so many days from today."""
    starts_on = TODAY + dt.timedelta(days=days)
    return make_run(starts_on=starts_on, ends_on=starts_on + dt.timedelta(days=1), **fields)


def told(kind) -> list[str]:
    found = Notice.objects.filter(kind=kind.name).order_by("id")
    return list(found.values_list("recipient", flat=True))


def text_of(kind) -> str:
    return Notice.objects.filter(kind=kind.name).latest("id").body


def test_coordinators_hear_of_unused_seats_before_enrollment_closes(agency):
    run = run_on(20, capacity=5, enrollment_closes_on=TODAY + dt.timedelta(days=6))
    set_share(by=SYSTEM, run=run, agency=agency, seats=3)
    nominate(by=SYSTEM, run=run, sending_agency=agency, nominees=[Nominee(make_trainee(agency).pk)])
    assert reminders.remind_of_shares() == 0  # six days before
    with clock.set_to(NOON + dt.timedelta(days=1)):
        assert (reminders.remind_of_shares(), reminders.remind_of_shares()) == (1, 0)
    assert told(kinds.SHARE_UNUSED) == ["coordinator@example.gov.vn"]
    assert "Bộ Mẫu còn 2 suất học" in text_of(kinds.SHARE_UNUSED)


def test_a_share_that_is_used_up_or_released_is_not_mentioned(agency):
    run = run_on(4, capacity=5)
    set_share(by=SYSTEM, run=run, agency=agency, seats=1)
    nominate(by=SYSTEM, run=run, sending_agency=agency, nominees=[Nominee(make_trainee(agency).pk)])
    other = run_on(4, capacity=5)
    set_share(by=SYSTEM, run=other, agency=agency, seats=1)
    other.seat_shares.update(released_at=NOON)
    assert reminders.remind_of_shares() == 0


def test_a_share_of_an_agency_without_coordinator_is_told_once_there_is_one():
    run, agency = run_on(4, capacity=5), make_agency("bo-vang")
    set_share(by=SYSTEM, run=run, agency=agency, seats=1)
    assert reminders.remind_of_shares() == 0
    make_coordinator(agency)
    assert reminders.remind_of_shares() == 1


def held_class(agency, days: int) -> CourseRun:
    """A class with one person and one session, in the morning of its first day."""
    run = run_on(days, state=RunState.RUNNING, sessions=1)
    make_enrollment(run, make_trainee(agency), state=EnrollmentState.ENROLLED)
    return run


def test_trainers_hear_once_of_sessions_without_attendance(agency):
    run = held_class(agency, -2)
    make_trainer(run, email="trainer@example.gov.vn")
    assert (reminders.remind_of_attendance(), reminders.remind_of_attendance()) == (1, 0)
    assert told(kinds.ATTENDANCE_MISSING) == ["trainer@example.gov.vn"]
    assert f"/runs/{run.code}/attendance/" in text_of(kinds.ATTENDANCE_MISSING)


def test_a_session_that_was_marked_or_has_just_ended_is_not_mentioned(agency):
    marked = held_class(agency, -2)
    Attendance.objects.create(
        enrollment=marked.enrollments.get(), session=marked.sessions.get(), mark="present"
    )
    for run in (marked, held_class(agency, 0)):
        make_trainer(run, email=f"{run.pk}@example.gov.vn")
    assert reminders.remind_of_attendance() == 0


def test_where_a_class_has_no_trainer_with_an_account_the_office_hears(agency):
    make_user(Role.PROGRAMME_OFFICE, email="office@example.gov.vn")
    held_class(agency, -2)
    assert reminders.remind_of_attendance() == 1
    assert told(kinds.ATTENDANCE_MISSING) == ["office@example.gov.vn"]


def test_where_the_trainer_teaches_no_more_the_office_hears(agency):
    make_user(Role.PROGRAMME_OFFICE, email="office@example.gov.vn")
    end_role(by=SYSTEM, user=make_trainer(held_class(agency, -2)), role=Role.TRAINER)
    assert reminders.remind_of_attendance() == 1
    assert told(kinds.ATTENDANCE_MISSING) == ["office@example.gov.vn"]


def test_trainers_hear_once_of_a_class_that_is_over_and_not_closed(agency):
    run = held_class(agency, -3)
    make_trainer(run, email="trainer@example.gov.vn")
    assert reminders.remind_of_results() == 0  # it ended two days ago
    with clock.set_to(NOON + dt.timedelta(days=1)):
        assert (reminders.remind_of_results(), reminders.remind_of_results()) == (1, 0)
    assert told(kinds.RESULTS_MISSING) == ["trainer@example.gov.vn"]


@pytest.mark.parametrize(
    ("days", "changes"),
    [
        (-120, {}),
        (-10, {"state": RunState.CLOSED}),
        (-10, {"state": RunState.CANCELLED}),
        (-10, {"closing_proposed_at": NOON}),
    ],
)
def test_history_and_classes_that_wait_for_nobody_stay_silent(agency, days, changes):
    run = held_class(agency, days)
    make_trainer(run, email="trainer@example.gov.vn")
    CourseRun.objects.filter(pk=run.pk).update(**changes)
    assert reminders.remind_of_results() == 0
    if "closing_proposed_at" not in changes:
        assert reminders.remind_of_attendance() == 0


def test_approvers_hear_in_one_message_of_those_who_wait_too_long(agency):
    make_user(Role.PROGRAMME_OFFICE, email="office@example.gov.vn")
    runs = [run_on(20, course=make_course(approval=ApprovalPolicy.OFFICE)) for _ in range(2)]
    for run in runs:
        nominate(
            by=SYSTEM, run=run, sending_agency=agency, nominees=[Nominee(make_trainee(agency).pk)]
        )
    assert reminders.remind_of_requests() == 0
    with clock.set_to(NOON + dt.timedelta(days=3)):
        assert (reminders.remind_of_requests(), reminders.remind_of_requests()) == (1, 0)
    assert told(kinds.REQUESTS_WAITING) == ["office@example.gov.vn"]
    assert all(f"- {run.code} " in text_of(kinds.REQUESTS_WAITING) for run in runs)


def test_the_agency_hears_of_requests_that_it_has_to_approve(agency):
    run = run_on(20, course=make_course(approval=ApprovalPolicy.BOTH))
    make_enrollment(run, make_trainee(agency), state=EnrollmentState.REQUESTED)
    with clock.set_to(NOON + dt.timedelta(days=4)):
        reminders.remind_of_requests()
    assert told(kinds.REQUESTS_WAITING) == ["coordinator@example.gov.vn"]


DUTIES: list[tuple[Callable[[], int], object]] = [
    (reminders.remind_of_shares, kinds.SHARE_UNUSED),
    (reminders.remind_of_attendance, kinds.ATTENDANCE_MISSING),
    (reminders.remind_of_results, kinds.RESULTS_MISSING),
    (reminders.remind_of_requests, kinds.REQUESTS_WAITING),
]


@pytest.mark.parametrize(("remind", "kind"), DUTIES)
def test_a_reminder_that_the_office_switched_off_is_not_sent(agency, remind, kind):
    make_trainer(held_class(agency, -10))
    run = run_on(3, capacity=5, course=make_course(approval=ApprovalPolicy.OFFICE))
    set_share(by=SYSTEM, run=run, agency=agency, seats=2)
    make_user(Role.PROGRAMME_OFFICE)
    change_days(by=SYSTEM, kind=kind, days=None)
    assert remind() == 0


def test_a_reminder_whose_round_fails_is_sent_by_the_next(agency, monkeypatch):
    make_trainer(held_class(agency, -10))
    with monkeypatch.context() as broken:
        broken.setattr(Messages, "send", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reminders.remind_of_results()
    assert not SentReminder.objects.exists()
    assert reminders.remind_of_results() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_of_rounds_at_the_same_time_one_claims_each_occasion():
    occasions = [f"{number}:2026-06-01" for number in range(50)]

    def round_() -> set[str]:
        try:
            return claim(kinds.RESULTS_MISSING, occasions)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rounds = [found.result() for found in [pool.submit(round_) for _ in range(4)]]
    assert sorted(one for found in rounds for one in found) == sorted(occasions)
