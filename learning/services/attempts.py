"""Taking a test: a form is drawn, each answer saved at once, the whole graded when handed in."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from random import SystemRandom
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from courses.services import require_unended
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.results import record_scores
from learning.choices import Stage
from learning.errors import LearningError, LearningInputError
from learning.models import Attempt, AttemptAnswer, CourseTest, Question
from learning.services.course_tests import Draws, spans
from learning.services.grading import given_in, points, shuffled
from learning.services.self_paced import complete_when_done

# What was answered in time but came late over a weak line still counts.
GRACE = dt.timedelta(minutes=2)
_random = SystemRandom()


def draw(course_id: int, draws: Draws) -> list[Question]:
    """As many questions of each part and difficulty as asked for, each with the same chance.

    Error: LearningError, where the bank no longer holds as many.
    """
    wanted = Q(pk__in=())
    for one in draws:
        wanted |= Q(part=one["part"], difficulty=one["difficulty"])
    bank: dict[tuple[str, int], list[Question]] = {}
    for question in Question.objects.in_use().filter(wanted, course=course_id):
        bank.setdefault((question.part, question.difficulty), []).append(question)
    drawn = []
    for one in draws:
        found = bank.get((one["part"], one["difficulty"]), [])
        if len(found) < one["count"]:
            text = _("The question bank no longer holds enough questions: tell the trainer.")
            raise LearningError("too_few_questions", text)
        drawn += _random.sample(found, one["count"])
    return drawn


@audited("test_started")
def start(*, by: Actor, enrollment: Enrollment, test: CourseTest, stage: str) -> Attempt:
    """A new form; or the one under way, which is not lost by leaving the page."""
    now = clock.now()
    # Before the seat is locked: grading locks attempt, class and seat in this order.
    for one in enrollment.test_attempts.overdue(now).filter(test=test, stage=stage):
        finish(by=by, attempt=one)
    enrollment = Enrollment.objects.select_for_update(of=("self",)).get(pk=enrollment.pk)
    run = enrollment.run
    _require_seat(enrollment)
    taken = list(enrollment.test_attempts.filter(test=test, stage=stage))
    under_way = next((one for one in taken if one.finished_at is None), None)
    if under_way:
        return under_way
    closes_at = _require_open(run, test, stage, now)
    if len(taken) >= _allowed(test, stage):
        raise LearningError("no_attempt_left", _("You have taken this test as often as allowed."))
    limit = now + dt.timedelta(minutes=test.minutes) if test.minutes else closes_at
    attempt = Attempt.objects.create(
        enrollment=enrollment,
        test=test,
        stage=stage,
        number=len(taken) + 1,
        started_at=now,
        due_at=min(limit, closes_at),
    )
    AttemptAnswer.objects.bulk_create(
        AttemptAnswer(
            attempt=attempt, question=question, position=position, shown=shuffled(question)
        )
        for position, question in enumerate(draw(test.course_id, test.draws), start=1)
    )
    audit_details(run=run.code, enrollment=enrollment.pk, test=test.pk, stage=stage)
    return attempt


def _allowed(test: CourseTest, stage: str) -> int:
    return 1 if stage == Stage.BEFORE else test.attempts


def may_take_again(enrollment: Enrollment, test: CourseTest) -> bool:
    """Whether a form of the test is or may still come into somebody's hands, at either stage."""
    taken = enrollment.test_attempts.filter(test=test)
    if taken.filter(finished_at=None).exists():
        return True
    if test.withdrawn_at or enrollment.state != EnrollmentState.ENROLLED:
        return False
    times = Counter(taken.values_list("stage", flat=True))
    return any(
        clock.now() <= closes_at and times[stage] < _allowed(test, stage)
        for (_test, stage), (_opens_at, closes_at) in spans(enrollment.run, [test]).items()
    )


def _require_seat(enrollment: Enrollment) -> None:
    require_unended(enrollment.run)
    if enrollment.state != EnrollmentState.ENROLLED:
        raise LearningError("no_seat", _("Only people with a seat can take the test."))


def _require_open(run: CourseRun, test: CourseTest, stage: str, now: dt.datetime) -> dt.datetime:
    span = spans(run, [test]).get((test.pk, stage))
    if test.withdrawn_at or span is None:
        raise LearningError("no_such_test", _("This test is no longer asked."))
    if now < span[0]:
        raise LearningError("not_open_yet", _("The test is not open yet."))
    if now > span[1]:
        raise LearningError("closed", _("The time for this test is over."))
    return span[1]


