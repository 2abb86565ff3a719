"""Scores, exceptions, recognition, re-sits, corrections, and past results on paper."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from courses.choices import DecisionKind, RunState
from courses.models import CourseRun
from courses.services import require_unended
from courses.services.teaching import record_decision
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.models import (
    Completion,
    CompletionException,
    Enrollment,
    PaperEvidence,
    ScoreEntry,
)
from enrollment.services.completion import (
    RunClosure,
    agencies_on,
    close_run,
    grade_of,
    last_day,
    outcomes,
    outcomes_of,
    people_completed,
    record_from_paper,
    record_outcomes,
    require_over,
    void_completion,
)
from enrollment.services.completion_days import accepted_day_reason
from enrollment.services.split_assignments import carry_assignments
from people.models import Trainee

BATCH_SIZE = 500
# All that a correction may leave as it was: not how the row was recorded, voided or erased.
_COPIED_FIELDS = tuple(
    field.attname
    for field in Completion._meta.concrete_fields
    if field.name
    not in {
        "id", "corrects", "recorded_at", "recorded_by", "voided_at", "void_reason", "erased_at",
    }
)  # fmt: skip


@audited("scores_recorded")
def record_scores(*, by: Actor, run: CourseRun, scores: Mapping[int, Decimal]) -> int:
    """Set scores out of ten by enrollment id; return how many are new."""
    run = lock_run(run)
    require_unended(run)
    seated = run.enrollments.filter(state=EnrollmentState.ENROLLED, pk__in=scores)
    enrollments = {one.pk: one for one in seated}
    changed = []
    for enrollment_id, score in scores.items():
        _require_of_ten(score)
        if enrollment_id not in enrollments:
            raise EnrollmentError("no_seat", _("Only people with a seat can be graded."))
        if enrollments[enrollment_id].score != score:
            enrollments[enrollment_id].score = score
            changed.append(enrollments[enrollment_id])
    Enrollment.objects.bulk_update(changed, ["score"], batch_size=BATCH_SIZE)
    _add_score_entries(by, changed)
    audit_details(run=run.code, scores=len(changed))
    return len(changed)


@audited("exception_granted")
def grant_exception(*, by: Actor, enrollment: Enrollment, reason: str) -> CompletionException:
    run = lock_run(enrollment.run)
    require_unended(run)
    if not reason.strip():
        raise EnrollmentInputError(
            "reason_missing", _("Give the reason why this person completes by exception.")
        )
    if not run.enrollments.filter(pk=enrollment.pk, state=EnrollmentState.ENROLLED).exists():
        raise EnrollmentError("no_seat", _("Only people with a seat can complete the class."))
    granted = _exception_with_history(enrollment)
    granted.reason = reason.strip()[:250]
    granted.granted_at, granted.granted_by = clock.now(), by.label
    granted.save()
    audit_details(run=run.code, enrollment=enrollment.pk)
    return granted


def _exception_with_history(enrollment: Enrollment) -> CompletionException:
    granted = CompletionException.objects.filter(enrollment=enrollment).first()
    if granted is None:
        return CompletionException(enrollment=enrollment)
    at = granted.granted_at.isoformat()
    granted.earlier.append({"reason": granted.reason, "at": at, "by": granted.granted_by})
    return granted


@audited("closing_proposed")
def propose_closing(*, by: Actor, run: CourseRun) -> CourseRun:
    run = lock_run(run)
    require_unended(run)
    require_over(run)
    run.closing_proposed_at, run.closing_proposed_by = clock.now(), by.label
    run.save(update_fields=["closing_proposed_at", "closing_proposed_by"])
    audit_details(run=run.code, completing=sum(outcome.completes for outcome in outcomes(run)))
    return run


@audited("results_recognised")
def recognise(
    *, by: Actor, run: CourseRun, number: str, dated: dt.date, **details: Any
) -> RunClosure:
    record_decision(
        by=by, run=run, kind=DecisionKind.RECOGNITION, number=number, dated=dated, **details
    )
    closing = close_run(by=by, run=run)
    audit_details(run=run.code, number=number, completed=closing.completed)
    return closing


@audited("resit_recorded")
def record_resit(
    *, by: Actor, enrollment: Enrollment, score: Decimal, sat_on: dt.date
) -> Completion | None:
    """Record a later score in a closed run; return the completion if it is enough.

    Its day is that of the re-sit: before it the rule was not met.
    """
    run = lock_run(enrollment.run)
    _require_of_ten(score)
    enrollments = run.enrollments.filter(pk=enrollment.pk, state=EnrollmentState.NOT_COMPLETED)
    if run.state != RunState.CLOSED or not enrollments.exists():
        text = _("A re-sit is only for people who did not complete a class that has been closed.")
        raise EnrollmentError("no_resit", text)
    if not last_day(run) <= sat_on <= clock.today():
        raise EnrollmentError(
            "resit_day", _("A re-sit must be between the last session and today.")
        )
    enrollments.update(score=score)
    _add_score_entries(by, enrollments, sat_on)
    (outcome,) = outcomes_of(run, enrollments)
    audit_details(run=run.code, enrollment=enrollment.pk, completes=outcome.completes)
    if not outcome.completes:
        return None
    # Completed on the day of the re-sit, not on the last day of the run.
    is_outside = sat_on > run.ends_on
    record_outcomes(by, run, [outcome], sat_on, _("Re-sit") if is_outside else "")
    enrollments.update(state=EnrollmentState.COMPLETED, state_since=clock.now())
    return Completion.objects.not_voided().get(enrollment=enrollment)


@audited("completion_corrected")
def correct_completion(
    *,
    by: Actor,
    completion: Completion,
    reason: str,
    score: Decimal | None = None,
    completed_on: dt.date | None = None,
    sending_agency: Agency | None = None,
    trainee_kind: str | None = None,
    document: PaperEvidence | None = None,
) -> Completion:
    """Void a result and record a corrected one that refers to it.

    ``document`` is a scan of the run, which a day outside the class's days needs.
    """
    run = lock_run(completion.run)
    new = Completion(**{name: getattr(completion, name) for name in _COPIED_FIELDS})
    new.corrects, new.recorded_by = completion, by.label
    if score is not None:
        _require_completing(run, score)
        new.score, new.grade = score, grade_of(run.course, score)
    if document and document.run_id != run.pk:
        raise EnrollmentError("another_scan", _("This scan belongs to another class."))
    new.paper = document or completion.paper
    if completed_on is not None and completed_on != completion.completed_on:
        new.completed_on = completed_on
        new.day_reason = accepted_day_reason(
            completed_on, run=run, trainee=completion.trainee, reason=reason, document=new.paper
        )
    sender = sending_agency or completion.sending_agency
    agency = agencies_on(new.completed_on, {sender.pk})[sender.pk]
    new.sending_agency, new.agency_kind, new.sector = agency, agency.kind, agency.sector
    new.trainee_kind = completion.trainee_kind if trainee_kind is None else trainee_kind
    # An empty correction would void and repeat the result for nothing.
    if all(getattr(new, name) == getattr(completion, name) for name in _COPIED_FIELDS):
        raise EnrollmentError("nothing_changed", _("There are no changes."))
    void_completion(by=by, completion=completion, reason=reason)
    new.save()
    carry_assignments(before=completion, after=new)
    Enrollment.objects.filter(completions=new).update(
        state=EnrollmentState.COMPLETED, state_since=clock.now(), score=new.score
    )
    audit_details(run=run.code, trainee=completion.trainee.code, corrects=completion.pk)
    return new


def _require_completing(run: CourseRun, score: Decimal) -> None:
    _require_of_ten(score)
    if run.course.minimum_score is not None and score < run.course.minimum_score:
        text = _("With this score the class would not be completed: void the result instead.")
        raise EnrollmentError("rule_not_met", text)


# Past results on paper --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperResult:
    trainee: Trainee
    completed_on: dt.date
    score: Decimal | None = None
    trainee_kind: str = ""


@dataclass(frozen=True, slots=True)
class Backfill:
    recorded: int
    already: int


@audited("evidence_scanned")
def record_scan(
    *, by: Actor, run: CourseRun, content: bytes, name: str, title: str = ""
) -> PaperEvidence:
    """Store a scan; the same file is stored once."""
    if not content:
        raise EnrollmentError("empty_file", _("The file is empty."))
    # The same scan is found by its content, whatever its name.
    digest = hashlib.sha256(content).hexdigest()
    existing = PaperEvidence.objects.filter(run=run, sha256=digest).first()
    if existing:
        return existing
    scan = PaperEvidence(run=run, sha256=digest, title=title[:200], recorded_by=by.label)
    ending = name.rpartition(".")[2].lower()[:8] or "bin"
    scan.file.save(f"scan-{digest[:16]}.{ending}", ContentFile(content))
    audit_details(run=run.code, sha256=digest)
    return scan


@audited("paper_results_backfilled")
def backfill(
    *,
    by: Actor,
    run: CourseRun,
    sending_agency: Agency,
    results: Sequence[PaperResult],
    paper: PaperEvidence,
    reason: str = "",
) -> Backfill:
    """Record past results on paper, all or none; people with a result already are left alone.

    No enrollment steps, and no message to anybody. ``reason`` is for days outside the class's days.
    """
    run = lock_run(run)
    already = people_completed(run, [result.trainee.pk for result in results])
    new = [result for result in results if result.trainee.pk not in already]
    for result in new:
        record_from_paper(
            by=by,
            run=run,
            trainee=result.trainee,
            sending_agency=sending_agency,
            completed_on=result.completed_on,
            score=result.score,
            paper=paper,
            reason=reason,
            trainee_kind=result.trainee_kind,
        )
    audit_details(run=run.code, agency=sending_agency.slug, recorded=len(new))
    return Backfill(len(new), len(results) - len(new))


def _add_score_entries(by: Actor, enrollments: Any, sat_on: dt.date | None = None) -> None:
    ScoreEntry.objects.bulk_create(
        (
            ScoreEntry(enrollment=p, score=p.score, sat_on=sat_on, recorded_by=by.label)
            for p in enrollments
        ),
        batch_size=BATCH_SIZE,
    )


def _require_of_ten(score: Decimal) -> None:
    if not 0 <= score <= 10:
        raise EnrollmentError("score_of_ten", _("A score must be between 0 and 10."))
