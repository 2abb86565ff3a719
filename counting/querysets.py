import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from common import clock
from common.prepared import Given, Prepared, instances, stored_names

if TYPE_CHECKING:
    from counting.models import CountingRule


@Prepared
def _in_force(rules: "type[CountingRule]") -> Any:
    known = rules.objects.filter(
        indicator__slug=Given("indicator"),
        adopted_on__lte=Given("day"),
        recorded_at__lte=Given("instant"),
    )
    return known.order_by("-adopted_on", "-version").values_list(*stored_names(rules))[:1]


class CountingRuleQuerySet(models.QuerySet["CountingRule"]):
    def of(self, indicator: str) -> Self:
        return self.filter(indicator__slug=indicator)

    def in_force(self, indicator: str, known_as_of: dt.datetime) -> "CountingRule | None":
        """The latest version adopted and on record by an instant; None before any was adopted.

        A version entered late counts only from its entry, so that earlier answers come out again.
        """
        asked = {"indicator": indicator, "day": known_as_of.astimezone(clock.HANOI).date()}
        found = _in_force(self.model, instant=known_as_of, **asked)
        return next(iter(instances(self.model, found)), None)
