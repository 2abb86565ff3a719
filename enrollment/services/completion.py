"""Close a run by its course's rule; record and void results."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from agencies.models import Agency, SuccessionLink
from agencies.querysets import current_successor
from audit.services import Actor, audit_details, audited
from common import clock, record_time
from courses.choices import DecisionKind, GradingScale, RunState
from courses.models import Course, CourseRun, Session
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState, Evidence, Grade, Mark
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.models import Attendance, Completion, Enrollment, PaperEvidence
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.completion_days import accepted_day_reason
from people.models import Merge, Trainee
from people.querysets import resolved

BATCH_SIZE = 500
COUNTS_AS_ATTENDED = (Mark.PRESENT, Mark.LATE)


@dataclass(frozen=True, slots=True)
class Outcome:
    enrollment: Enrollment
    attendance_percent: int | None
    missing: tuple[str, ...]
    evidence: str
    exception: str = ""

    @property
    def completes(self) -> bool:
        return not self.missing or bool(self.exception)

    @property
    def reasons(self) -> list[str]:
        course = self.enrollment.run.course
        values = {
            "percent": self.attendance_percent,
            "minimum": course.minimum_attendance,
            "score": self.enrollment.score,
            "least": course.minimum_score,
            "reason": self.exception,
        }
        texts = {
            "attendance": _("%(percent)s%% attendance, %(minimum)s%% required"),
            "mandatory_session": _("a mandatory session was missed"),
            "self_paced": _("units or test not done by the last day"),
            "score": _("score %(score)s, %(least)s required")
            if self.enrollment.score is not None
            else _("no score, %(least)s required"),
        }
        results = [texts[code] % values for code in self.missing]
        if self.exception and self.missing:
            return [*results, _("exception: %(reason)s") % values]
        if self.attendance_percent is None:
            return results or [_("units and test done")]
        return results or [_("%(percent)s%% attendance") % values]


@dataclass(frozen=True, slots=True)
class RunClosure:
    """How a run ended; ``already`` counts results that existed before."""

    completed: int
    not_completed: int
    already: int


def outcomes(run: CourseRun) -> list[Outcome]:
    return outcomes_of(run, run.enrollments.filter(state=EnrollmentState.ENROLLED))


def outcomes_of(run: CourseRun, enrollments: EnrollmentQuerySet) -> list[Outcome]:
    sessions = list(run.sessions.all())
    marks: dict[int, dict[int, Attendance]] = defaultdict(dict)
    for attendance in Attendance.objects.filter(enrollment__in=enrollments):
        marks[attendance.enrollment_id][attendance.session_id] = attendance
    results = enrollments.select_related("trainee", "run__course", "exception").in_roster_order()
    return [
        _outcome(run.course, enrollment, sessions, marks[enrollment.pk]) for enrollment in results
    ]


@dataclass(frozen=True, slots=True)
class AttendanceRecord:
    """What somebody has reached in a class; ``sessions`` each with the mark, if there is one."""

    outcome: Outcome
    sessions: list[tuple[Session, Attendance | None]]

    @property
    def attended(self) -> int:
        return sum(bool(mark and mark.mark in COUNTS_AS_ATTENDED) for _s, mark in self.sessions)


def attendance_records(enrollments: EnrollmentQuerySet) -> list[AttendanceRecord]:
    """Of a few people in any classes, by as many queries whatever their number."""
    rows = enrollments.select_related("run__course", "sending_agency", "trainee", "exception")
    found = []
    for enrollment in rows.prefetch_related("run__sessions", "attendances"):
        sessions = list(enrollment.run.sessions.all())
        marks = {mark.session_id: mark for mark in enrollment.attendances.all()}
        outcome = _outcome(enrollment.run.course, enrollment, sessions, marks)
        found.append(AttendanceRecord(outcome, [(one, marks.get(one.pk)) for one in sessions]))
    return found


def _outcome(
    course: Course, enrollment: Enrollment, sessions: list[Session], marks: dict[int, Attendance]
) -> Outcome:
    exception = getattr(enrollment, "exception", None)
    reason = exception.reason if exception else ""
    if enrollment.run.is_self_paced:
        # Whoever has done everything has completed already.
        return Outcome(enrollment, None, ("self_paced",), Evidence.SELF_PACED, reason)
    attended = [s for s in sessions if s.pk in marks and marks[s.pk].mark in COUNTS_AS_ATTENDED]
    total_minutes, attended_minutes = minutes_of(sessions), minutes_of(attended)
    missing = []
    # Compared in whole minutes: 79.9 % is not 80 %.
    if attended_minutes * 100 < course.minimum_attendance * total_minutes:
        missing.append("attendance")
    if any(session.is_mandatory and session not in attended for session in sessions):
        missing.append("mandatory_session")
    if course.minimum_score is not None and (
        enrollment.score is None or enrollment.score < course.minimum_score
    ):
        missing.append("score")
    # A completion has one kind of evidence: that of most of the person's marks.
    kinds = Counter(marks[session.pk].evidence for session in attended)
    evidence = kinds.most_common(1)[0][0] if kinds else Evidence.TRAINERS_MARK
    # A run without sessions asks for no attendance.
    percent = attended_minutes * 100 // total_minutes if total_minutes else 100
    return Outcome(enrollment, percent, tuple(missing), evidence, reason)


def minutes_of(sessions: Iterable[Session]) -> int:
    return sum(int((s.ends_at - s.starts_at).total_seconds()) // 60 for s in sessions)


@audited("run_closed")
def close_run(*, by: Actor, run: CourseRun) -> RunClosure:
    """Record who completed by the course's rule and close the run. Repeating changes nothing."""
    run = lock_run(run)
    already = run.completions.not_voided().count()
    # Closing again is no error, so that a command can be repeated after a failure.
    if run.state == RunState.CLOSED:
        audit_details(run=run.code, already=already)
        return RunClosure(completed=0, not_completed=0, already=already)
    results = outcomes(run)
    _require_closable(run, results)
    completed_on = last_day(run)
    completing = [outcome for outcome in results if outcome.completes]
    # Whoever has a result on paper has it already.
    recorded = people_completed(run, [outcome.enrollment.trainee_id for outcome in completing])
    new = [one for one in completing if one.enrollment.trainee_id not in recorded]
    record_outcomes(by, run, new, completed_on)
    _set_final_states(run, results)
    CourseRun.objects.filter(pk=run.pk).update(state=RunState.CLOSED)
    failed = len(results) - len(completing)
    audit_details(run=run.code, completed=len(new), not_completed=failed, already=already)
    return RunClosure(completed=len(new), not_completed=failed, already=already)