def save_answers(attempt: Attempt, positions: set[int], data: Mapping[str, Any]) -> int:
    """Set what the form says for these positions; return how many were set. May be sent again.

    No entry in the audit log for each: starting and handing in have theirs.
    """
    _require_open_form(attempt)
    answers = attempt.answers.filter(position__in=positions).select_related("question")
    saved, now = 0, clock.now()
    for answer in answers:
        given = given_in(answer, data)
        # One statement that names the open form: what comes after it was handed in changes nothing.
        rows = AttemptAnswer.objects.filter(pk=answer.pk, attempt__finished_at=None)
        saved += rows.update(given=given, given_at=now)
    return saved


def _require_open_form(attempt: Attempt) -> None:
    if attempt.finished_at:
        raise LearningError("handed_in", _("This test has been handed in."))
    if clock.now() > attempt.due_at + GRACE:
        raise LearningError(
            "time_over", _("The time is over: what you answered until then counts.")
        )
    if attempt.enrollment.run.state in (RunState.CLOSED, RunState.CANCELLED):
        text = _("The class has been closed: what you answered until then counts.")
        raise LearningError("run_closed", text)


@audited("test_handed_in")
def finish(*, by: Actor, attempt: Attempt) -> Attempt:
    """Grade what was answered; the best after the class becomes its score while it is open."""
    attempt = Attempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.finished_at:
        return attempt
    answers = list(attempt.answers.select_related("question"))
    for answer in answers:
        answer.points = points(answer.question, answer.given)
    AttemptAnswer.objects.bulk_update(answers, ["points"])
    share = sum((one.points or Decimal(0) for one in answers), Decimal(0)) / len(answers)
    attempt.score = (share * 10).quantize(Decimal("0.01"))
    attempt.finished_at = min(clock.now(), attempt.due_at)
    attempt.save(update_fields=["score", "finished_at"])
    audit_details(enrollment=attempt.enrollment_id, test=attempt.test_id)
    _give_score(by, attempt)
    return attempt


def _give_score(by: Actor, attempt: Attempt) -> None:
    enrollment = attempt.enrollment
    ended = enrollment.run.state in (RunState.CLOSED, RunState.CANCELLED)
    if attempt.stage != Stage.AFTER or not attempt.test.gives_score or ended:
        return
    if enrollment.state != EnrollmentState.ENROLLED:
        return
    after = enrollment.test_attempts.finished().filter(test=attempt.test, stage=Stage.AFTER)
    best = after.aggregate(best=Max("score"))["best"]
    record_scores(by=by, run=enrollment.run, scores={enrollment.pk: best})
    enrollment.refresh_from_db(fields=["score"])
    complete_when_done(by=by, enrollment=enrollment)


def finish_overdue() -> int:
    """A timed task: grade forms whose time is over."""
    overdue = Attempt.objects.overdue(clock.now() - GRACE).order_by("id")[:500]
    for attempt in overdue:
        finish(by=SYSTEM, attempt=attempt)
    return len(overdue)


@audited("paper_test_recorded")
def record_paper(
    *, by: Actor, run: CourseRun, test: CourseTest, stage: str, scores: Mapping[int, Decimal]
) -> int:
    """Scores of a test on paper, by enrollment; a later sheet corrects an earlier one."""
    require_unended(lock_run(run))  # before the seats, as everywhere
    now = clock.now()
    if stage == Stage.BEFORE and not test.is_asked_before:
        text = _("This test is not asked before the class: choose “after the class”.")
        raise LearningInputError("not_asked_before", text)
    seated = run.enrollments.holding_a_seat().filter(pk__in=scores)
    for enrollment in seated.select_for_update(of=("self",)).order_by("pk"):
        values = {"score": scores[enrollment.pk], "finished_at": now, "due_at": now}
        paper = enrollment.test_attempts.filter(test=test, stage=stage, is_on_paper=True).first()
        if paper is None:
            number = enrollment.test_attempts.filter(test=test, stage=stage).count() + 1
            paper = Attempt(
                enrollment=enrollment, test=test, stage=stage, number=number, is_on_paper=True
            )
        for name, value in values.items():
            setattr(paper, name, value)
        paper.save()
        _give_score(by, paper)
    audit_details(run=run.code, test=test.pk, stage=stage, scores=len(scores))
    return len(scores)
