"""On which day somebody may have completed a class.

The year in which people count follows from the day, so it is bound to the class's own days.
"""

import datetime as dt
from typing import Final

from django.utils.translation import gettext as _

from common import clock
from common.dates import format_date
from courses.models import CourseRun
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.models import PaperEvidence
from people.models import Trainee

# No course of the programme is older: it begins with Decision 127/QĐ-TTg of 26 January 2021, and
# accepts earlier courses of this century.
EARLIEST: Final = dt.date(2000, 1, 1)


def accepted_day_reason(
    day: dt.date, *, run: CourseRun, trainee: Trainee, reason: str, document: PaperEvidence | None
) -> str:
    """The reason to record with a day of completion, empty for one of the class's own days.

    Of a course held elsewhere the day is the one on the proof.

    Raises EnrollmentInputError for an impossible day, EnrollmentError ``outside_class_days`` where
    another day than the class's comes without a reason and a document.
    """
    _require_possible(day, trainee)
    if run.is_outside or run.starts_on <= day <= run.ends_on:
        return ""
    reason = reason.strip()
    if reason and document:
        return reason[:250]
    text = _(
        "Class %(run)s lasted from %(first)s to %(last)s: a completion on %(day)s needs a reason "
        "and a scanned document."
    )
    what = {
        "run": run.code,
        "first": format_date(run.starts_on),
        "last": format_date(run.ends_on),
        "day": format_date(day),
    }
    raise EnrollmentError("outside_class_days", text % what)


def _require_possible(day: dt.date, trainee: Trainee) -> None:
    if day > clock.today():
        raise EnrollmentInputError("in_the_future", _("A result cannot be in the future."))
    if day < EARLIEST:
        text = _("%(day)s is too early: no result of the programme is older than %(earliest)s.")
        what = {"day": format_date(day), "earliest": format_date(EARLIEST)}
        raise EnrollmentInputError("too_early", text % what)
    born = trainee.birth_date or (dt.date(trainee.birth_year, 1, 1) if trainee.birth_year else None)
    if born and day <= born:
        text = _("%(person)s was not born yet on %(day)s: correct the day or the birth date.")
        what = {"person": trainee.full_name, "day": format_date(day)}
        raise EnrollmentInputError("before_birth", text % what)
