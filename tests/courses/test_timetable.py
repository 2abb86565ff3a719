import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.choices import DayPart
from courses.errors import CourseError
from courses.models import CourseRun, Session
from courses.services import open_run
from courses.services.teaching import (
    add_trainer,
    announce,
    copy_run,
    record_decision,
    start_due_runs,
)
from courses.services.timetables import (
    Pattern,
    add_session,
    change_session,
    generate_timetable,
    remove_session,
    reschedule,
)
from enrollment.choices import Mark
from enrollment.services.attendance import mark_everyone
from tests.factories import make_enrollment, make_run, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def at(day: int, hour: int) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, tzinfo=clock.HANOI)


def refused(code: str):
    return pytest.raises(CourseError, check=lambda error: error.code == code)


def week(**fields: Any) -> CourseRun:
    return make_run(
        sessions=0, starts_on=dt.date(2026, 3, 9), ends_on=dt.date(2026, 3, 20), **fields
    )


def test_a_pattern_makes_the_sessions_between_first_and_last_day() -> None:
    pattern = Pattern(
        frozenset({0, 2}),
        (DayPart.AFTERNOON, DayPart.MORNING),
        skip=frozenset({dt.date(2026, 3, 11)}),
    )
    sessions = generate_timetable(by=OFFICE, run=week(), pattern=pattern)
    starts = [session.starts_at.astimezone(clock.HANOI) for session in sessions]
    assert [(s.day, s.hour) for s in starts] == [
        (9, 8), (9, 13), (16, 8), (16, 13), (18, 8), (18, 13),
    ]  # fmt: skip
    assert [session.number for session in sessions] == [1, 2, 3, 4, 5, 6]


def test_a_pattern_without_a_meeting_is_refused() -> None:
    with refused("no_sessions"):
        generate_timetable(
            by=OFFICE, run=week(), pattern=Pattern(frozenset({6}) - {6}, (DayPart.MORNING,))
        )


def test_a_new_pattern_never_drops_a_session_with_attendance() -> None:
    run = make_run()
    make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    with refused("attendance_taken"):
        generate_timetable(
            by=OFFICE, run=run, pattern=Pattern(frozenset(range(7)), (DayPart.MORNING,))
        )
    with refused("attendance_taken"):
        remove_session(by=OFFICE, session=run.sessions.all()[0])
    with refused("attendance_taken"):
        reschedule(by=OFFICE, run=run, starts_on=dt.date(2026, 4, 1))
    assert run.sessions.count() == 2


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (at(9, 10), at(9, 9), "ends_before_start"),
        (at(9, 9), at(9, 12), "sessions_overlap"),
        (at(8, 8), at(8, 9), "outside_the_run"),
        (at(21, 8), at(21, 9), "outside_the_run"),
    ],
)
def test_an_unsound_session_is_refused(starts: dt.datetime, ends: dt.datetime, code: str) -> None:
    run = week()
    add_session(by=OFFICE, run=run, starts_at=at(9, 8), ends_at=at(9, 11))
    with refused(code):
        add_session(by=OFFICE, run=run, starts_at=starts, ends_at=ends)
    assert run.sessions.count() == 1


def test_the_database_itself_refuses_sessions_that_overlap() -> None:
    run = week()
    add_session(by=OFFICE, run=run, starts_at=at(9, 8), ends_at=at(9, 11))
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.create(run=run, number=2, starts_at=at(9, 10), ends_at=at(9, 12))
    second = add_session(by=OFFICE, run=run, starts_at=at(9, 11), ends_at=at(9, 12))
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.filter(pk=second.pk).update(starts_at=at(9, 10))


def test_one_session_is_changed_singly() -> None:
    run = week()
    session = add_session(by=OFFICE, run=run, starts_at=at(9, 8), ends_at=at(9, 11))
    change_session(by=OFFICE, session=session, starts_at=at(9, 9), topic="Dữ liệu mở")
    session.refresh_from_db()
    assert (session.starts_at, session.topic, session.ends_at) == (
        at(9, 9),
        "Dữ liệu mở",
        at(9, 11),
    )
    remove_session(by=OFFICE, session=session)
    assert not run.sessions.exists()


