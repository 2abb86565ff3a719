import datetime as dt
from typing import TYPE_CHECKING, Self

from django.db import connection, models

from common import clock

if TYPE_CHECKING:
    from counting.models import CountingRule


# Raw SQL: every figure begins with this query, which by the ORM took as long as all the rest.
_IN_FORCE = """
SELECT rule.* FROM counting_countingrule rule
JOIN counting_indicator indicator ON indicator.id = rule.indicator_id
WHERE indicator.slug = %s AND rule.adopted_on <= %s AND rule.recorded_at <= %s
ORDER BY rule.adopted_on DESC, rule.version DESC LIMIT 1
"""


class CountingRuleQuerySet(models.QuerySet["CountingRule"]):
    def of(self, indicator: str) -> Self:
        return self.filter(indicator__slug=indicator)

    def in_force(self, indicator: str, known_as_of: dt.datetime) -> "CountingRule | None":
        """The latest version adopted and on record by an instant; None before any was adopted.

        A version entered late counts only from its entry, so that earlier answers come out again.
        """
        day = connection.ops.adapt_datefield_value(known_as_of.astimezone(clock.HANOI).date())
        instant = connection.ops.adapt_datetimefield_value(known_as_of)
        return next(iter(self.raw(_IN_FORCE, [indicator, day, instant])), None)
