"""What was answered, without who answered it.

There is no row for a form that was handed in: its answers are added to counters, so nothing can be
joined to a person, put in order or dated (docs/decisions/0043).
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from evaluations.choices import Source
from evaluations.models.evaluations import EvaluatedTrainer, Evaluation
from evaluations.models.forms import HIGHEST, LOWEST, FormItem
from evaluations.querysets import FreeTextQuerySet


class AnswerCount(models.Model):
    """How many valid forms answered an indicator with a value."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="counts")
    source = models.CharField(max_length=6, choices=Source)
    item = models.ForeignKey(FormItem, on_delete=models.PROTECT, related_name="+", db_index=False)
    trainer = models.ForeignKey(
        EvaluatedTrainer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    value = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("evaluation", "source", "item", "value"),
                condition=Q(trainer=None),
                name="one_counter_per_answer",
            ),
            models.UniqueConstraint(
                fields=("evaluation", "source", "item", "trainer", "value"),
                condition=Q(trainer__isnull=False),
                name="one_counter_per_answer_and_trainer",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=LOWEST, value__lte=HIGHEST), name="answer_of_one_to_ten"
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id}={self.value}: {self.count}"


class FreeText(models.Model):
    """What somebody wrote. The key is drawn at random, and the rows lie in no order of time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="texts")
    source = models.CharField(max_length=6, choices=Source)
    item = models.ForeignKey(FormItem, on_delete=models.PROTECT, related_name="+", db_index=False)
    trainer = models.ForeignKey(
        EvaluatedTrainer, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.TextField(max_length=2000)
    held_back_at = models.DateTimeField(null=True)
    held_back_by = models.CharField(max_length=200, blank=True)
    held_back_because = models.CharField(_("reason"), max_length=250, blank=True)

    objects = FreeTextQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(held_back_at=None) | ~Q(held_back_because=""),
                name="a_text_is_held_back_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)


class PaperEntry(models.Model):
    """Forms on paper that staff entered together: the same file or page again changes nothing."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=64, help_text="SHA-256 of the file, or that of the page.")
    valid = models.PositiveIntegerField()
    invalid = models.PositiveIntegerField()
    recorded_at = models.DateTimeField(default=clock.now)
    recorded_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("evaluation", "key"), name="paper_forms_entered_once"),
        )

    def __str__(self) -> str:
        return f"{self.evaluation_id}: {self.valid}"
