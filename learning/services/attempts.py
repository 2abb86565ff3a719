"""Taking a test: a form is drawn, each answer saved at once, the whole graded when handed in."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from decimal import Decimal
from random import SystemRandom
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock
from common.prepared import Given, Prepared, given_ids
from courses.choices import RunState
from courses.models import CourseRun
from courses.services import require_unended
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.results import record_scores
from learning.choices import SHOWS_ANSWERS, Feedback, Stage
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
    own = Attempt.objects.of_holder(enrollment).filter(test=test, stage=stage)
    # Before the seat is locked: grading locks attempt, class and seat in this order.
    for one in own.overdue(now):
        finish(by=by, attempt=one)
    enrollment = _locked(enrollment)
    run = enrollment.run
    _require_seat(enrollment)
    taken = list(own)
    under_way = next((one for one in taken if one.finished_at is None), None)
    if under_way:
        return under_way
    closes_at = _require_open(run, test, stage, now)
    if len(taken) >= attempts_allowed(test, stage):
        raise LearningError("no_attempt_left", _("You have taken this test as often as allowed."))
    limit = now + dt.timedelta(minutes=test.minutes) if test.minutes else closes_at
    attempt = Attempt.objects.create(
        enrollment=enrollment,
        test=test,
        stage=stage,
        number=_next_number(taken),
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


def _locked(enrollment: Enrollment) -> Enrollment:
    """With every other seat of the person in the class: they count together."""
    seats = Enrollment.objects.filter(run=enrollment.run_id).of_person(enrollment.trainee_id)
    locked = seats.select_for_update(of=("self",)).select_related("run__course").order_by("pk")
    return next(one for one in locked if one.pk == enrollment.pk)


def _next_number(taken: Iterable[Attempt]) -> int:
    return max((one.number for one in taken), default=0) + 1


def attempts_allowed(test: CourseTest, stage: str) -> int:
    return 1 if stage == Stage.BEFORE else test.attempts


def may_see_answers(attempt: Attempt) -> bool:
    """Of a form handed in: not while it would help the person, or a classmate, to right answers."""
    enrollment, test = attempt.enrollment, attempt.test
    if test.feedback not in SHOWS_ANSWERS or _may_take_again(enrollment, test):
        return False
    return test.feedback == Feedback.AT_ONCE or _is_over(enrollment.run, test)


def _is_over(run: CourseRun, test: CourseTest) -> bool:
    """Whether nobody of the class answers any more, at either stage."""
    if run.state in (RunState.CLOSED, RunState.CANCELLED):
        return True
    return all(closes_at + GRACE < clock.now() for _opens, closes_at in spans(run, [test]).values())


def _may_take_again(enrollment: Enrollment, test: CourseTest) -> bool:
    """Whether a form of the test is or may still come into the person's hands, at either stage."""
    taken = Attempt.objects.of_holder(enrollment).filter(test=test)
    if taken.filter(finished_at=None).exists():
        return True
    if test.withdrawn_at or enrollment.state != EnrollmentState.ENROLLED:
        return False
    times = Counter(taken.values_list("stage", flat=True))
    return any(
        clock.now() <= closes_at and times[stage] < attempts_allowed(test, stage)
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


class OpenAnswer(NamedTuple):
    """What saving reads of an answer, its question, its form and its class."""

    pk: int
    position: int
    shown: dict[str, list[int]]
    kind: str
    due_at: dt.datetime
    finished_at: dt.datetime | None
    run_state: str


_READ = (
    "pk", "position", "shown", "question__kind",
    "attempt__due_at", "attempt__finished_at", "attempt__enrollment__run__state",
)  # fmt: skip


@Prepared
def _to_be_saved(some: bool) -> Any:
    answers = AttemptAnswer.objects.filter(attempt=Given("attempt")).order_by("position")
    if some:
        own = answers.of_user(Given("user"))
        answers = own.filter(position__in=given_ids("positions"))
    return answers.values_list(*_READ)


def own_answers(user: Any, attempt: int, positions: Iterable[int]) -> list[OpenAnswer]:
    """In one query, its SQL built once: a whole class saves at the same time."""
    rows = _to_be_saved(True, user=user.pk, attempt=attempt, positions=positions)
    return [OpenAnswer(*row) for row in rows]


def answers_of(attempt: Attempt) -> list[OpenAnswer]:
    return [OpenAnswer(*row) for row in _to_be_saved(False, attempt=attempt.pk)]


def save_answers(answers: Sequence[OpenAnswer], data: Mapping[str, Any]) -> int:
    """Set what the form says for answers of one attempt; return how many. May be sent again.

    No entry in the audit log for each: starting and handing in have theirs.
    """
    _require_open_form(answers[0])
    now = clock.now()
    with transaction.atomic() if len(answers) > 1 else nullcontext():
        for answer in answers:
            # Grading locks the answers and gives each its points: what comes later finds none.
            ungraded = AttemptAnswer.objects.ungraded().filter(pk=answer.pk)
            given = given_in(answer.kind, answer.position, answer.shown, data)
            if not ungraded.update(given=given, given_at=now):
                raise _handed_in()
    return len(answers)


def _handed_in() -> LearningError:
    return LearningError("handed_in", _("This test has been handed in."))


def _require_open_form(answer: OpenAnswer) -> None:
    if answer.finished_at:
        raise _handed_in()
    if clock.now() > answer.due_at + GRACE:
        raise LearningError(
            "time_over", _("The time is over: what you answered until then counts.")
        )
    if answer.run_state in (RunState.CLOSED, RunState.CANCELLED):
        text = _("The class has been closed: what you answered until then counts.")
        raise LearningError("run_closed", text)


@audited("test_handed_in")
def finish(*, by: Actor, attempt: Attempt) -> Attempt:
    """Grade what was answered; the best after the class becomes its score while it is open."""
    attempt = Attempt.objects.locked().get(pk=attempt.pk)
    if attempt.finished_at:
        return attempt
    answers = list(attempt.answers.select_for_update(of=("self",)).select_related("question"))
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
            number = _next_number(enrollment.test_attempts.filter(test=test, stage=stage))
            paper = Attempt(
                enrollment=enrollment, test=test, stage=stage, number=number, is_on_paper=True
            )
        for name, value in values.items():
            setattr(paper, name, value)
        paper.save()
        _give_score(by, paper)
    audit_details(run=run.code, test=test.pk, stage=stage, scores=len(scores))
    return len(scores)
