"""Who has done which units of a class."""

from collections.abc import Iterable

from django.db.models import Count
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from learning.errors import LearningError
from learning.models import Unit, UnitDone
from learning.services.self_paced import complete_when_done
from learning.services.units import ShownUnit, units_of


@audited("unit_done")
def set_done(*, by: Actor, enrollment: Enrollment, unit: Unit, done: bool = True) -> None:
    """Doing it again changes nothing. Only in a class under way, by whoever holds a seat."""
    run = enrollment.run
    shown = {one.unit.pk: one for one in units_of(run) if one.is_visible}
    if unit.pk not in shown:
        raise LearningError("not_visible", _("This unit is not open in this class."))
    ended = run.state in (RunState.CLOSED, RunState.CANCELLED)
    not_now = run.is_self_paced and not run.starts_on <= clock.today() <= run.ends_on
    if enrollment.state != EnrollmentState.ENROLLED or ended or not_now:
        raise LearningError(
            "class_not_open", _("The class is not open for you now: marks cannot be changed.")
        )
    if done:
        values = {"version": shown[unit.pk].version}
        UnitDone.objects.get_or_create(enrollment=enrollment, unit=unit, defaults=values)
    else:
        UnitDone.objects.filter(enrollment=enrollment, unit=unit).delete()
    complete_when_done(by=by, enrollment=enrollment)
    audit_details(run=run.code, enrollment=enrollment.pk, learning_unit=unit.pk, done=done)


def done_by(enrollment: Enrollment) -> set[int]:
    return set(enrollment.units_done.values_list("unit", flat=True))


def times_done(run: CourseRun, shown: Iterable[ShownUnit]) -> dict[int, int]:
    """How many of those with a seat have done each unit."""
    seated = run.enrollments.holding_a_seat()
    rows = UnitDone.objects.filter(
        enrollment__in=seated, unit__in=[one.unit.pk for one in shown]
    ).values_list("unit")
    return dict(rows.annotate(times=Count("id")).order_by())
