import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from common.dates import format_date
from courses.choices import DayPart, RunState
from courses.errors import CourseError, CourseInputError
from courses.models import CourseRun, Session
from courses.services import Slot, create_sessions, require_unended, slot
from courses.services.calendar import record_calendar

_DAY = dt.timedelta(days=1)
_WINDOW = ("enrollment_opens_on", "enrollment_closes_on")


@dataclass(frozen=True, slots=True)
class Pattern:
    """``weekdays``: 0 is Monday; ``skip``: days off."""

    weekdays: frozenset[int]
    parts: tuple[DayPart, ...]
    skip: frozenset[dt.date] = field(default=frozenset())

    def slots(self, first: dt.date, last: dt.date) -> list[Slot]:
        days = (first + n * _DAY for n in range((last - first).days + 1))
        return [
            slot(day, part)
            for day in days
            if day.weekday() in self.weekdays and day not in self.skip
            for part in sorted(set(self.parts), key=list(DayPart).index)
        ]


@audited("timetable_generated")
def generate_timetable(*, by: Actor, run: CourseRun, pattern: Pattern) -> list[Session]:
    run = lock_run(run)
    require_unended(run)
    slots = pattern.slots(run.starts_on, run.ends_on)
    if not slots:
        text = _("No session falls within the dates of this class: choose other weekdays.")
        raise CourseError("no_sessions", text)
    with _refused_where_protected(_taken_in_class()), transaction.atomic():
        run.sessions.all().delete()
    sessions = create_sessions(run, slots)
    record_calendar(run)
    audit_details(run=run.code, sessions=len(sessions))
    return sessions


@contextmanager
def _refused_where_protected(reason: str) -> Iterator[None]:
    """Attendance protects its session from being deleted."""
    try:
        yield
    except ProtectedError as error:
        raise CourseError("attendance_taken", reason) from error


def _taken_in_class() -> str:
    return _("Attendance has been taken in this class: change its sessions one by one.")


@audited("session_added")
def add_session(
    *,
    by: Actor,
    run: CourseRun,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    **details: Any,
) -> Session:
    run = lock_run(run)
    require_unended(run)
    last = run.sessions.aggregate(last=Max("number"))["last"] or 0
    session = Session(run=run, number=last + 1, starts_at=starts_at, ends_at=ends_at, **details)
    _require_sound(run, session)
    session.save()
    record_calendar(run)
    audit_details(run=run.code, session=session.number)
    return session


@audited("session_changed")
def change_session(*, by: Actor, session: Session, **changes: Any) -> Session:
    """Change time, topic or whether it is mandatory; fields that are not given stay."""
    run = lock_run(session.run)
    require_unended(run)
    session = run.sessions.get(pk=session.pk)
    for name, value in changes.items():
        setattr(session, name, value)
    _require_sound(run, session)
    session.save()
    record_calendar(run)
    audit_details(run=run.code, session=session.number)
    return session


@audited("session_removed")
def remove_session(*, by: Actor, session: Session) -> None:
    """Raises CourseError ``attendance_taken``."""
    run = lock_run(session.run)
    require_unended(run)
    audit_details(run=run.code, session=session.number)
    taken = _("Attendance has been taken in this session, so it cannot be removed.")
    with _refused_where_protected(taken), transaction.atomic():
        session.delete()
    record_calendar(run)


@audited("run_rescheduled")
def reschedule(*, by: Actor, run: CourseRun, starts_on: dt.date) -> CourseRun:
    run = lock_run(run)
    require_unended(run)
    shift = starts_on - run.starts_on
    if run.sessions.filter(starts_at__lte=clock.now(), attendances__isnull=False).exists():
        raise CourseError("attendance_taken", _taken_in_class())
    run.starts_on, run.ends_on = run.starts_on + shift, run.ends_on + shift
    for name in _WINDOW:
        if day := getattr(run, name):
            setattr(run, name, day + shift)
    if run.state == RunState.RUNNING and run.starts_on > clock.today():
        run.state = RunState.OPEN
    run.save(update_fields=["state", "starts_on", "ends_on", *_WINDOW])
    # In the order in which none meets another on its way: sessions of a run may not overlap.
    for session in run.sessions.order_by("starts_at" if shift < _DAY * 0 else "-starts_at"):
        session.starts_at += shift
        session.ends_at += shift
        session.save(update_fields=["starts_at", "ends_at"])
    record_calendar(run)
    audit_details(run=run.code, starts_on=starts_on.isoformat())
    return run


def _require_sound(run: CourseRun, session: Session) -> None:
    if session.ends_at <= session.starts_at:
        raise CourseInputError("ends_before_start", _("A session cannot end before it starts."))
    days = {
        moment.astimezone(clock.HANOI).date() for moment in (session.starts_at, session.ends_at)
    }
    if min(days) < run.starts_on or max(days) > run.ends_on:
        raise CourseError(
            "outside_the_run",
            _("Sessions must be within the dates of the class, %(first)s to %(last)s.")
            % {"first": format_date(run.starts_on), "last": format_date(run.ends_on)},
        )
    others = run.sessions.exclude(pk=session.pk)
    overlapping = others.filter(starts_at__lt=session.ends_at, ends_at__gt=session.starts_at)
    if other := overlapping.first():
        text = _("This overlaps with session %(number)s.")
        raise CourseError("sessions_overlap", text % {"number": other.number})


def lock_run(run: CourseRun) -> CourseRun:
    """The run with its course, locked until the transaction ends."""
    return CourseRun.objects.select_for_update(of=("self",)).select_related("course").get(pk=run.pk)
