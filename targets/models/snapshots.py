from django.db import models

from counting.models import CountingRule


class QuarterSnapshot(models.Model):
    """The people that were known at the end of a quarter, by the quarter that first counted them.

    ``new_by_quarter``: first day of a quarter → people. Derived from records; may be deleted.
    """

    rule = models.ForeignKey(CountingRule, on_delete=models.CASCADE, related_name="+")
    known_on = models.DateField()
    new_by_quarter = models.JSONField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("rule", "known_on"), name="one_snapshot_per_rule_and_quarter"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule_id} {self.known_on}"
