from django.db import models
from django.utils.translation import gettext_lazy as _

from counting.models import Indicator
from targets.models.history import Versioned
from targets.querysets import TargetQuerySet


class Target(Versioned):
    """At least so many people, or per cent, by a day."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="targets")
    due_on = models.DateField(_("due on"))
    minimum = models.PositiveIntegerField(_("at least"))
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        ordering = ("due_on",)
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "due_on"),
                condition=models.Q(believed_until=None),
                name="one_current_target_per_indicator_and_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} ≥ {self.minimum} by {self.due_on}"
