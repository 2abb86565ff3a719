"""Move people of one class to another."""

from collections import defaultdict
from collections.abc import Sequence

from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common.bulk import in_list
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.details import DETAIL_FIELDS
from enrollment.services.enrollments import Nomination, Nominee, nominate, withdraw_several


@audited("people_moved")
def move_people(
    *, by: Actor, run: CourseRun, to: CourseRun, enrollments: Sequence[int]
) -> Nomination:
    """Withdraw them from ``run`` and nominate them for ``to``: all of them, or nobody.

    Each keeps the sending agency and the details. Errors: those of both services, and
    ``already_enrolled`` with the names.
    """
    # In one order, so that two moves in opposite directions do not wait for each other.
    for locked in sorted((run, to), key=lambda each: each.pk):
        lock_run(locked)
    moving = list(
        run.enrollments.filter(pk__in=in_list(enrollments))
        .select_related("trainee", "sending_agency")
        .in_roster_order()
    )
    _require_new(to, moving)
    reason = _("moved to class %(code)s") % {"code": to.code}
    withdraw_several(by=by, run=run, reasons={one.pk: reason for one in moving})
    by_sender: dict[Agency, list[Nominee]] = defaultdict(list)
    for one in moving:
        details = {name: getattr(one, name) for name in DETAIL_FIELDS}
        by_sender[one.sending_agency].append(Nominee(one.trainee_id, details))
    done = [
        nominate(by=by, run=to, sending_agency=agency, nominees=nominees)
        for agency, nominees in by_sender.items()
    ]
    audit_details(run=run.code, to=to.code, people=len(moving))
    return Nomination(
        enrolled=sum(one.enrolled for one in done),
        waitlisted=sum(one.waitlisted for one in done),
        pending=sum(one.pending for one in done),
        warnings=tuple(warning for one in done for warning in one.warnings),
    )


def _require_new(to: CourseRun, moving: Sequence[Enrollment]) -> None:
    there = to.enrollments.live().filter(trainee__in=[one.trainee_id for one in moving])
    if names := list(there.values_list("trainee__full_name", flat=True)[:10]):
        text = _("Already in class %(code)s: %(names)s. Nobody was moved.")
        raise EnrollmentError(
            "already_enrolled", text % {"code": to.code, "names": ", ".join(names)}
        )
