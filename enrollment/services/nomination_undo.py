from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from common.bulk import in_list
from courses.choices import RunState
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState, SeatMoveReason
from enrollment.errors import EnrollmentError
from enrollment.models import Attendance, Completion, Enrollment
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.seat_allocation import move_seats, promote, write_ledger

_INITIAL_STATES = (EnrollmentState.NOMINATED, EnrollmentState.ENROLLED, EnrollmentState.WAITLISTED)


@audited("nomination_undone")
def undo_nomination(*, by: Actor, run: CourseRun, trainee_ids: Sequence[int], reason: str) -> int:
    """Cancel the live enrollments of these people in a run; return how many.

    Raises EnrollmentError ``built_upon`` where a mark, result or replacement depends on one of
    them, or the run no longer takes changes.
    """
    run = lock_run(run)
    asked = run.enrollments.live().filter(trainee__in=in_list(trainee_ids))
    enrollments = list(asked.order_by("id"))
    if run.state not in (RunState.OPEN, RunState.RUNNING) or _have_later_records(enrollments):
        text = _(
            "There is already attendance, a result or a later change for these enrollments; "
            "withdraw people one by one instead."
        )
        raise EnrollmentError("built_upon", text)
    lines = [
        (one, -int(one.state == EnrollmentState.ENROLLED), SeatMoveReason.CANCELLED)
        for one in enrollments
        if one.state != EnrollmentState.NOMINATED
    ]
    _by_ids(enrollments).update(
        state=EnrollmentState.CANCELLED, state_since=clock.now(), withdrawal_reason=reason[:250]
    )
    move_seats(run, sum(seats for _one, seats, _reason in lines))
    write_ledger(run, lines, reason)
    promote(run)
    audit_details(run=run.code, people=len(enrollments))
    return len(enrollments)


def _by_ids(enrollments: Sequence[Enrollment]) -> EnrollmentQuerySet:
    found: EnrollmentQuerySet = Enrollment.objects.filter(
        pk__in=in_list([enrollment.pk for enrollment in enrollments])
    )
    return found


def _have_later_records(enrollments: Sequence[Enrollment]) -> bool:
    if any(
        enrollment.state not in _INITIAL_STATES or enrollment.score is not None
        for enrollment in enrollments
    ):
        return True
    marks = Attendance.objects.filter(enrollment=OuterRef("pk"))
    results = Completion.objects.filter(enrollment=OuterRef("pk"))
    built_upon = Q(Exists(marks)) | Q(Exists(results)) | Q(replaces__isnull=False)
    return _by_ids(enrollments).filter(built_upon).exists()
