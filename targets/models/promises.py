"""What was promised, and by which rule people are counted towards it."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from common import clock
from courses.models import Course
from targets.choices import Unit
from targets.querysets import CountingRuleQuerySet, TargetQuerySet


class Indicator(models.Model):
    """What a decision promises."""

    slug = models.CharField(max_length=60, unique=True)
    unit = models.CharField(max_length=10, choices=Unit)
    title_vi = models.CharField(max_length=250)
    title_en = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.slug

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return self.title_en if get_language() == "en" and self.title_en else self.title_vi


class Target(models.Model):
    """At least so many by a day.

    A change leaves what was said before as a row of its own, ``replaced_by`` the one that stands;
    ``believed_from`` is empty for what was law before it was entered here.
    """

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    due_on = models.DateField(_("due on"))
    minimum = models.PositiveIntegerField(_("at least"))
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    believed_from = models.DateTimeField(null=True, editable=False)
    believed_until = models.DateTimeField(null=True, editable=False)
    replaced_by = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, related_name="earlier", editable=False
    )

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ("due_on",)
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "due_on"),
                condition=models.Q(believed_until=None),
                name="one_standing_target_per_indicator_and_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} ≥ {self.minimum} by {self.due_on}"


class CountingRule(models.Model):
    """Which completions count, as versioned data. An empty list means: all of them."""

    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="rules")
    version = models.PositiveSmallIntegerField()
    adopted_on = models.DateField()
    recorded_at = models.DateTimeField(default=clock.now)
    sectors = models.JSONField(default=list)
    kinds = models.JSONField(default=list, blank=True)
    evidence_kinds = models.JSONField(default=list)
    minimum_periods = models.PositiveSmallIntegerField(default=0)
    agencies_left_out = models.ManyToManyField(Agency, blank=True, related_name="+")
    sentence_vi = models.TextField()
    sentence_en = models.TextField()
    reason = models.CharField(max_length=250, blank=True)

    objects = CountingRuleQuerySet.as_manager()

    class Meta:
        ordering = ("indicator", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "version"), name="one_rule_per_indicator_and_version"
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} v{self.version}"

    @property
    def sentence(self) -> str:
        """The rule in plain words, in the reader's language."""
        return self.sentence_en if get_language() == "en" else self.sentence_vi


class RuleCourse(models.Model):
    """A course that counts under a rule, for completions between two days."""

    rule = models.ForeignKey(CountingRule, on_delete=models.CASCADE, related_name="courses")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    counts_from = models.DateField(null=True, blank=True)
    counts_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("rule", "course"), name="one_row_per_rule_and_course"),
        )

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.course_id}"
