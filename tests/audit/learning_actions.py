"""How each action of ``learning`` is done, for ``test_every_action``."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from common import clock
from enrollment.services.self_paced import complete_self_paced
from learning.choices import Stage
from learning.models import Attempt, CourseTest, Question, Unit
from learning.services import attempts, course_tests, progress, questions, units
from learning.sheets.drafts import Draft
from tests.audit.sample_programme import ANNA, FUTURE, NOON, Things

DRAFT = Draft("true_false", "Mới?", {"right": True})


def a_unit(t: Things) -> Unit:
    return Unit.objects.get(course=t.past.course)


def a_question(t: Things) -> Question:
    return Question.objects.get(course=t.past.course)


def a_test(t: Things) -> CourseTest:
    return CourseTest.objects.get(course=t.past.course)


def begin(t: Things) -> object:
    seat = t.place("enrolled")
    with clock.set_to(NOON):
        return attempts.start(enrollment=seat, test=a_test(t), stage=Stage.AFTER, by=ANNA)


def hand_in(t: Things) -> object:
    attempt = Attempt.objects.create(
        enrollment=t.done, test=a_test(t), stage=Stage.AFTER, number=2, due_at=clock.now()
    )
    attempt.answers.create(question=a_question(t), position=1)
    return attempts.finish(attempt=attempt, by=ANNA)


def complete(t: Things) -> object:
    run = t.run()
    run.is_self_paced = True
    run.save()
    return complete_self_paced(enrollment=t.place("enrolled"), on=FUTURE, by=ANNA)


def mark_done(t: Things) -> object:
    with clock.set_to(NOON):
        return progress.set_done(enrollment=t.place("enrolled"), unit=a_unit(t), by=ANNA)


LEARNING: dict[str, Callable[[Things], object]] = {
    "unit_added": lambda t: units.add_unit(
        course=t.past.course, kind="text", title_vi="Bài 2", text_vi="Nội dung", by=ANNA
    ),
    "unit_changed": lambda t: units.change_unit(
        unit=a_unit(t),
        is_required=True,
        opens_after_days=None,
        kind="text",
        title_vi="Bài 2",
        text_vi="Nội dung",
        by=ANNA,
    ),
    "unit_moved": lambda t: units.move_unit(unit=a_unit(t), steps=1, by=ANNA),
    "unit_withdrawn": lambda t: units.withdraw_unit(unit=a_unit(t), by=ANNA),
    "class_unit_set": lambda t: units.set_class_unit(run=t.run(), unit=a_unit(t), by=ANNA),
    "unit_done": mark_done,
    "question_added": lambda t: questions.add_question(course=t.past.course, draft=DRAFT, by=ANNA),
    "question_changed": lambda t: questions.change_question(
        question=a_question(t), draft=DRAFT, by=ANNA
    ),
    "question_withdrawn": lambda t: questions.withdraw_question(question=a_question(t), by=ANNA),
    "questions_imported": lambda t: questions.add_questions(
        course=t.past.course, drafts=[DRAFT], by=ANNA
    ),
    "test_saved": lambda t: course_tests.save_test(
        course=t.past.course, test=a_test(t), draws=a_test(t).draws, minutes=20, by=ANNA
    ),
    "test_withdrawn": lambda t: course_tests.withdraw_test(test=a_test(t), by=ANNA),
    "test_window_set": lambda t: course_tests.set_window(
        run=t.run(),
        test=a_test(t),
        stage=Stage.AFTER,
        opens_at=NOON,
        closes_at=NOON + dt.timedelta(hours=1),
        by=ANNA,
    ),
    "test_started": begin,
    "test_handed_in": hand_in,
    "paper_test_recorded": lambda t: attempts.record_paper(
        run=t.run(),
        test=a_test(t),
        stage=Stage.AFTER,
        scores={t.place("enrolled").pk: Decimal(7)},
        by=ANNA,
    ),
    "self_paced_completed": complete,
}
