"""Deeds about runs: opening one with its timetable."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from common import clock
from courses.errors import CourseError
from courses.models import Course, CourseRun, Session

# Sáng, chiều, tối: four periods, four periods, three periods.
_MORNING = (dt.time(8, 0), dt.time(11, 30))
_AFTERNOON = (dt.time(13, 30), dt.time(17, 0))
_EVENING = (dt.time(18, 30), dt.time(21, 0))


@deed("run_opened")
def open_run(
    *,
    by: Actor,
    course: Course,
    code: str,
    starts_on: dt.date,
    ends_on: dt.date,
    capacity: int,
    sessions: int | None = None,
    place: str = "",
) -> CourseRun:
    """Open a run for enrollment, with its sessions spread over its days.

    Without ``sessions`` there is one each morning and afternoon. Past dates are accepted:
    programmes are recorded after the fact too.
    """
    if ends_on < starts_on:
        raise CourseError("ends_before_start", _("A class cannot end before it starts."))
    if capacity < 1:
        raise CourseError("no_seats", _("A class needs at least one seat."))
    slots = timetable(starts_on, ends_on, sessions)
    try:
        with transaction.atomic():
            run = CourseRun.objects.create(
                course=course,
                code=code,
                starts_on=starts_on,
                ends_on=ends_on,
                capacity=capacity,
                place=place,
            )
    except IntegrityError as error:
        raise CourseError(
            "code_taken", _("There is already a class with the code %(code)s.") % {"code": code}
        ) from error
    Session.objects.bulk_create(
        Session(run=run, number=number, starts_at=start, ends_at=end)
        for number, (start, end) in enumerate(slots, start=1)
    )
    note(run=code, course=course.code, capacity=capacity, sessions=len(slots))
    return run


Slot = tuple[dt.datetime, dt.datetime]


def timetable(starts_on: dt.date, ends_on: dt.date, sessions: int | None = None) -> list[Slot]:
    """``sessions`` meetings spread evenly, the last on the last day; default two a day."""
    days = [starts_on + dt.timedelta(days=n) for n in range((ends_on - starts_on).days + 1)]
    wanted = 2 * len(days) if sessions is None else sessions
    parts = [_MORNING, _AFTERNOON] if wanted <= 2 * len(days) else [_MORNING, _AFTERNOON, _EVENING]
    slots = [(day, part) for day in days for part in parts]
    if not 1 <= wanted <= len(slots):
        raise CourseError(
            "sessions_do_not_fit",
            _("%(sessions)s sessions do not fit: choose 1 to %(most)s for these days.")
            % {"sessions": wanted, "most": 3 * len(days)},
        )
    if wanted == 1:
        chosen = [slots[-len(parts)]]
    else:
        chosen = [slots[n * (len(slots) - 1) // (wanted - 1)] for n in range(wanted)]
    return [(_at(day, start), _at(day, end)) for day, (start, end) in chosen]


def _at(day: dt.date, time: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, time, tzinfo=clock.HANOI)


def run_by_code(code: str) -> CourseRun:
    """The run with this code, or a ``CourseError`` that names it."""
    run = CourseRun.objects.select_related("course").filter(code=code).first()
    if run is None:
        raise CourseError(
            "unknown_run",
            _("There is no class with the code %(code)s.") % {"code": code},
        )
    return run


def course_by_code(code: str) -> Course:
    """The course with this code, or a ``CourseError`` that names it."""
    course = Course.objects.filter(code=code).first()
    if course is None:
        raise CourseError(
            "unknown_course", _("There is no course with the code %(code)s.") % {"code": code}
        )
    return course
