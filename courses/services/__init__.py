import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from common.own_addresses import require_own_address
from courses.choices import DayPart, RunState
from courses.errors import CourseError, CourseInputError
from courses.fields import CODE
from courses.models import Course, CourseRun, Session
from courses.services.calendar import record_calendar

LONGEST_RUN = 366  # days: a slip of the pen in a year must not make a timetable of centuries

# Sáng, chiều, tối: four periods, four periods, three periods.
HOURS = {
    DayPart.MORNING: (dt.time(8, 0), dt.time(11, 30)),
    DayPart.AFTERNOON: (dt.time(13, 30), dt.time(17, 0)),
    DayPart.EVENING: (dt.time(18, 30), dt.time(21, 0)),
}


Slot = tuple[dt.datetime, dt.datetime]


@audited("run_opened")
def open_run(
    *,
    by: Actor,
    course: Course,
    code: str,
    starts_on: dt.date,
    ends_on: dt.date,
    capacity: int,
    sessions: int | None = None,
    venue: str = "",
    is_draft: bool = False,
    **details: Any,
) -> CourseRun:
    """Open a run for enrollment, or as a draft, with sessions spread over its days.

    Without ``sessions`` there is one each morning and afternoon; a self-paced run has none. Past
    dates are accepted, because programmes are also recorded afterwards.
    """
    require_code(code)
    require_days(starts_on, ends_on)
    if capacity < 1:
        raise CourseInputError("no_seats", _("A class needs at least one seat."))
    if details.get("is_self_paced"):
        _require_self_paced(course)
        slots = []
    else:
        slots = timetable(starts_on, ends_on, sessions)
    with code_taken(code):
        run = CourseRun.objects.create(
            course=course,
            code=code,
            starts_on=starts_on,
            ends_on=ends_on,
            capacity=capacity,
            venue=venue,
            state=RunState.DRAFT if is_draft else RunState.OPEN,
            **details,
        )
    create_sessions(run, slots)
    record_calendar(run)
    audit_details(run=code, course=course.code, capacity=capacity, sessions=len(slots))
    return run


def _require_self_paced(course: Course) -> None:
    if course.recognised_by_office:
        text = _(
            "The programme office recognises the results of this course class by class: it cannot "
            "be held self-paced."
        )
        raise CourseError("recognised_by_class", text)


def create_sessions(run: CourseRun, slots: Iterable[Slot]) -> list[Session]:
    return Session.objects.bulk_create(
        Session(run=run, number=number, starts_at=start, ends_at=end)
        for number, (start, end) in enumerate(slots, start=1)
    )


@contextmanager
def code_taken(code: str) -> Iterator[None]:
    taken = _("A class with the code %(code)s already exists.") % {"code": code}
    with violation_as(CourseError, "code_taken", taken), transaction.atomic():
        yield


@audited("run_changed")
def change_run(*, by: Actor, run: CourseRun, **changes: Any) -> CourseRun:
    """Change venue, link, last day or enrollment window; fields that are not given stay.

    The first day and the seats have services of their own, because they affect people.
    """
    run = CourseRun.objects.select_for_update().get(pk=run.pk)
    require_unended(run)
    for name, value in changes.items():
        setattr(run, name, value)
    require_days(run.starts_on, run.ends_on)
    last = run.sessions.order_by("-ends_at").values_list("ends_at", flat=True).first()
    if last and last.astimezone(clock.HANOI).date() > run.ends_on:
        raise CourseError(
            "sessions_later", _("A session is after this last day: move or remove it first.")
        )
    run.full_clean(validate_unique=False)
    run.save(update_fields=list(changes))
    record_calendar(run)
    audit_details(run=run.code, changed=sorted(changes))
    return run


def require_unended(run: CourseRun) -> None:
    """Raises CourseError ``run_closed`` once a run is closed or cancelled."""
    if run.state in (RunState.CLOSED, RunState.CANCELLED):
        raise CourseError(
            "run_closed", _("The class %(code)s has been closed.") % {"code": run.code}
        )


def require_code(code: str) -> None:
    try:
        CODE(code)
    except ValidationError as error:
        raise CourseError("bad_code", error.messages[0]) from error
    require_own_address(CourseInputError, code, "run", "rematch_course")


def require_days(starts_on: dt.date, ends_on: dt.date) -> None:
    if ends_on < starts_on:
        raise CourseInputError("ends_before_start", _("A class cannot end before it starts."))
    if (ends_on - starts_on).days > LONGEST_RUN:
        raise CourseInputError(
            "days_do_not_fit", _("A class lasts at most %(days)s days.") % {"days": LONGEST_RUN}
        )


def timetable(starts_on: dt.date, ends_on: dt.date, sessions: int | None = None) -> list[Slot]:
    """Start and end of ``sessions`` meetings, spread evenly with the last on the last day.

    By default two a day.
    """
    days = [starts_on + dt.timedelta(days=n) for n in range((ends_on - starts_on).days + 1)]
    wanted = 2 * len(days) if sessions is None else sessions
    parts = list(DayPart)[: 2 if wanted <= 2 * len(days) else 3]
    slots = [(day, part) for day in days for part in parts]
    if not 1 <= wanted <= len(slots):
        raise CourseInputError(
            "sessions_do_not_fit",
            _("%(sessions)s sessions do not fit: choose 1 to %(most)s for these dates.")
            % {"sessions": wanted, "most": 3 * len(days)},
        )
    if wanted == 1:
        chosen = [slots[-len(parts)]]
    else:
        chosen = [slots[n * (len(slots) - 1) // (wanted - 1)] for n in range(wanted)]
    return [slot(day, part) for day, part in chosen]


def slot(day: dt.date, part: DayPart) -> Slot:
    """Start and end of a part of a day, in Asia/Ho_Chi_Minh."""
    start, end = (dt.datetime.combine(day, time, tzinfo=clock.HANOI) for time in HOURS[part])
    return start, end


def run_by_code(code: str) -> CourseRun:
    """Raises CourseError ``unknown_run``."""
    run = CourseRun.objects.select_related("course").filter(code=code).first()
    if run is None:
        text = _("There is no class with the code %(code)s.")
        raise CourseInputError("unknown_run", text % {"code": code})
    return run


def course_by_code(code: str) -> Course:
    """Raises CourseError ``unknown_course``."""
    course = Course.objects.filter(code=code).first()
    if course is None:
        raise CourseInputError(
            "unknown_course", _("There is no course with the code %(code)s.") % {"code": code}
        )
    return course
