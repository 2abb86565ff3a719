from django.db import models

from common import clock
from targets.choices import ValueState


class Submission(models.Model):
    """What an agency reports, and whether the programme office accepts or returns it."""

    state = models.CharField(
        max_length=9, choices=ValueState, default=ValueState.SUBMITTED, editable=False
    )
    submitted_at = models.DateTimeField(default=clock.now)
    submitted_by = models.CharField(max_length=200)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decision_note = models.CharField(max_length=250, blank=True)

    class Meta:
        abstract = True
