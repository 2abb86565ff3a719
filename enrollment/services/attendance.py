"""Taking attendance: a mark per person and session, with what it rests on."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from common import clock
from courses.choices import RunState
from courses.models import CourseRun, Session
from enrollment.choices import Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.models import Attendance
from enrollment.services.seating import hold
from enrollment.sheets import SessionMark

BATCH = 500


@deed("attendance_recorded")
def record_attendance(
    *, by: Actor, run: CourseRun, marks: Sequence[SessionMark], evidence: Evidence
) -> int:
    """Set marks of people who hold a seat, for sessions that have begun; how many were set."""
    run = hold(run)
    _require_unclosed(run)
    seated = set(run.enrollments.holding_a_seat().values_list("id", flat=True))
    begun = set(sessions_begun(run).values_list("id", flat=True))
    for mark in marks:
        if mark.session_id not in begun:
            raise EnrollmentError(
                "session_not_begun", _("Attendance is taken when the session has begun.")
            )
        if mark.enrollment_id not in seated:
            raise EnrollmentError("no_seat", _("Only people who hold a seat can be marked."))
    Attendance.objects.bulk_create(
        (
            Attendance(
                enrollment_id=mark.enrollment_id,
                session_id=mark.session_id,
                mark=mark.mark,
                evidence=evidence,
                recorded_by=by.label,
            )
            for mark in marks
        ),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["enrollment", "session"],
        update_fields=["mark", "evidence", "recorded_at", "recorded_by"],
    )
    note(run=run.code, marks=len(marks), evidence=str(evidence))
    return len(marks)


def mark_everyone(*, by: Actor, run: CourseRun, mark: Mark) -> int:
    """The trainer's mark that everybody who holds a seat was so in every session begun."""
    sessions = list(sessions_begun(run).values_list("id", flat=True))
    if not sessions:
        raise EnrollmentError(
            "session_not_begun", _("Attendance is taken when the session has begun.")
        )
    marks = [
        SessionMark(enrollment_id, session_id, mark)
        for enrollment_id in run.enrollments.holding_a_seat().values_list("id", flat=True)
        for session_id in sessions
    ]
    return record_attendance(by=by, run=run, marks=marks, evidence=Evidence.TRAINERS_MARK)


def sessions_begun(run: CourseRun) -> QuerySet[Session]:
    """The sessions of a run for which attendance can be taken by now."""
    return run.sessions.filter(starts_at__lte=clock.now())


def _require_unclosed(run: CourseRun) -> None:
    if run.state in (RunState.CLOSED, RunState.CANCELLED):
        raise EnrollmentError(
            "run_closed", _("The class %(code)s has been closed.") % {"code": run.code}
        )
