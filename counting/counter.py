"""``counted`` is the only way to the number: from cached totals where possible, else by queries."""

import datetime as dt

from common import clock
from counting.asked import known_by
from counting.cache import updated_state
from counting.cached_count import CachedCount
from counting.models import CountingRule
from counting.queried_count import QueriedCount
from counting.replay import TRAINED_OFFICIALS, Count


def counted(
    as_of: dt.date | None = None,
    *,
    known_as_of: dt.datetime | dt.date | None = None,
    rule: CountingRule | None = None,
    indicator: str = TRAINED_OFFICIALS,
) -> Count:
    """The distinct people trained by the end of ``as_of``, as believed at ``known_as_of``.

    The rule is the latest adopted by then unless one is given, and is applied whole; where
    there is none, nobody counts. ``as_of`` (by default today) may lie after ``known_as_of``. The
    count's own ``known_as_of`` gives the same count whenever it is asked for again.
    """
    known = known_by(known_as_of)
    as_of = as_of or clock.today()
    rule = rule or CountingRule.objects.in_force(indicator, known)
    if rule and indicator == TRAINED_OFFICIALS and (state := updated_state(rule)):
        count = CachedCount(indicator, as_of, known, rule, state.version)
        if state.covers(known) and count.load():
            return count
    return QueriedCount(indicator, as_of, known, rule).load()
