"""Whatever happens to a class, in whatever order: what calendars can rely on."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from common.calendars import Meeting
from common.errors import DomainError
from courses.choices import CalendarScope, DayPart
from courses.models import CourseRun
from courses.services.calendar import record_changes
from courses.services.timetables import Pattern, add_session, change_session, remove_session
from enrollment.models import Enrollment
from enrollment.services.calendar_addresses import create_address
from enrollment.services.calendars import subscribed_meetings
from enrollment.services.enrollments import Nominee, nominate, withdraw
from enrollment.services.run_changes import cancel_run, move_run, replace_timetable
from tests.factories import make_run, make_trainee, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
BEFORE = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)
Action = Callable[[CourseRun, int], Any]


def _create(run: CourseRun, n: int) -> None:
    starts_at = clock.start_of_day(run.starts_on) + dt.timedelta(hours=13 + n)
    add_session(by=OFFICE, run=run, starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=1))


def _move(run: CourseRun, n: int) -> None:
    move_run(by=OFFICE, run=run, starts_on=run.starts_on + dt.timedelta(days=n - 2))


def _lengthen(run: CourseRun, n: int) -> None:
    session = run.sessions.order_by("-starts_at")[0]
    ends_at = session.ends_at + dt.timedelta(minutes=n)
    change_session(by=OFFICE, session=session, ends_at=ends_at)


def _remove(run: CourseRun, n: int) -> None:
    remove_session(by=OFFICE, session=list(run.sessions.all())[n % run.sessions.count()])


def _delete_in_a_shell(run: CourseRun, n: int) -> None:
    run.sessions.order_by("number")[:1].get().delete()


def _replace(run: CourseRun, n: int) -> None:
    parts = (DayPart.MORNING,) if n % 2 else (DayPart.MORNING, DayPart.AFTERNOON)
    replace_timetable(by=OFFICE, run=run, pattern=Pattern(frozenset(range(7)), parts))


def _rename(run: CourseRun, n: int) -> None:
    CourseRun.objects.filter(pk=run.pk).update(venue=f"Phòng {n}")


def _cancel(run: CourseRun, n: int) -> None:
    cancel_run(by=OFFICE, run=run, reason="Ốm")


def _leave(run: CourseRun, n: int) -> None:
    withdraw(by=OFFICE, enrollment=run.enrollments.live().get())


def _come_back(run: CourseRun, n: int) -> None:
    trainee = Enrollment.objects.filter(run=run)[0].trainee
    nominees = [Nominee(trainee.pk)]
    nominate(by=OFFICE, run=run, sending_agency=trainee.agency, nominees=nominees)


ACTIONS: list[Action] = [
    _create, _move, _lengthen, _remove, _delete_in_a_shell, _replace, _rename, _leave, _come_back,
    _cancel,
]  # fmt: skip


def shown(meeting: Meeting) -> tuple[object, ...]:
    """What a calendar shows of an event."""
    hours = (meeting.starts_at, meeting.ends_at)
    return (*hours, meeting.title, meeting.location, meeting.is_cancelled)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 5)), max_size=8))
def test_every_change_has_a_higher_sequence_and_no_removed_session_goes_on(steps):
    with clock.set_to(BEFORE), transaction.atomic():
        _perform(steps)
        transaction.set_rollback(True)


def _perform(steps: list[tuple[Action, int]]) -> None:
    run, user = make_run(), make_user(Role.TRAINEE)
    trainee = make_trainee(user=user)
    nominees = [Nominee(trainee.pk)]
    nominate(by=OFFICE, run=run, sending_agency=trainee.agency, nominees=nominees)
    address, _token = create_address(by=OFFICE, user=user, scope=CalendarScope.OWN)
    before: dict[str, Meeting] = {}
    for action, n in steps:
        run.refresh_from_db()
        with suppress(DomainError, ObjectDoesNotExist, IndexError, ZeroDivisionError):
            action(run, n)
        record_changes()
        after = {one.uid: one for one in subscribed_meetings(address)}
        # Nothing vanishes at once: a calendar would go on showing it.
        assert set(before) <= set(after)
        for uid, former in before.items():
            _compare(former, after[uid])
        has_seat = run.enrollments.holding_a_seat().exists()
        sessions = [str(one.calendar_event.uid) for one in run.sessions.all()] if has_seat else []
        live = [meeting.uid for meeting in after.values() if not meeting.is_cancelled]
        assert sorted(live) == sorted(sessions)
        assert not run.calendar_events.exclude(cancelled_at=None).exclude(session=None).exists()
        before = after


def _compare(before: Meeting, after: Meeting) -> None:
    assert after.sequence >= before.sequence
    assert after.changed_at >= before.changed_at
    if shown(after) != shown(before):
        assert after.sequence > before.sequence
    elif not after.is_cancelled:
        assert after.sequence == before.sequence