def _require_not_cancelled(run: CourseRun) -> None:
    if run.state == RunState.CANCELLED:
        raise EnrollmentError(
            "run_cancelled", _("Class %(code)s was cancelled.") % {"code": run.code}
        )


def _require_closable(run: CourseRun, results: list[Outcome]) -> None:
    _require_not_cancelled(run)
    require_over(run)
    recognised = run.decisions.filter(kind=DecisionKind.RECOGNITION)
    if run.course.recognised_by_office and not recognised.exists():
        text = _(
            "The programme office recognises the results of this course: submit them for "
            "recognition."
        )
        raise EnrollmentError("recognition_missing", text)
    # Without any mark everybody would fail: attendance was probably forgotten.
    marked = Attendance.objects.filter(enrollment__run=run).exists()
    asks_attendance = run.course.minimum_attendance and not run.is_self_paced
    if results and asks_attendance and not marked:
        text = _("No attendance has been recorded for class %(code)s: record it first.")
        raise EnrollmentError("no_attendance", text % {"code": run.code})


def require_over(run: CourseRun) -> None:
    if last_day(run) > clock.today():
        text = _("Class %(code)s is not over yet: close it after its last session.")
        raise EnrollmentError("run_not_over", text % {"code": run.code})


def last_day(run: CourseRun) -> dt.date:
    """The day of completion: that of the last session, never the day of closing."""
    last = run.sessions.order_by("-ends_at").first()
    return last.ends_at.astimezone(clock.HANOI).date() if last else run.ends_on


def record_outcomes(
    by: Actor, run: CourseRun, completing: list[Outcome], on: dt.date, day_reason: str = ""
) -> None:
    """Write a completion for each outcome. The caller has locked the run."""
    # The agency as it was on the day of completion is frozen into the completion.
    agencies = agencies_on(on, {outcome.enrollment.sending_agency_id for outcome in completing})
    recorded_at = record_time.now()
    Completion.objects.bulk_create(
        (
            new_completion(
                by,
                run,
                agencies[outcome.enrollment.sending_agency_id],
                outcome.enrollment.score,
                trainee=outcome.enrollment.trainee,
                enrollment=outcome.enrollment,
                completed_on=on,
                day_reason=day_reason,
                attendance_percent=outcome.attendance_percent,
                rule_met=rule_of(run) + (";exception" if outcome.missing else ""),
                remark=outcome.exception if outcome.missing else "",
                evidence=outcome.evidence,
                trainee_kind=outcome.enrollment.trainee_kind,
                recorded_at=recorded_at,
            )
            for outcome in completing
        ),
        batch_size=BATCH_SIZE,
    )


def people_completed(run: CourseRun, trainee_ids: Iterable[int]) -> set[int]:
    """Those of the trainees who have a result of the run that is not voided, by any of their rows.

    Other rows were merged with theirs.
    """
    survivors = Merge.objects.not_undone().survivor_by_absorbed()
    valid = run.completions.not_voided().values_list("trainee_id", flat=True)
    completed = {resolved(row, survivors) for row in valid.order_by()}
    return {one for one in trainee_ids if resolved(one, survivors) in completed}


