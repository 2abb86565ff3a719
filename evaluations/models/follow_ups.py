"""What is used at work some months after the training."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.one_line import OneLineField
from common.person_names import PersonNameField
from enrollment.models import Completion
from evaluations.choices import ExampleState, Respondent, Use
from evaluations.querysets import FollowUpQuerySet
from people.models import Trainee

MOST_REMINDERS = 3


def _default_months() -> list[int]:
    return [3, 6]


class FollowUpRule(models.Model):
    """When people are asked. The latest row is in force."""

    months = models.JSONField(_("months after the completion"), default=_default_months)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=MOST_REMINDERS)
    days_between = models.PositiveSmallIntegerField(_("days between reminders"), default=14)
    days_open = models.PositiveSmallIntegerField(_("days to answer"), default=60)
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(reminders__lte=MOST_REMINDERS), name="three_reminders_at_most"
            ),
        )

    def __str__(self) -> str:
        return ", ".join(map(str, self.months))


class LineManager(models.Model):
    """Whom a trainee reports to, as far as somebody said so."""

    trainee = models.OneToOneField(Trainee, on_delete=models.PROTECT, related_name="line_manager")
    full_name = PersonNameField(_("manager's full name"), max_length=100)
    email = models.EmailField(_("manager's e-mail"))
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.full_name


class FollowUp(models.Model):
    """One question to one respondent about one completion, and its answer."""

    completion = models.ForeignKey(Completion, on_delete=models.PROTECT, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    respondent = models.CharField(max_length=7, choices=Respondent)
    asked_at = models.DateTimeField(default=clock.now)
    closes_on = models.DateField()
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    use = models.CharField(_("Is it used at work?"), max_length=10, choices=Use, blank=True)
    what = models.TextField(_("What is it used for?"), max_length=2000, blank=True)
    obstacle = models.TextField(_("What prevents it?"), max_length=1000, blank=True)
    example = models.TextField(_("An example"), max_length=4000, blank=True)
    link = models.URLField(_("link to the example"), blank=True)
    file = models.FileField(_("file of the example"), upload_to="examples/%Y/", blank=True)
    may_publish = models.BooleanField(_("The example may be published"), default=False)
    example_state = models.CharField(max_length=9, choices=ExampleState, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decision_note = models.CharField(_("note"), max_length=250, blank=True)
    public_title = OneLineField(_("title"), max_length=150, blank=True)
    public_text = models.TextField(_("text"), max_length=4000, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("completion", "months", "respondent"), name="asked_once_per_time"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | ~Q(use=""), name="an_answer_says_whether_it_is_used"
            ),
            models.CheckConstraint(
                condition=~Q(example_state=ExampleState.PUBLISHED)
                | Q(may_publish=True, public_text__gt="", public_title__gt=""),
                name="published_examples_are_agreed_to",
            ),
        )
        indexes = (
            models.Index(
                fields=("closes_on",), condition=Q(answered_at=None), name="follow_up_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.completion_id}+{self.months} {self.respondent}"

    @property
    def has_example(self) -> bool:
        return bool(self.example or self.link or self.file)

    @property
    def is_open(self) -> bool:
        return self.answered_at is None and clock.today() <= self.closes_on
