"""Whether the cached totals are what a replay gives."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import Any

from common.ids import IdSet
from counting.choices import Span
from counting.models import CachedCompletion, CachedTotal
from counting.replay import Count

EVER = dt.date(9999, 12, 30)


@dataclass(frozen=True, slots=True)
class Difference:
    """How many cached completions and totals differ from the replay."""

    completions: int
    parts: int

    def __bool__(self) -> bool:
        return bool(self.completions or self.parts)


def difference_from(replay: Count) -> Difference:
    """Reads the replay's completions twice, one by one: in their order, and by id."""
    firsts, parts = _firsts_and_parts(replay)
    found = ((one.id, one.person_id, one.completed_on, one.id in firsts) for one in replay.by_id())
    columns = ("pk", "person_id", "completed_on", "is_first")
    cached = CachedCompletion.objects.order_by("pk").values_list(*columns).iterator()
    same = (sum(1 for _row in rows) for _key, rows in groupby(merge(found, cached)))
    completions = sum(1 for number in same if number == 1)
    cell = ("span", "starts_on", "agency_id", "kind", "sector", "persons", "completions")
    cached_parts = {tuple(row) for row in CachedTotal.objects.values_list(*cell) if any(row[-2:])}
    return Difference(completions, len(parts ^ cached_parts))


def _firsts_and_parts(replay: Count) -> tuple[IdSet, set[tuple[Any, ...]]]:
    """The first completions, and every total as its row has it.

    Span, start, agency, kind, sector, people, completions.
    """
    firsts = IdSet()
    days: Counter[tuple[Any, ...]] = Counter()
    days_of_firsts: Counter[tuple[Any, ...]] = Counter()
    for one, is_first in replay.with_firsts():
        day = one.completed_on, one.sending_agency_id, one.agency_kind, one.sector
        days[day] += 1
        if is_first:
            firsts.add(one.id)
            days_of_firsts[day] += 1
    persons, numbers = _in_spans(days_of_firsts), _in_spans(days)
    return firsts, {(*cell, persons[cell], number) for cell, number in numbers.items()}


def _in_spans(days: Counter[tuple[Any, ...]]) -> Counter[tuple[Any, ...]]:
    sums: Counter[tuple[Any, ...]] = Counter()
    for day, number in days.items():
        for cell in _cells(*day):
            sums[cell] += number
    return sums


def _cells(day: dt.date, agency: int, kind: str, sector: str) -> list[tuple[Any, ...]]:
    month = day.replace(day=1)
    starts = {Span.DAY: day, Span.MONTH: month, Span.YEAR: month.replace(month=1)}
    return [
        (span.value, start, agency_id, kind, sector)
        for span, start in starts.items()
        for agency_id in (agency, None)
    ]
