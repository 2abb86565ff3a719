"""The count by statements of the database, for instants that the cached totals do not cover."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import Any

from django.db import connection
from django.db.models import Count as CountOf
from django.db.models import Window
from django.db.models.functions import RowNumber

from common.bulk import in_list
from counting.replay import Count, GroupBy, Part, added_up, qualifying, read
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
        return added_up((f"{day:%Y-%m}", part) for day, part in self._by_day.items())

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
    def _merged_rows(self) -> set[int]:
        return {*self._survivors, *self._survivors.values()}

    @cached_property
    def _qualifying(self) -> CompletionQuerySet:
        believed = Completion.objects.believed(self.known_as_of)
        return qualifying(believed.filter(completed_on__lte=self.as_of), self.rule).order_by()

    @cached_property
    def _merged(self) -> Count:
        count = Count(self.indicator, self.as_of, self.known_as_of, self.rule)
        found = self._qualifying.none()
        if self._merged_rows:
            found = self._qualifying.filter(trainee__in=in_list(self._merged_rows))
        vars(count)["all_completions"] = tuple(read(found.earliest_first(), self._survivors))
        return count

    @cached_property
    def _others(self) -> CompletionQuerySet:
        if not self._merged_rows:
            return self._qualifying
        return self._qualifying.exclude(trainee__in=in_list(self._merged_rows))

    @cached_property
    def _totals(self) -> Part:
        if self.rule is None:
            return Part(0, 0)
        found = self._others.aggregate(
            persons=CountOf("trainee", distinct=True), completions=CountOf("pk")
        )
        merged = self._merged
        return Part(found["persons"] + merged.persons, found["completions"] + merged.completions)

    @cached_property
    def _by_day(self) -> dict[dt.date, Part]:
        return self._parts(_DAY)

    def _parts(self, column: str) -> dict[Any, Part]:
        merged = self._merged
        firsts = ((getattr(one.first, column), Part(1, 0)) for one in merged.people)
        every = ((getattr(one, column), Part(0, 1)) for one in merged.all_completions)
        others = ((key, Part(*figures)) for key, *figures in self._sums(column))
        return added_up(chain(firsts, every, others))

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
