"""What calendars are told of the sessions of a class, with a sequence that grows at each change.

Services that change a timetable record it at once. Whatever else changes one (a title, a shell) is
found by a timed task, which compares every session with what calendars were told of it.
"""

from typing import Any

from django.db import transaction
from django.db.models import Q

from common import clock
from courses.choices import RunState
from courses.models import CalendarEvent, CourseRun, Session
from courses.querysets import CALENDAR_FACTS

BATCH = 200


def record_changes() -> int:
    """A timed task; returns the number of classes whose calendar has changed."""
    changed = Session.objects.missing_in_calendars().values("run")
    over = CalendarEvent.objects.over().values("run")
    found = CourseRun.objects.filter(Q(pk__in=changed) | Q(pk__in=over)).order_by("-pk")
    runs = list(found.values_list("pk", flat=True)[:BATCH])
    for pk in runs:
        with transaction.atomic():
            record_calendar(CourseRun.objects.select_for_update(of=("self",)).get(pk=pk))
    return len(runs)


def record_calendar(run: CourseRun) -> None:
    """Bring the calendar of a class up to date; the caller has locked the class."""
    known = list(run.calendar_events.coming())
    by_session = {event.session_id: event for event in known if event.session_id}
    # A timetable made again has sessions of its own: at the same hours they are the former ones.
    by_hours = {(event.starts_at, event.ends_at): event for event in known if not event.session_id}
    for pk, facts in _sessions(run):
        hours = (facts["starts_at"], facts["ends_at"])
        event = by_session.pop(pk, None) or by_hours.pop(hours, None) or CalendarEvent(run=run)
        _record(event, pk, facts)
    for event in (*by_session.values(), *by_hours.values()):
        _record(event, None, {"cancelled_at": clock.now()})


def _sessions(run: CourseRun) -> list[tuple[int, dict[str, Any]]]:
    """The sessions that take place, with what calendars are to be told of them."""
    if run.state in (RunState.DRAFT, RunState.CANCELLED):
        return []
    rows = run.sessions.values_list("pk", *CALENDAR_FACTS.values())
    return [(pk, dict(zip(CALENDAR_FACTS, facts, strict=True))) for pk, *facts in rows]


def _record(event: CalendarEvent, session_id: int | None, facts: dict[str, Any]) -> None:
    """Store what differs from what was told before, as the next of the event's sequence."""
    has_changed = any(getattr(event, name) != value for name, value in facts.items())
    if event.pk and has_changed:
        event.sequence += 1
        event.changed_at = max(clock.now(), event.changed_at)
    if has_changed or event.session_id != session_id:
        event.session_id = session_id
        for name, value in facts.items():
            setattr(event, name, value)
        event.save()
