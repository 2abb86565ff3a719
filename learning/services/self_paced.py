"""When somebody has done everything that a self-paced class asks for."""

import datetime as dt

from audit.services import Actor
from common import clock
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.services.self_paced import complete_self_paced
from learning.choices import Stage
from learning.models import CourseTest
from learning.services.units import units_of


def complete_when_done(*, by: Actor, enrollment: Enrollment) -> bool:
    """Record the completion on the day of the last requirement, once all are met."""
    if not enrollment.run.is_self_paced:
        return False
    moments = [*_units(enrollment), *_test(enrollment)]
    if not moments or None in moments:
        return False
    last = max(moment for moment in moments if moment is not None)
    day = last.astimezone(clock.HANOI).date()
    return complete_self_paced(by=by, enrollment=enrollment, on=day)


def _units(enrollment: Enrollment) -> list[dt.datetime | None]:
    """When each required unit of the class was done; None for one that was not."""
    done = dict(enrollment.units_done.values_list("unit", "done_at"))
    return [
        done.get(one.unit.pk)
        for one in units_of(enrollment.run)
        if one.unit.is_required and not one.is_hidden
    ]


def _test(enrollment: Enrollment) -> list[dt.datetime | None]:
    """When the test of the course was passed first; None where it was not.

    A course that asks for a score and has no test of its own is never completed by itself.
    """
    run: CourseRun = enrollment.run
    least = run.course.minimum_score
    test = CourseTest.objects.filter(
        course=run.course_id, gives_score=True, withdrawn_at=None
    ).first()
    if test is None:
        return [] if least is None else [None]
    taken = enrollment.test_attempts.finished().filter(test=test, stage=Stage.AFTER)
    passed = taken.filter(score__gte=least or 0).order_by("finished_at")
    return [passed.values_list("finished_at", flat=True).first()]
