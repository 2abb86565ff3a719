"""Details of an enrollment that rosters state, such as position and unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common.bulk import fast_rows, in_list, update_many
from common.vietnamese import tidy
from courses.choices import RunState
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.enrollment_window import require_not_over
from people.models import Trainee

DETAIL_FIELDS: Final[tuple[str, ...]] = ("position", "unit", "trainee_kind", "remarks")
# Those with choices, which a nomination by name asks for; no person's record has them.
CODED_DETAILS: Final = tuple(
    field.name
    for field in Enrollment._meta.local_fields
    if field.choices and field.name in DETAIL_FIELDS
)


@dataclass(frozen=True, slots=True)
class EnrollmentUpdate:
    """An enrollment with new details, not saved yet; ``before`` maps fields to their old values."""

    enrollment: Enrollment
    before: Mapping[str, str]


def shown_details(enrollment: Enrollment, person: Trainee) -> dict[str, str]:
    """Details as lists show them: where the enrollment says nothing, the person's record does."""
    return {
        field: getattr(enrollment, field) or getattr(person, field, "") for field in DETAIL_FIELDS
    }


def details_of(person: Trainee) -> dict[str, str]:
    return {name: getattr(person, name, "") for name in DETAIL_FIELDS}


def changed_fields(
    enrollment: Enrollment, person: Trainee, details: Mapping[str, str]
) -> dict[str, str]:
    """The details that lists do not show yet; a blank erases nothing."""
    shown = shown_details(enrollment, person)
    return {
        field: value
        for field in DETAIL_FIELDS
        if (value := details.get(field)) and value != shown[field] and value != tidy(shown[field])
    }


def update_details(enrollment: Enrollment, changes: Mapping[str, str]) -> EnrollmentUpdate:
    before = {field: getattr(enrollment, field) for field in changes}
    vars(enrollment).update(changes)
    return EnrollmentUpdate(enrollment, before)


def accepts_details(run: CourseRun) -> bool:
    return run.state in (RunState.OPEN, RunState.RUNNING)


@audited("enrollments_updated")
def save_details(*, by: Actor, run: CourseRun, updates: Sequence[EnrollmentUpdate]) -> int:
    """Save updates of a run that the caller has locked; return how many.

    Raises EnrollmentError ``run_not_open``, ``run_over``.
    """
    if not accepts_details(run):
        text = _(
            "Class %(code)s is closed: the details of its enrollments can no longer be changed."
        )
        raise EnrollmentError("run_not_open", text % {"code": run.code})
    require_not_over(by, run)
    update_many([one.enrollment for one in updates], DETAIL_FIELDS)
    audit_details(run=run.code, enrollments=len(updates))
    return len(updates)


@audited("enrollments_restored")
def restore_details(
    *, by: Actor, run: CourseRun, changes: Mapping[int, Mapping[str, Sequence[Any]]]
) -> int:
    """Undo updates; ``changes`` maps id to field to (before, after). Return how many changed.

    A field that somebody has changed since stays as it is.
    """
    touched: list[Enrollment] = []
    rows = run.enrollments.filter(pk__in=in_list(changes)).order_by()
    for enrollment in fast_rows(rows, ("id", *DETAIL_FIELDS)):
        back = {
            field: before
            for field, (before, after) in changes[enrollment.pk].items()
            if getattr(enrollment, field) == after
        }
        if back:
            touched.append(update_details(enrollment, back).enrollment)
    update_many(touched, DETAIL_FIELDS)
    audit_details(run=run.code, enrollments=len(touched))
    return len(touched)


@audited("enrollments_updated")
def change_details(*, by: Actor, enrollment: Enrollment, **details: str) -> None:
    """Details written by hand: a blank one erases.

    Errors: those of ``save_details``; ``not_live`` where the page is older than a withdrawal, or
    than the erasure of the person's data.
    """
    run = lock_run(enrollment.run)
    found = run.enrollments.named().filter(pk=enrollment.pk).first()
    if found is None:
        raise EnrollmentError("not_live", _("This enrollment has already been cancelled."))
    save_details(by=by, run=run, updates=[update_details(found, details)])
