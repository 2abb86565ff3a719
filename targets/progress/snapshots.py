"""The number as it was known at the end of each past quarter.

What was known at a past instant never changes, so each answer is counted once and stored.
"""

import datetime as dt
from collections.abc import Sequence

from common import clock
from counting.counter import counted
from counting.models import CountingRule
from counting.replay import TRAINED_OFFICIALS, Count, GroupBy
from targets.models import QuarterSnapshot
from targets.progress.quarters import Quarter

MOST = 24  # quarters; older ones say nothing about the pace of today

Known = tuple[Quarter, dict[Quarter, int]]


def known_at_ends_of_quarters(count: Count, first: Quarter) -> list[Known]:
    """Each quarter that was over when the count was made, with the series known at its end."""
    days, quarter = [], first
    while quarter.last < min(count.as_of, count.known_on):
        days.append(quarter.last)
        quarter = quarter.next
    if not days or count.rule is None:
        return []
    days = days[-MOST:]
    stored = _stored(count, days)
    return [(Quarter.of(day), stored[day] if day in stored else _count(count, day)) for day in days]


def snapshot_quarters() -> int:
    """Store what is missing, so that pages need not count it; how many. A timed task."""
    rule = CountingRule.objects.in_force(TRAINED_OFFICIALS, clock.now())
    if rule is None:
        return 0
    before = QuarterSnapshot.objects.count()
    count = counted(rule=rule)
    if months := count.parts(GroupBy.MONTH):
        known_at_ends_of_quarters(count, Quarter.of(dt.date.fromisoformat(f"{min(months)}-01")))
    return QuarterSnapshot.objects.count() - before


def _stored(count: Count, days: Sequence[dt.date]) -> dict[dt.date, dict[Quarter, int]]:
    rows = QuarterSnapshot.objects.filter(rule=count.rule, known_on__in=days)
    return {row.known_on: _series(row.new_by_quarter) for row in rows}


def _count(count: Count, day: dt.date) -> dict[Quarter, int]:
    assert count.rule is not None
    found = counted(day, known_as_of=day, rule=count.rule, indicator=count.indicator)
    new: dict[str, int] = {}
    for month, part in found.parts(GroupBy.MONTH).items():
        key = Quarter.of(dt.date.fromisoformat(f"{month}-01")).first.isoformat()
        new[key] = new.get(key, 0) + part.persons
    # Actions of the day itself may still be under way.
    if day < clock.today() - dt.timedelta(days=1):
        QuarterSnapshot.objects.get_or_create(
            rule=count.rule, known_on=day, defaults={"new_by_quarter": new}
        )
    return _series(new)


def _series(new_by_quarter: dict[str, int]) -> dict[Quarter, int]:
    return {Quarter(dt.date.fromisoformat(day)): new for day, new in new_by_quarter.items()}
