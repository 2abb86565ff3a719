from django.db import models
from django.utils.translation import gettext_lazy as _

from counting.models import Indicator
from targets.querysets import TargetQuerySet


class Target(models.Model):
    """At least so many people, or per cent, by a day.

    A change stores the former values as another row, whose ``replaced_by`` is the current one.
    ``believed_from`` is empty for targets that were law before they were entered here.
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
                name="one_current_target_per_indicator_and_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator_id} ≥ {self.minimum} by {self.due_on}"
