"""Marks per person and session. A changed mark keeps its previous values in ``earlier``."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from courses.models import CourseRun, Session
from courses.services import require_unended
from courses.services.timetables import lock_run
from enrollment.choices import HOLDING_A_SEAT, Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.models import Attendance
from enrollment.querysets import EnrollmentQuerySet
from enrollment.sheets import SessionMark

BATCH_SIZE = 500


@audited("attendance_recorded")
def record_attendance(
    *, by: Actor, run: CourseRun, marks: Sequence[SessionMark], evidence: Evidence
) -> int:
    # Closing the run waits for this lock, so no mark comes in after it.
    run = lock_run(run)
    require_unended(run)
    _require_markable(run, marks)
    sessions = {mark.session_id for mark in marks}
    stored = Attendance.objects.filter(enrollment__run=run, session__in=sessions)
    known = {(before.enrollment_id, before.session_id): before for before in stored}
    rows = ((mark, known.get((mark.enrollment_id, mark.session_id))) for mark in marks)
    upsert_marks(
        new_mark(by, mark, evidence, before)
        for mark, before in rows
        if not _repeats(before, mark.mark, evidence)
    )
    audit_details(run=run.code, marks=len(marks), evidence=str(evidence))
    return len(marks)


def _require_markable(run: CourseRun, marks: Sequence[SessionMark]) -> None:
    seated = set(run.enrollments.holding_a_seat().values_list("id", flat=True))
    begun = set(sessions_begun(run).values_list("id", flat=True))
    for mark in marks:
        if mark.session_id not in begun:
            raise _not_begun()
        if mark.enrollment_id not in seated:
            raise no_seat()


def new_mark(
    by: Actor, mark: SessionMark, evidence: Evidence, before: Attendance | None
) -> Attendance:
    """An unsaved mark with the history of the one that it replaces."""
    return Attendance(
        enrollment_id=mark.enrollment_id,
        session_id=mark.session_id,
        mark=mark.mark,
        evidence=evidence,
        recorded_by=by.label,
        earlier=[*before.earlier, history_entry(before)] if before else [],
    )


def upsert_marks(rows: Any) -> None:
    # One statement per batch: two people may mark the same cell at once.
    Attendance.objects.bulk_create(
        rows,
        batch_size=BATCH_SIZE,
        update_conflicts=True,
        unique_fields=["enrollment", "session"],
        update_fields=["mark", "evidence", "recorded_at", "recorded_by", "earlier"],
    )


def _repeats(before: Attendance | None, mark: str, evidence: str) -> bool:
    """Then who recorded it first, and when, stays: the same sheet twice is the same as once."""
    return before is not None and (before.mark, before.evidence) == (mark, evidence)


def history_entry(before: Attendance) -> dict[str, str]:
    return {
        "mark": before.mark,
        "evidence": before.evidence,
        "at": before.recorded_at.isoformat(),
        "by": before.recorded_by,
    }


@audited("attendance_marked")
def mark_one(
    *,
    by: Actor,
    enrollments: EnrollmentQuerySet,
    enrollment_id: int,
    session_id: int,
    mark: Mark,
    evidence: Evidence = Evidence.TRAINERS_MARK,
) -> Attendance | None:
    """Set one mark in few queries, as each click in the grid does.

    Return None if the enrollment is not one of ``enrollments``, those the actor may mark.
    """
    enrollment = _enrollment_with_mark(enrollments, enrollment_id, session_id)
    if enrollment is None:
        return None
    require_unended(enrollment.run)
    if enrollment.state not in HOLDING_A_SEAT:
        raise no_seat()
    if enrollment.session_starts > clock.now():
        raise _not_begun()
    before = _previous_mark(enrollment, session_id)
    if before is None or not _repeats(before, mark, evidence):
        made = SessionMark(enrollment_id, session_id, mark)
        attendance = new_mark(by, made, evidence, before)
        upsert_marks([attendance])
    else:
        attendance = before
    was = before.mark if before else ""
    audit_details(
        run=enrollment.run.code, enrollment=enrollment_id, session=session_id, mark=mark, was=was
    )
    return attendance


def _enrollment_with_mark(
    enrollments: EnrollmentQuerySet, enrollment_id: int, session_id: int
) -> Any:
    """One query for the enrollment with its locked run, the session's start and the mark so far."""
    return (
        enrollments.filter(pk=enrollment_id, run__sessions=session_id)
        .select_related("run")
        # Locked like record_attendance; joins keep a click in the grid at one query.
        .select_for_update(of=("run",))
        .annotate(
            session_starts=F("run__sessions__starts_at"),
            here=FilteredRelation("attendances", condition=Q(attendances__session=session_id)),
            **{f"was_{name}": F(f"here__{name}") for name in _MARK_FIELDS},
        )
        .first()
    )


_MARK_FIELDS = ("mark", "evidence", "recorded_at", "recorded_by", "earlier")


def _previous_mark(enrollment: Any, session_id: int) -> Attendance | None:
    if enrollment.was_mark is None:
        return None
    values = {name: getattr(enrollment, f"was_{name}") for name in _MARK_FIELDS}
    return Attendance(enrollment_id=enrollment.pk, session_id=session_id, **values)


def mark_everyone(*, by: Actor, run: CourseRun, mark: Mark) -> int:
    sessions = list(sessions_begun(run).values_list("id", flat=True))
    if not sessions:
        raise _not_begun()
    marks = [
        SessionMark(enrollment_id, session_id, mark)
        for enrollment_id in run.enrollments.holding_a_seat().values_list("id", flat=True)
        for session_id in sessions
    ]
    return record_attendance(by=by, run=run, marks=marks, evidence=Evidence.TRAINERS_MARK)


def mark_the_rest(
    *, by: Actor, session: Session, mark: Mark, evidence: Evidence = Evidence.TRAINERS_MARK
) -> int:
    if session.starts_at > clock.now():
        raise _not_begun()
    run = session.run
    unmarked = run.enrollments.holding_a_seat().exclude(attendances__session=session)
    marks = [SessionMark(pk, session.pk, mark) for pk in unmarked.values_list("id", flat=True)]
    return record_attendance(by=by, run=run, marks=marks, evidence=evidence)


def sessions_begun(run: CourseRun) -> QuerySet[Session]:
    return run.sessions.filter(starts_at__lte=clock.now())


def enrollments_to_mark(run: CourseRun) -> EnrollmentQuerySet:
    return run.enrollments.holding_a_seat().select_related("trainee").in_roster_order()


def _not_begun() -> EnrollmentError:
    return EnrollmentError(
        "session_not_begun", _("Attendance can be taken only once the session has started.")
    )


def no_seat() -> EnrollmentError:
    return EnrollmentError("no_seat", _("Only people with a seat can be marked."))
