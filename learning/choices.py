from django.db import models
from django.utils.translation import gettext_lazy as _


class UnitKind(models.TextChoices):
    TEXT = "text", _("Text")
    FILE = "file", _("File")
    LINK = "link", _("Link")
    VIDEO = "video", _("Video")


class QuestionKind(models.TextChoices):
    SINGLE = "single", _("One right answer")
    MULTIPLE = "multiple", _("Several right answers")
    TRUE_FALSE = "true_false", _("True or false")
    NUMBER = "number", _("A number")
    SHORT_TEXT = "short_text", _("Short text")
    ORDERING = "ordering", _("Put in order")
    MATCHING = "matching", _("Match the pairs")


class Difficulty(models.IntegerChoices):
    EASY = 1, _("easy")
    MEDIUM = 2, _("medium")
    HARD = 3, _("hard")


class Stage(models.TextChoices):
    BEFORE = "before", _("before the class")
    AFTER = "after", _("after the class")


class Feedback(models.TextChoices):
    """What a trainee sees of a test once it has been handed in."""

    NOTHING = "nothing", _("Nothing")
    SCORE = "score", _("The score")
    ANSWERS = "answers", _("The score; the right answers once the test has closed for the class")
    AT_ONCE = "at_once", _("The score and the right answers at once, also while others take it")


SHOWS_ANSWERS = (Feedback.ANSWERS, Feedback.AT_ONCE)