@pytest.mark.parametrize("day", [dt.date(2026, 3, 11), dt.date(2026, 3, 9)])
def test_moving_a_run_moves_its_sessions(day: dt.date) -> None:
    run = make_run()
    shift = day - run.starts_on
    before = list(run.sessions.values_list("starts_at", flat=True))
    run = reschedule(by=OFFICE, run=run, starts_on=day)
    assert list(run.sessions.values_list("starts_at", flat=True)) == [s + shift for s in before]
    assert run.ends_on == dt.date(2026, 3, 11) + shift


def test_a_copy_is_a_draft_with_the_same_timetable_and_trainers() -> None:
    run = make_run(venue="Hà Nội")
    add_trainer(by=OFFICE, run=run, guest_name="GS. Trần Văn A")
    copy = copy_run(by=OFFICE, run=run, code="COPY", starts_on=dt.date(2026, 5, 4))
    assert (copy.state, copy.venue, copy.capacity) == ("draft", "Hà Nội", run.capacity)
    assert [s.starts_at.date() for s in copy.sessions.all()] == [
        dt.date(2026, 5, 4),
        dt.date(2026, 5, 5),
    ]
    assert [str(trainer) for trainer in copy.trainers.all()] == ["GS. Trần Văn A"]
    assert announce(by=OFFICE, run=copy).state == "open"
    with refused("code_taken"):
        copy_run(by=OFFICE, run=run, code="COPY", starts_on=dt.date(2026, 6, 1))


def test_a_trainer_or_guest_who_teaches_elsewhere_at_that_time_gets_a_warning() -> None:
    one, other = make_run(), make_run()
    trainer = make_user("trainer", full_name="Lê Thị B")
    for who in ({"user": trainer}, {"guest_name": "Trần Văn A"}):
        assert add_trainer(by=OFFICE, run=one, **who) == []
    (clash,) = add_trainer(by=OFFICE, run=other, user=trainer)
    assert (clash.name, clash.run_code) == ("Lê Thị B", one.code)
    (clash,) = add_trainer(by=OFFICE, run=other, guest_name="TRẦN văn A")
    assert clash.run_code == one.code


def test_nobody_teaches_twice_in_one_run() -> None:
    run = make_run()
    add_trainer(by=OFFICE, run=run, guest_name="Trần Văn A")
    with refused("already_teaches"):
        add_trainer(by=OFFICE, run=run, guest_name="Trần Văn A")
    with refused("trainer_or_guest"):
        add_trainer(by=OFFICE, run=run)


def test_a_second_decision_of_a_kind_replaces_the_first() -> None:
    run = make_run()
    for number in ("12/QĐ-ABC", "13/QĐ-ABC"):
        record_decision(
            by=OFFICE, run=run, kind="class_opening", number=number, dated=dt.date(2026, 3, 1)
        )
    assert run.decisions.get().number == "13/QĐ-ABC"


@pytest.mark.parametrize("code", ["A/B", "A B", "A?", "A%20"])
def test_a_code_that_fits_no_url_is_refused(code) -> None:
    run = make_run()
    with refused("bad_code"):
        copy_run(by=OFFICE, run=run, code=code, starts_on=dt.date(2026, 4, 1))
    with refused("bad_code"):
        open_run(
            by=OFFICE,
            course=run.course,
            code=code,
            starts_on=run.starts_on,
            ends_on=run.ends_on,
            capacity=1,
        )


def test_an_announced_class_runs_from_its_first_day_on() -> None:
    draft, run = make_run(state="draft"), make_run()
    with clock.set_to(dt.date(2026, 3, 9)):
        assert start_due_runs() == 0
    with clock.set_to(run.starts_on):
        assert (start_due_runs(), start_due_runs()) == (1, 0)
    states = CourseRun.objects.values_list("code", "state")
    assert dict(states) == {draft.code: "draft", run.code: "running"}


def test_a_running_class_moved_to_later_is_open_again() -> None:
    run = make_run()
    with clock.set_to(run.starts_on):
        start_due_runs()
        reschedule(by=OFFICE, run=run, starts_on=dt.date(2026, 4, 1))
    assert CourseRun.objects.get().state == "open"
