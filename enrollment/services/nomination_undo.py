from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState, SeatMoveReason
from enrollment.errors import EnrollmentError
from enrollment.models import Attendance, Completion, Enrollment
from enrollment.services.seat_allocation import BATCH_SIZE, move_seats, promote, write_ledger

_INITIAL_STATES = (EnrollmentState.NOMINATED, EnrollmentState.ENROLLED, EnrollmentState.WAITLISTED)


@audited("nomination_undone")
def undo_nomination(*, by: Actor, run: CourseRun, trainee_ids: Sequence[int], reason: str) -> int:
    """Cancel the live enrollments of these people in a run; return how many.

    Raises EnrollmentError ``built_upon`` where a mark, result or replacement depends on one of
    them, or the run no longer takes changes.
    """
    run = lock_run(run)
    enrollments: list[Enrollment] = []
    for start in range(0, len(trainee_ids), BATCH_SIZE):
        batch = trainee_ids[start : start + BATCH_SIZE]
        enrollments += run.enrollments.live().filter(trainee__in=batch).order_by("id")
    if run.state not in (RunState.OPEN, RunState.RUNNING) or _have_later_records(enrollments):
        raise EnrollmentError(
            "built_upon",
            _(
                "There is already attendance, a result or a later change for these "
                "enrollments; withdraw people one by one instead."
            ),
        )
    seated = [
        enrollment for enrollment in enrollments if enrollment.state == EnrollmentState.ENROLLED
    ]
    in_line = [
        enrollment for enrollment in enrollments if enrollment.state != EnrollmentState.NOMINATED
    ]
    for start in range(0, len(enrollments), BATCH_SIZE):
        ids = [enrollment.pk for enrollment in enrollments[start : start + BATCH_SIZE]]
        Enrollment.objects.filter(pk__in=ids).update(
            state=EnrollmentState.CANCELLED,
            state_since=clock.now(),
            withdrawal_reason=reason[:250],
        )
    move_seats(run, -len(seated))
    lines = [
        (enrollment, -int(enrollment.state == EnrollmentState.ENROLLED), SeatMoveReason.CANCELLED)
        for enrollment in in_line
    ]
    write_ledger(run, lines, reason)
    promote(run)
    audit_details(run=run.code, people=len(enrollments))
    return len(enrollments)


def _have_later_records(enrollments: Sequence[Enrollment]) -> bool:
    if any(
        enrollment.state not in _INITIAL_STATES or enrollment.score is not None
        for enrollment in enrollments
    ):
        return True
    marks = Attendance.objects.filter(enrollment=OuterRef("pk"))
    results = Completion.objects.filter(enrollment=OuterRef("pk"))
    with_later_records = Enrollment.objects.filter(
        Q(Exists(marks)) | Q(Exists(results)) | Q(replaces__isnull=False)
    )
    return any(
        with_later_records.filter(
            pk__in=[enrollment.pk for enrollment in enrollments[start : start + BATCH_SIZE]]
        ).exists()
        for start in range(0, len(enrollments), BATCH_SIZE)
    )
