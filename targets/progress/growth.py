"""How the number grew, quarter by quarter, against the way to its targets."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from common.charts import Point
from counting.replay import Count, GroupBy
from targets.progress.milestones import Milestone
from targets.progress.quarters import Quarter


@dataclass(frozen=True, slots=True)
class GrowthQuarter:
    """``needed`` is what an even pace to the next target asks for by ``day``; None after all."""

    quarter: Quarter
    day: dt.date
    new: int
    total: int
    needed: int | None


def growth_by_quarter(count: Count, line: Sequence[Point]) -> Iterator[GrowthQuarter]:
    """From the first quarter in which anybody counts to that of the as-of day."""
    new = Counter[Quarter]()
    for month, part in count.parts(GroupBy.MONTH).items():
        new[Quarter.of(dt.date.fromisoformat(f"{month}-01"))] += part.persons
    if not +new:
        return
    quarter, total = min(+new), 0
    while quarter.first <= count.as_of:
        total += new[quarter]
        day = min(quarter.last, count.as_of)
        yield GrowthQuarter(quarter, day, new[quarter], total, _needed(line, day))
        quarter = quarter.next


def target_line(count: Count, goals: Sequence[Milestone]) -> list[Point]:
    """From nobody, at the start of the first quarter, evenly to one target after the other."""
    months = [month for month, part in count.parts(GroupBy.MONTH).items() if part.persons]
    if not (months and goals):
        return []
    start = Quarter.of(dt.date.fromisoformat(f"{min(months)}-01")).first
    ahead = [Point(goal.due_on, goal.minimum) for goal in goals if goal.due_on > start]
    return [Point(start, 0), *ahead]


def _needed(line: Sequence[Point], day: dt.date) -> int | None:
    for before, after in pairwise(line):
        if before.day <= day <= after.day:
            share = (day - before.day).days / (after.day - before.day).days
            return round(before.total + share * (after.total - before.total))
    return None