def agencies_on(day: dt.date, sender_ids: set[int]) -> dict[int, Agency]:
    """Map each sender to its successor on a day, after mergers and renamings in force then."""
    links = SuccessionLink.objects.believed(clock.now()).in_force_on(day)
    successors = links.successor_by_agency()
    last = {sender: current_successor(sender, successors) for sender in sender_ids}
    agencies = Agency.objects.in_bulk(set(last.values()))
    return {sender: agencies[final] for sender, final in last.items()}


def new_completion(
    by: Actor, run: CourseRun, agency: Agency, score: Decimal | None, **facts: Any
) -> Completion:
    """An unsaved completion with what is frozen of its course and its agency."""
    return Completion(
        run=run,
        course_code=run.course.code,
        periods=run.course.periods,
        score=score,
        grade=grade_of(run.course, score),
        sending_agency=agency,
        agency_kind=agency.kind,
        sector=agency.sector,
        recorded_by=by.label,
        **facts,
    )


def rule_of(run: CourseRun) -> str:
    """The completion rule as a completion freezes it, e.g. ``attendance>=80;score>=5.00``."""
    course = run.course
    parts = ["units" if run.is_self_paced else f"attendance>={course.minimum_attendance}"]
    if course.minimum_score is not None:
        parts.append(f"score>={course.minimum_score}")
    return ";".join(parts)


def grade_of(course: Course, score: Decimal | None) -> Grade:
    if course.grading == GradingScale.PASS_FAIL or score is None:
        return Grade.PASSED
    if score >= course.good_from:
        return Grade.GOOD
    return Grade.FAIR if score >= course.fair_from else Grade.AVERAGE


def _set_final_states(run: CourseRun, results: list[Outcome]) -> None:
    for completes, state in (
        (True, EnrollmentState.COMPLETED),
        (False, EnrollmentState.NOT_COMPLETED),
    ):
        ids = [outcome.enrollment.pk for outcome in results if outcome.completes is completes]
        run.enrollments.filter(pk__in=ids).update(state=state, state_since=clock.now())
    # Whoever is still waiting for a seat or an approval did not take part.
    run.enrollments.live().exclude(
        state__in=(EnrollmentState.COMPLETED, EnrollmentState.NOT_COMPLETED)
    ).update(state=EnrollmentState.CANCELLED, state_since=clock.now())


@audited("completion_recorded_from_paper")
def record_from_paper(
    *,
    by: Actor,
    run: CourseRun,
    trainee: Trainee,
    sending_agency: Agency,
    completed_on: dt.date,
    score: Decimal | None = None,
    paper: PaperEvidence | None = None,
    reason: str = "",
    trainee_kind: str = "",
) -> Completion:
    """Back-fill a past result: no enrollment steps, no message to anybody.

    ``reason`` says why the day is none of the class's; then a scan is needed, too.
    ``trainee_kind`` is by default what the person's enrollment in the class says.
    """
    run = lock_run(run)
    _require_not_cancelled(run)
    if paper and paper.run_id != run.pk:
        raise EnrollmentError("another_scan", _("This scan belongs to another class."))
    if people_completed(run, [trainee.pk]):
        raise EnrollmentError(
            "already_completed", _("This person has already completed this class.")
        )
    day_reason = accepted_day_reason(
        completed_on, run=run, trainee=trainee, reason=reason, document=paper
    )
    completion = new_completion(
        by,
        run,
        agencies_on(completed_on, {sending_agency.pk})[sending_agency.pk],
        score,
        trainee=trainee,
        completed_on=completed_on,
        day_reason=day_reason,
        rule_met="paper",
        evidence=Evidence.PAPER,
        trainee_kind=trainee_kind or _kind_as_enrolled(run, trainee),
        paper=paper,
    )
    completion.save()
    audit_details(run=run.code, trainee=trainee.code, completed_on=completed_on.isoformat())
    return completion


def _kind_as_enrolled(run: CourseRun, trainee: Trainee) -> str:
    known = run.enrollments.live().filter(trainee=trainee).values_list("trainee_kind", flat=True)
    return known.first() or ""


@audited("completion_voided")
def void_completion(*, by: Actor, completion: Completion, reason: str) -> Completion:
    """Void a result; the row stays, but counts no more."""
    if not reason.strip():
        raise EnrollmentInputError("reason_missing", _("Give the reason for voiding the result."))
    voided = Completion.objects.not_voided().filter(pk=completion.pk)
    # An update with a condition: of two people voiding at once only one succeeds.
    if not voided.update(voided_at=record_time.now(), void_reason=reason[:250]):
        raise EnrollmentError("already_voided", _("This result has already been voided."))
    Enrollment.objects.filter(completions=completion).update(
        state=EnrollmentState.NOT_COMPLETED, state_since=clock.now()
    )
    completion.refresh_from_db()
    audit_details(run=completion.run.code, trainee=completion.trainee.code)
    return completion
