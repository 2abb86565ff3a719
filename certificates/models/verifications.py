"""How often certificates are verified: counted, never by whom or of whom."""

from django.db import models


class VerificationCount(models.Model):
    """Verifications per hour and result. Visitors and certificates are not recorded."""

    hour = models.DateTimeField()
    how = models.CharField(max_length=10)
    state = models.CharField(max_length=12)
    visits = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-hour", "how", "state")
        constraints = (
            models.UniqueConstraint(
                fields=("hour", "how", "state"), name="one_verification_count_per_hour"
            ),
        )

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00} {self.how} {self.state}"
