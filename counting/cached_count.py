"""The count from cached totals: the same answers as the replay, some hundred times sooner."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Count as CountOf
from django.db.models import Exists, Q, QuerySet

from counting.models import CachedCompletion, CacheState
from counting.queried_count import QueriedCount
from counting.replay import (
    STORED_FIELDS,
    Count,
    CountedPerson,
    GroupBy,
    Part,
    added_up,
    qualifying_completion,
)

Row = TypeVar("Row")
CACHE_SIZE = 256  # answers, each a few hundred agencies at most
_COLUMNS = {
    GroupBy.AGENCY: "agency_id",
    GroupBy.SECTOR: "sector",
    GroupBy.KIND: "kind",
    GroupBy.MONTH: "starts_on",
}


@dataclass(frozen=True)
class CachedCount(Count):
    """A count that asks the cached totals, for as long as they do not change.

    Every question is one statement that holds for the version with which the count began. Once the
    cache has another version, queries for the same instant answer instead. Versions are never
    used twice, so answers can be memoized by version.
    """

    version: int

    def load(self) -> bool:
        """Read the sums; False where the cache has changed since its version was read."""
        try:
            _parts(self.version, self.as_of, GroupBy.SECTOR)
        except _OutdatedError:
            return False
        return True

    def is_current(self) -> bool:
        """Whether the cached totals are still those with which this count began."""
        return CacheState.objects.filter(version=self.version).exists()

    @cached_property
    def _queried(self) -> QueriedCount:
        return QueriedCount(self.indicator, self.as_of, self.known_as_of, self.rule)

    def _each_person(self) -> Iterator[CountedPerson]:
        firsts = CachedCompletion.objects.filter(is_first=True, completed_on__lte=self.as_of)
        rows = firsts.order_by("completed_on", "completion__recorded_at", "completion").values_list(
            *(f"completion__{name}" for name in STORED_FIELDS), "person_id"
        )
        try:
            yield from map(_counted_person, _each_row(self.version, rows))
        except _OutdatedError:
            yield from self._queried.each_person()

    @property
    def persons(self) -> int:
        return sum(part.persons for part in self.parts(GroupBy.SECTOR).values())

    @property
    def completions(self) -> int:
        return sum(part.completions for part in self.parts(GroupBy.SECTOR).values())

    def parts(self, by: GroupBy) -> dict[Any, Part]:
        try:
            return _parts(self.version, self.as_of, by).copy()  # the memoized one is shared
        except _OutdatedError:
            return self._queried.parts(by)

    def persons_by(self, days: Iterable[dt.date]) -> dict[dt.date, int]:
        return {day: self._persons_by(day) for day in days}

    def _persons_by(self, day: dt.date) -> int:
        if day >= self.as_of:
            return self.persons
        if (day + dt.timedelta(days=1)).day == 1:  # most targets are due at a month's end: memoized
            months = self.parts(GroupBy.MONTH).items()
            return sum(part.persons for month, part in months if month <= f"{day:%Y-%m}")
        return replace(self, as_of=day).persons

    def reached_on(self, persons: int) -> dt.date | None:
        if not 0 < persons <= self.persons:
            return None
        try:
            return _reached_on(self.version, persons)
        except _OutdatedError:
            return self._queried.reached_on(persons)

    def contributions(self, completion_ids: QuerySet[Any, int]) -> list[tuple[int, int, Part]]:
        cached = CachedCompletion.objects.filter(
            completion__in=completion_ids, completed_on__lte=self.as_of
        )
        rows = cached.values_list("pk", "completion__sending_agency_id", "is_first")
        try:
            found = list(_each_row(self.version, rows))
        except _OutdatedError:
            return self._queried.contributions(completion_ids)
        return [(*row[:2], Part(int(row[2]), 1)) for row in found]


def clear_cache() -> None:
    _parts.cache_clear()
    _reached_on.cache_clear()


# Queries of one version -----------------------------------------------------------------


class _OutdatedError(Exception):
    """The cache no longer has the version that is asked for."""


# Raw SQL: the ORM takes longer to write this query than the database to answer it, and with one
# OR over the spans SQLite would read all rows.
_SUMS = """
SELECT {key}, SUM(persons), SUM(completions) FROM (
    SELECT {key}, persons, completions FROM counting_cachedtotal
    WHERE agency_id IS {agencies} AND span = 'd' AND starts_on >= %s AND starts_on < %s
    UNION ALL
    SELECT {key}, persons, completions FROM counting_cachedtotal
    WHERE agency_id IS {agencies} AND span = 'm' AND starts_on >= %s AND starts_on < %s
    UNION ALL
    SELECT {key}, persons, completions FROM counting_cachedtotal
    WHERE agency_id IS {agencies} AND span = 'y' AND starts_on < %s
) parts
WHERE EXISTS (SELECT 1 FROM counting_cachestate WHERE version = %s)
GROUP BY {key}
"""


@lru_cache(maxsize=CACHE_SIZE)
def _parts(version: int, as_of: dt.date, by: GroupBy) -> dict[Any, Part]:
    sums = _by_course(version, as_of) if by is GroupBy.COURSE else _sums(version, as_of, by)
    if not sums:
        _require_version(version)
    return added_up(
        (str(value)[: len("2024-05")] if by is GroupBy.MONTH else value, Part(*figures))
        for value, *figures in sums
    )


def _sums(version: int, as_of: dt.date, by: GroupBy) -> list[tuple[Any, int, int]]:
    agencies = "NOT NULL" if by is GroupBy.AGENCY else "NULL"
    days = [
        connection.ops.adapt_datefield_value(day)
        for day in _spans(as_of, in_years=by is not GroupBy.MONTH)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_SUMS.format(key=_COLUMNS[by], agencies=agencies), [*days, version])
        sums: list[tuple[Any, int, int]] = cursor.fetchall()
    return sums


def _by_course(version: int, as_of: dt.date) -> list[tuple[Any, int, int]]:
    cached = CachedCompletion.objects.filter(
        _is_current(version), completed_on__lte=as_of
    ).order_by()
    firsts = CountOf("pk", filter=Q(is_first=True))
    sums = cached.values_list("completion__course_code")
    return list(sums.annotate(persons=firsts, completions=CountOf("pk")))


def _spans(as_of: dt.date, *, in_years: bool) -> tuple[dt.date, ...]:
    """The limits in time of the totals that add up to everything until the end of a day.

    Whole years first, then whole months, then days; with ``in_years=False`` whole months from the
    beginning. In the order of the parameters of ``_SUMS``.
    """
    # The last date that Python knows has no day after it.
    until = min(as_of, dt.date.max - dt.timedelta(days=1)) + dt.timedelta(days=1)
    month = until.replace(day=1)
    year = month.replace(month=1) if in_years else dt.date.min
    return month, until, year, month, year


_REACHED_ON = """
SELECT completed_on FROM counting_cachedcompletion
WHERE is_first AND EXISTS (SELECT 1 FROM counting_cachestate WHERE version = %s)
ORDER BY completed_on LIMIT 1 OFFSET %s
"""


@lru_cache(maxsize=CACHE_SIZE)
def _reached_on(version: int, persons: int) -> dt.date:
    with connection.cursor() as cursor:
        cursor.execute(_REACHED_ON, [version, persons - 1])
        for (day,) in cursor.fetchall():
            found: dt.date = day
            return found
    raise _OutdatedError


def _counted_person(row: tuple[Any, ...]) -> CountedPerson:
    return CountedPerson(row[-1], qualifying_completion(row))


def _each_row(version: int, rows: QuerySet[Any, Row]) -> Iterator[Row]:
    """The rows one by one; _OutdatedError, before any, where the cache has another version."""
    row = None
    for row in rows.filter(_is_current(version)).iterator():
        yield row
    if row is None:
        _require_version(version)


def _require_version(version: int) -> None:
    """Tell an empty answer from an outdated version."""
    if not CacheState.objects.filter(version=version).exists():
        raise _OutdatedError


def _is_current(version: int) -> Exists:
    return Exists(CacheState.objects.filter(version=version))
