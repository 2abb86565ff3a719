"""Checking in with the code on the screen, and attendance that is changed later."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from common.errors import DomainError
from courses.models import Session
from enrollment.choices import Evidence, Mark
from enrollment.models import Attendance, Enrollment
from enrollment.services.attendance import mark_one, record_attendance
from enrollment.services.check_in import (
    check_in,
    current_code,
    enrollment_by_name,
    session_of_ticket,
    ticket_for,
)
from enrollment.sheets import SessionMark
from tests.factories import make_enrollment, make_run, make_trainee, make_trainer

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
START = dt.datetime(2026, 3, 10, 8, tzinfo=clock.HANOI)
MINUTE = dt.timedelta(minutes=1)


def refused(code: str):
    return pytest.raises(DomainError, check=lambda error: error.code == code)


@pytest.fixture
def enrollment() -> Enrollment:
    return make_enrollment(make_run())


@pytest.fixture
def session(enrollment: Enrollment) -> Session:
    return enrollment.run.sessions.get(number=1)


@pytest.mark.parametrize(
    ("minutes", "mark"), [(-15, "present"), (15, "present"), (16, "late"), (180, "late")]
)
def test_whoever_scans_in_time_is_present_and_later_late(
    enrollment, session, minutes, mark
) -> None:
    with clock.set_to(START + minutes * MINUTE):
        found, ticket = ticket_for(current_code(session))
        check_in(by=OFFICE, session=session_of_ticket(ticket), enrollment=enrollment)
    attendance = Attendance.objects.get()
    assert (attendance.mark, attendance.evidence, found) == (mark, "qr_check_in", session)


@pytest.mark.parametrize(("minutes", "code"), [(-16, "too_early"), (181, "session_over")])
def test_check_in_is_closed_before_and_after_the_session(
    enrollment, session, minutes, code
) -> None:
    with clock.set_to(START + minutes * MINUTE):
        with refused(code):
            current_code(session)
        with refused(code):
            check_in(by=OFFICE, session=session, enrollment=enrollment)
    assert not Attendance.objects.exists()


def test_nobody_checks_in_twice(enrollment, session) -> None:
    with clock.set_to(START):
        check_in(by=OFFICE, session=session, enrollment=enrollment)
        with refused("already_checked_in"):
            check_in(by=OFFICE, session=session, enrollment=enrollment)


@pytest.mark.parametrize("later", [2 * MINUTE, dt.timedelta(days=1)])
def test_the_code_of_an_earlier_minute_or_day_is_refused(session, later) -> None:
    with clock.set_to(START):
        code = current_code(session)
    with clock.set_to(START + later), refused("old_code"):
        ticket_for(code)


def test_a_ticket_lasts_five_minutes(session) -> None:
    with clock.set_to(START):
        _session, ticket = ticket_for(current_code(session))
    with clock.set_to(START + 6 * MINUTE), refused("old_code"):
        session_of_ticket(ticket)


def test_the_code_of_another_session_marks_nobody_here(enrollment, session) -> None:
    other = make_run()
    with clock.set_to(START):
        found, _ticket = ticket_for(current_code(other.sessions.get(number=1)))
        with refused("no_seat"):
            check_in(by=OFFICE, session=found, enrollment=enrollment)
    assert not Attendance.objects.exists()


@pytest.mark.parametrize("code", ["", "1.2", "1.29000000:forged", "x" * 500])
def test_a_forged_code_is_refused(code) -> None:
    with refused("bad_code"):
        ticket_for(code)
    with refused("bad_code"):
        session_of_ticket(code)


def test_a_ticket_is_no_code_and_a_code_no_ticket(session) -> None:
    with clock.set_to(START):
        code = current_code(session)
        _session, ticket = ticket_for(code)
        with refused("bad_code"):
            ticket_for(ticket)
        with refused("bad_code"):
            session_of_ticket(code)


def test_without_an_account_name_and_last_three_digits_are_enough() -> None:
    run = make_run()
    who = make_trainee(full_name="Nguyễn Thị Hoà", personal_number="001085000234")
    enrollment = make_enrollment(run, who)
    make_enrollment(run, make_trainee(full_name="Nguyễn Thị Hoà", personal_number="001085000999"))
    session = run.sessions.get(number=1)
    assert enrollment_by_name(session, name="nguyễn thị hòa", last_digits="234") == enrollment
    for name, digits in (("Nguyễn Thị Hoà", "111"), ("Ai Đó", "234"), ("Nguyễn Thị Hoà", "")):
        with refused("not_found"):
            enrollment_by_name(session, name=name, last_digits=digits)


def test_who_waits_for_a_seat_cannot_check_in(session) -> None:
    waiting = make_enrollment(session.run, state="waitlisted", waiting_number=1)
    with clock.set_to(START), refused("no_seat"):
        check_in(by=OFFICE, session=session, enrollment=waiting)


def mark(enrollment: Enrollment, session: Session, value: str) -> None:
    mark_one(
        by=OFFICE,
        enrollments=Enrollment.objects.all(),
        enrollment_id=enrollment.pk,
        session_id=session.pk,
        mark=Mark(value),
    )


def test_a_late_change_keeps_the_earlier_mark(enrollment, session) -> None:
    with clock.set_to(START):
        check_in(by=OFFICE, session=session, enrollment=enrollment)
    mark(enrollment, session, "absent")
    record_attendance(
        by=OFFICE,
        run=enrollment.run,
        marks=[SessionMark(enrollment.pk, session.pk, "excused")],
        evidence=Evidence.SIGNED_SHEET,
    )
    attendance = Attendance.objects.get()
    assert (attendance.mark, attendance.evidence) == ("excused", "signed_sheet")
    assert [(line["mark"], line["evidence"]) for line in attendance.earlier] == [
        ("present", "qr_check_in"),
        ("absent", "trainers_mark"),
    ]
    assert AuditEntry.objects.get(action="attendance_marked").details["was"] == "present"


def test_repeating_a_mark_adds_no_history(enrollment, session) -> None:
    mark(enrollment, session, "present")
    mark(enrollment, session, "present")
    assert Attendance.objects.get().earlier == []


def test_a_trainer_marks_only_in_runs_that_are_theirs(enrollment, session) -> None:
    mine, stranger = make_trainer(enrollment.run), make_trainer(make_run())
    assert Enrollment.objects.markable_by(mine).get() == enrollment
    outcome = mark_one(
        by=stranger.as_actor(),
        enrollments=Enrollment.objects.markable_by(stranger),
        enrollment_id=enrollment.pk,
        session_id=session.pk,
        mark=Mark.PRESENT,
    )
    assert outcome is None
    assert not Attendance.objects.exists()


def test_a_mark_before_the_session_or_in_a_closed_run_is_refused(enrollment, session) -> None:
    with clock.set_to(START - MINUTE), refused("session_not_begun"):
        mark(enrollment, session, "present")
    enrollment.run.state = "closed"
    enrollment.run.save()
    with refused("run_closed"):
        mark(enrollment, session, "present")
