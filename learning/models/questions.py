"""The question bank of a course, and the tests drawn from it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.one_line import OneLineField
from courses.models import Course, CourseRun, in_reader_language
from enrollment.models import Enrollment
from learning.choices import Difficulty, Feedback, QuestionKind, Stage
from learning.querysets import (
    AttemptAnswerQuerySet,
    AttemptQuerySet,
    CourseTestQuerySet,
    QuestionQuerySet,
)


class Question(models.Model):
    """``answers`` by kind: ``options`` with vi, en and right (of pairs: match_vi, match_en; to be
    put in order: in the right one), ``right``, ``value`` with ``tolerance``, or ``accepted``.

    A question that somebody has been asked never changes: a new one replaces it in the bank.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="questions")
    kind = models.CharField(_("kind"), max_length=10, choices=QuestionKind)
    part = OneLineField(_("part"), max_length=60, blank=True)
    difficulty = models.PositiveSmallIntegerField(
        _("difficulty"), choices=Difficulty, default=Difficulty.MEDIUM
    )
    text_vi = models.TextField(_("question in Vietnamese"), max_length=5_000)
    text_en = models.TextField(_("question in English"), max_length=5_000, blank=True)
    explanation_vi = models.TextField(_("explanation in Vietnamese"), max_length=5_000, blank=True)
    explanation_en = models.TextField(_("explanation in English"), max_length=5_000, blank=True)
    answers = models.JSONField()
    replaces = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)
    withdrawn_at = models.DateTimeField(null=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ("part", "difficulty", "id")
        indexes = (
            models.Index(
                fields=("course", "part", "difficulty"),
                condition=Q(withdrawn_at=None),
                name="questions_to_draw_from",
            ),
        )

    def __str__(self) -> str:
        return self.text[:60]

    @property
    def text(self) -> str:
        return in_reader_language(self.text_vi, self.text_en)

    @property
    def explanation(self) -> str:
        return in_reader_language(self.explanation_vi, self.explanation_en)


class CourseTest(models.Model):
    """``draws`` says how many questions come from which part and difficulty.

    Asked ``before`` the class too, each trainee gets two equal forms: the same number of questions
    from the same parts at the same difficulties.
    """

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="tests")
    title_vi = OneLineField(_("title in Vietnamese"), max_length=200)
    title_en = OneLineField(_("title in English"), max_length=200, blank=True)
    draws: Any = models.JSONField(default=list)
    minutes = models.PositiveSmallIntegerField(
        _("time limit (minutes)"), null=True, blank=True, help_text=_("Blank: no limit.")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=1)
    is_asked_before = models.BooleanField(
        _("also before the class"),
        default=False,
        help_text=_("Once, with an equal form: the gain is shown per class."),
    )
    gives_score = models.BooleanField(
        _("gives the score of the class"),
        default=True,
        help_text=_("The best attempt after the class becomes the score for completion."),
    )
    feedback = models.CharField(
        _("shown afterwards"), max_length=7, choices=Feedback, default=Feedback.SCORE
    )
    withdrawn_at = models.DateTimeField(null=True)

    objects = CourseTestQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(attempts__gte=1, attempts__lte=20), name="a_test_has_an_attempt"
            ),
            models.UniqueConstraint(
                fields=("course",),
                condition=Q(gives_score=True, withdrawn_at=None),
                name="one_test_gives_the_score",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_reader_language(self.title_vi, self.title_en)

    @property
    def question_count(self) -> int:
        return sum(draw["count"] for draw in self.draws)


class TestWindow(models.Model):
    """When a class may take a test; without one, on its own days."""

    __test__ = False  # no test of pytest's

    run = models.ForeignKey(CourseRun, on_delete=models.CASCADE, related_name="test_windows")
    test = models.ForeignKey(CourseTest, on_delete=models.CASCADE, related_name="windows")
    stage = models.CharField(max_length=6, choices=Stage)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("run", "test", "stage"), name="one_window_per_class_and_test"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=models.F("opens_at")), name="a_window_closes_later"
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.test_id} {self.stage}"


class Attempt(models.Model):
    """One form of a test in somebody's hands. ``score`` is of ten; on paper it is all there is."""

    enrollment = models.ForeignKey(
        Enrollment, on_delete=models.PROTECT, related_name="test_attempts"
    )
    test = models.ForeignKey(CourseTest, on_delete=models.PROTECT, related_name="taken")
    stage = models.CharField(max_length=6, choices=Stage)
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    score = models.DecimalField(max_digits=4, decimal_places=2, null=True)
    is_on_paper = models.BooleanField(default=False)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("enrollment", "test", "stage", "number"), name="one_attempt_per_number"
            ),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=10), name="attempt_of_ten"
            ),
        )
        indexes = (
            models.Index(fields=("due_at",), condition=Q(finished_at=None), name="attempts_open"),
        )

    def __str__(self) -> str:
        return f"{self.enrollment_id}/{self.test_id} {self.stage} {self.number}"

    @property
    def is_under_way(self) -> bool:
        return self.finished_at is None and clock.now() <= self.due_at


class AttemptAnswer(models.Model):
    """A question of a form, with the order in which its options and matches are ``shown``.

    ``given``: the options chosen, the options in the order made, the match of each, or a text.
    ``points`` lie between 0 and 1.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="asked")
    position = models.PositiveSmallIntegerField()
    shown = models.JSONField(default=dict)
    given = models.JSONField(null=True)
    given_at = models.DateTimeField(null=True)
    points = models.DecimalField(max_digits=5, decimal_places=4, null=True)

    objects = AttemptAnswerQuerySet.as_manager()

    class Meta:
        ordering = ("attempt", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("attempt", "position"), name="one_question_per_position"
            ),
            models.UniqueConstraint(
                fields=("attempt", "question"), name="a_form_asks_a_question_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.position}"
