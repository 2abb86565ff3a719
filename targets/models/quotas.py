import datetime as dt
from typing import NamedTuple

from django.db import models
from django.db.models import Q, Value
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from targets.choices import Reminder
from targets.models.history import Versioned
from targets.models.targets import Target
from targets.querysets import QuotaQuerySet


class Step(NamedTuple):
    """So many people trained by a day, all of them since the start of the programme."""

    day: dt.date
    persons: int


class AudienceStep(NamedTuple):
    """So many people of an audience, by its short name, among those trained by a day."""

    audience: str
    day: dt.date
    persons: int


class Quota(Versioned):
    """An agency's part of a target, with its deadline and lead unit: its road map.

    ``steps`` lead to it, in order: lists of an ISO day and the people trained by then, cumulated.
    ``audience_steps`` say it of audiences: lists of a short name, an ISO day and people, cumulated.
    """

    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="quotas")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="quotas")
    minimum = models.PositiveIntegerField(_("at least"))
    due_on = models.DateField(_("deadline"), null=True, blank=True)
    steps = models.JSONField(default=list, blank=True)
    audience_steps = models.JSONField(
        default=list, db_default=Value([], models.JSONField()), blank=True
    )
    lead_unit = models.CharField(_("lead unit"), max_length=200, blank=True)
    cooperating_units = models.CharField(_("cooperating units"), max_length=400, blank=True)
    last_reminder = models.CharField(
        max_length=7, choices=Reminder, default=Reminder.NONE, blank=True, editable=False
    )

    objects = QuotaQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("target", "agency"),
                condition=Q(believed_until=None),
                name="one_quota_per_target_and_agency",
                violation_error_message=_("This agency already has a quota of this target."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__gte=1),
                name="a_quota_is_at_least_one",
                violation_error_message=_("A quota must be at least one person."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.agency_id} ≥ {self.minimum}"

    @property
    def last_day(self) -> dt.date:
        return self.due_on or self.target.due_on

    @property
    def plan(self) -> list[Step]:
        """The steps, of which the last is the quota itself."""
        steps = [Step(dt.date.fromisoformat(day), persons) for day, persons in self.steps]
        return [*steps, Step(self.last_day, self.minimum)]

    @property
    def audience_plan(self) -> dict[str, list[Step]]:
        """The steps of each audience, by its short name."""
        found: dict[str, list[Step]] = {}
        for audience, day, persons in self.audience_steps:
            found.setdefault(audience, []).append(Step(dt.date.fromisoformat(day), persons))
        return found
