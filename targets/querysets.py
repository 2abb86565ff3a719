import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import models

from common import clock

if TYPE_CHECKING:
    from targets.models import CountingRule


class CountingRuleQuerySet(models.QuerySet["CountingRule"]):
    def adopted_by(self, known_as_of: dt.datetime) -> Self:
        """Versions adopted by the end of a day or by an instant."""
        return self.filter(adopted_on__lte=known_as_of.astimezone(clock.HANOI).date())

    def in_force(self, known_as_of: dt.datetime) -> "CountingRule | None":
        """The latest version adopted by then; before any adopted rule nobody counts."""
        return self.adopted_by(known_as_of).order_by("-adopted_on", "-version").first()
