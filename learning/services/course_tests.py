"""Tests of a course, and when a class may take them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from courses.models import Course, CourseRun
from courses.services import require_unended
from learning.choices import Difficulty, Stage
from learning.errors import LearningError, LearningInputError
from learning.models import CourseTest, TestWindow

# A test before the class opens so many days before its first.
_AHEAD = dt.timedelta(days=14)
Draws = list[dict[str, Any]]
Span = tuple[dt.datetime, dt.datetime]


def available(course: Course) -> dict[tuple[str, int], int]:
    """How many questions the bank holds by part and difficulty."""
    rows = course.questions.in_use().values_list("part", "difficulty")
    return {
        (part, level): count
        for part, level, count in rows.annotate(Count("id")).order_by("part", "difficulty")
    }


@audited("test_saved")
def save_test(
    *, by: Actor, course: Course, draws: Draws, test: CourseTest | None = None, **values: Any
) -> CourseTest:
    """Enter a test or change it; forms handed out before stay as they are."""
    test = test or CourseTest(course=course)
    _require_drawable(course, draws)
    test.draws = draws
    for name, value in values.items():
        setattr(test, name, value)
    one = _("Another test of this course already gives the score.")
    with violation_as(LearningError, "second_score", one), transaction.atomic():
        test.save()
    audit_details(course=course.code, test=test.pk, questions=test.question_count)
    return test


def _require_drawable(course: Course, draws: Draws) -> None:
    if not draws:
        raise LearningInputError("no_questions", _("Say how many questions the test has."))
    bank = available(course)
    for draw in draws:
        found = bank.get((draw["part"], draw["difficulty"]), 0)
        if draw["count"] > found:
            text = _("Part “%(part)s”, %(level)s: the bank holds %(found)s questions only.")
            level = Difficulty(draw["difficulty"]).label
            what = {"part": draw["part"] or "–", "level": level, "found": found}
            raise LearningInputError("too_few_questions", text % what)


@audited("test_withdrawn")
def withdraw_test(*, by: Actor, test: CourseTest) -> None:
    CourseTest.objects.filter(pk=test.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
    audit_details(course=test.course.code, test=test.pk)


def tests_of(run: CourseRun) -> list[CourseTest]:
    return list(CourseTest.objects.filter(course=run.course_id, withdrawn_at=None))


def spans(run: CourseRun, tests: Iterable[CourseTest]) -> dict[tuple[int, str], Span]:
    """When the class may take each test, by test and stage."""
    starts, ends = clock.start_of_day(run.starts_on), clock.end_of_day(run.ends_on)
    found: dict[tuple[int, str], Span] = {}
    for test in tests:
        found[test.pk, Stage.AFTER] = (starts, ends)
        if test.is_asked_before:
            found[test.pk, Stage.BEFORE] = (starts - _AHEAD, clock.end_of_day(run.starts_on))
    for window in TestWindow.objects.filter(run=run):
        if (window.test_id, window.stage) in found:
            found[window.test_id, window.stage] = (window.opens_at, window.closes_at)
    return found


@audited("test_window_set")
def set_window(
    *,
    by: Actor,
    run: CourseRun,
    test: CourseTest,
    stage: str,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
) -> None:
    require_unended(run)
    if closes_at <= opens_at:
        raise LearningInputError("closes_first", _("A test cannot close before it opens."))
    values = {"opens_at": opens_at, "closes_at": closes_at}
    TestWindow.objects.update_or_create(run=run, test=test, stage=stage, defaults=values)
    audit_details(run=run.code, test=test.pk, stage=stage)
