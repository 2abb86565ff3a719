"""What a place says of its holder: post, unit, note. Rosters say it anew, many at a time.

It belongs to the place: what becomes of the person later is written elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final, Protocol

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common.bulk import fast_rows, in_list, update_many
from common.vietnamese import tidy
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.windows import require_not_over
from people.models import Trainee

# What a roster calls a field → the column of the enrollment that it is written to.
COLUMN_OF: Final = {"position": "position", "unit": "unit", "note": "remarks"}
PARTICULARS: Final = tuple(COLUMN_OF)
_COLUMNS: Final = tuple(COLUMN_OF.values())
_said = attrgetter(*PARTICULARS)
_LONGEST_NOTE: Final = 250
_AT_ONCE: Final = 1_000


class Said(Protocol):
    """What is said of a place; empty text and ``None`` say nothing."""

    @property
    def position(self) -> str | None: ...
    @property
    def unit(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Restated:
    """A place of which something else is said now; ``before``: field → what stood there."""

    enrollment: Enrollment
    before: Mapping[str, str]


def kept_note(text: str | None) -> str:
    """A note as a place keeps it."""
    return (text or "")[:_LONGEST_NOTE].rstrip()


def shown(enrollment: Enrollment, person: Trainee) -> tuple[str, str, str]:
    """Post, unit and note as lists show them: what a place does not say its holder's row says."""
    return (
        enrollment.position or person.position,
        enrollment.unit or person.unit,
        enrollment.remarks,
    )


def said_anew(enrollment: Enrollment, person: Trainee, said: Said) -> dict[str, str]:
    """Field → what is said of it that lists do not show yet. Blanks erase nothing."""
    position, unit, text = _said(said)
    rows = zip(
        PARTICULARS, (position, unit, kept_note(text)), shown(enrollment, person), strict=True
    )
    return {
        field: value
        for field, value, stands in rows
        if value and value != stands and value != tidy(stands)
    }


def restate(enrollment: Enrollment, anew: Mapping[str, str]) -> Restated:
    """Set in memory what is said anew."""
    before = {field: getattr(enrollment, COLUMN_OF[field]) for field in anew}
    vars(enrollment).update({COLUMN_OF[field]: value for field, value in anew.items()})
    return Restated(enrollment, before)


def takes_restating(run: CourseRun) -> bool:
    """Whether what its places say may still change."""
    return run.state in (RunState.OPEN, RunState.RUNNING)


@audited("enrollments_restated")
def save_restated(*, by: Actor, run: CourseRun, restated: Sequence[Restated]) -> int:
    """Write what is said anew of places of a run, which is held; how many they are.

    Raises EnrollmentError ``run_not_open``, ``run_over``.
    """
    if not takes_restating(run):
        raise EnrollmentError(
            "run_not_open",
            _("The class %(code)s is closed: what its places say no longer changes.")
            % {"code": run.code},
        )
    require_not_over(by, run)
    update_many([one.enrollment for one in restated], _COLUMNS)
    audit_details(run=run.code, enrollments=len(restated))
    return len(restated)


@audited("enrollments_restored")
def restore_restated(
    *, by: Actor, run: CourseRun, before: Mapping[int, Mapping[str, Sequence[Any]]]
) -> int:
    """Give places back what a batch said of them: id → field → what stood before and after.

    What somebody has changed since stays as it is. How many places were touched.
    """
    touched: list[Enrollment] = []
    ids = sorted(before)
    for start in range(0, len(ids), _AT_ONCE):
        rows = run.enrollments.filter(pk__in=in_list(ids[start : start + _AT_ONCE])).order_by()
        for enrollment in fast_rows(rows, ("id", *_COLUMNS)):
            anew = {
                field: was
                for field, (was, became) in before[enrollment.pk].items()
                if getattr(enrollment, COLUMN_OF[field]) == became
            }
            if anew:
                touched.append(restate(enrollment, anew).enrollment)
    update_many(touched, _COLUMNS)
    audit_details(run=run.code, enrollments=len(touched))
    return len(touched)
