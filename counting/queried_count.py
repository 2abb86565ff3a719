"""The count by statements of the database, for instants that the cached totals do not cover."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from django.db import connection
from django.db.models import Count as CountOf
from django.db.models import Window
from django.db.models.functions import RowNumber

from common.bulk import in_list
from counting.replay import Count, GroupBy, Part, qualifying, read
from enrollment.models import Completion
from enrollment.querysets import CompletionQuerySet
from people.models import Merge

_DAY = "completed_on"
_COLUMNS = {
    GroupBy.AGENCY: "sending_agency_id",
    GroupBy.SECTOR: "sector",
    GroupBy.KIND: "agency_kind",
    GroupBy.COURSE: "course_code",
}


@dataclass(frozen=True)
class QueriedCount(Count):
    """The same answers as the replay. Rows that were merged are few, and replayed apart."""

    def load(self) -> "QueriedCount":
        _ = self._totals, self._merged
        return self

    @property
    def persons(self) -> int:
        return self._totals.persons

    @property
    def completions(self) -> int:
        return self._totals.completions

    def parts(self, by: GroupBy) -> dict[Any, Part]:
        if by is not GroupBy.MONTH:
            return self._parts(_COLUMNS[by])
        months: dict[str, Part] = {}
        for day, part in self._by_day.items():
            before = months.get(f"{day:%Y-%m}", Part(0, 0))
            months[f"{day:%Y-%m}"] = Part(*map(sum, zip(before, part, strict=True)))
        return months

    def persons_by(self, days: Iterable[dt.date]) -> dict[dt.date, int]:
        by_day = self._by_day.items()
        return {day: sum(part.persons for one, part in by_day if one <= day) for day in days}

    def reached_on(self, persons: int) -> dt.date | None:
        if persons <= 0:
            return None
        days = sorted(self._by_day)
        so_far = accumulate(self._by_day[day].persons for day in days)
        return next((day for day, sum_ in zip(days, so_far, strict=True) if sum_ >= persons), None)

    @cached_property
    def _survivors(self) -> dict[int, int]:
        return Merge.objects.believed(self.known_as_of).survivor_by_absorbed()

    @cached_property
    def _qualifying(self) -> CompletionQuerySet:
        believed = Completion.objects.believed(self.known_as_of)
        return qualifying(believed.filter(completed_on__lte=self.as_of), self.rule).order_by()

    @cached_property
    def _merged(self) -> Count:
        """The people of whom some row was merged, by the replay."""
        count = Count(self.indicator, self.as_of, self.known_as_of, self.rule)
        rows = self._survivors.keys() | set(self._survivors.values())
        if rows:
            found = self._qualifying.filter(trainee__in=in_list(rows)).earliest_first()
            vars(count)["all_completions"] = tuple(read(found, self._survivors))
        else:
            vars(count)["all_completions"] = ()
        return count

    @cached_property
    def _others(self) -> CompletionQuerySet:
        rows = self._survivors.keys() | set(self._survivors.values())
        return self._qualifying.exclude(trainee__in=in_list(rows)) if rows else self._qualifying

    @cached_property
    def _totals(self) -> Part:
        if self.rule is None:
            return Part(0, 0)
        found = self._others.aggregate(
            persons=CountOf("trainee", distinct=True), completions=CountOf("pk")
        )
        return Part(
            found["persons"] + self._merged.persons,
            found["completions"] + self._merged.completions,
        )

    @cached_property
    def _by_day(self) -> dict[dt.date, Part]:
        return self._parts(_DAY)

    def _parts(self, column: str) -> dict[Any, Part]:
        persons: Counter[Any] = Counter(
            getattr(person.first, column) for person in self._merged.people
        )
        completions: Counter[Any] = Counter(
            getattr(one, column) for one in self._merged.all_completions
        )
        for key, first, every in self._sums(column):
            persons[key] += first
            completions[key] += every
        return {key: Part(persons[key], number) for key, number in completions.items()}

    def _sums(self, column: str) -> list[tuple[Any, int, int]]:
        """Key, people and completions of those whose rows were never merged."""
        if self.rule is None:
            return []
        order = ("completed_on", "recorded_at", "id")
        number = Window(RowNumber(), partition_by="trainee_id", order_by=order)
        numbered = self._others.annotate(place=number).values_list(column, "place")
        sql, parameters = numbered.query.sql_with_params()
        name = connection.ops.quote_name(column)
        with connection.cursor() as cursor:
            # The name of a column of ours, and SQL that Django made; values are parameters.
            cursor.execute(
                f"SELECT {name}, COUNT(CASE WHEN place = 1 THEN 1 END), COUNT(*) "  # noqa: S608  # nosec B608
                f"FROM ({sql}) found GROUP BY {name}",
                parameters,
            )
            found: list[tuple[Any, int, int]] = cursor.fetchall()
        return found
