import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models

from common import clock

if TYPE_CHECKING:
    from targets.models import CountingRule


class CountingRuleQuerySet(models.QuerySet["CountingRule"]):
    def of(self, indicator: str) -> Self:
        """The versions of the rule of an indicator, named by its slug."""
        return self.filter(indicator__slug=indicator)

    def adopted_by(self, known_as_of: dt.datetime) -> Self:
        """Versions adopted and on record by an instant.

        A version entered late counts only from its entry: what was said before stands.
        """
        day = known_as_of.astimezone(clock.HANOI).date()
        return self.filter(adopted_on__lte=day, recorded_at__lte=known_as_of)

    def in_force(self, known_as_of: dt.datetime) -> "CountingRule | None":
        """The latest version adopted by then; before any adopted rule nobody counts."""
        return self.adopted_by(known_as_of).order_by("-adopted_on", "-version").first()
