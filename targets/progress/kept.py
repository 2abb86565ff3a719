"""The count from kept figures: the same answers as the replay, some hundred times sooner."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Exists, Q, QuerySet, Sum

from targets.choices import Span
from targets.models import KeptCompletion, KeptPart, KeptState
from targets.progress.replay import Count, CountedPerson, GroupBy, Part, QualifyingCompletion

_COLUMNS = {GroupBy.AGENCY: "agency_id", GroupBy.SECTOR: "sector", GroupBy.KIND: "kind"}


@dataclass(frozen=True)
class KeptCount(Count):
    """A count that asks the kept figures, as long as they stand as they stood.

    Every question is one statement that holds only for the version of the figures that the count
    began with; once they have moved on, the replay for the same instant answers instead.
    """

    version: int

    @property
    def stands(self) -> bool:
        """Whether the figures were still those of the version when the count was made."""
        return self._by_sector is not None

    @cached_property
    def _by_sector(self) -> dict[Any, Part] | None:
        return self._parts(GroupBy.SECTOR)

    @cached_property
    def people(self) -> tuple[CountedPerson, ...]:
        """Each person once, with the first qualifying completion of all their rows."""
        in_order = self._firsts.order_by("completed_on", "completion__recorded_at", "completion")
        rows = self._asked(
            in_order.values_list(
                "completion_id",
                "completion__trainee_id",
                "person_id",
                "completed_on",
                "completion__recorded_at",
                "completion__sending_agency_id",
                "completion__agency_kind",
                "completion__sector",
            )
        )
        if rows is None:
            return super().people
        return tuple(CountedPerson(row[2], QualifyingCompletion(*row)) for row in rows)

    @property
    def persons(self) -> int:
        """The number of people (người)."""
        return sum(part.persons for part in self.parts(GroupBy.SECTOR).values())

    @property
    def completions(self) -> int:
        """The number of qualifying completions (lượt), repeated ones among them."""
        return sum(part.completions for part in self.parts(GroupBy.SECTOR).values())

    def parts(self, by: GroupBy) -> dict[Any, Part]:
        """The count in parts, see ``Count.parts``."""
        found = self._by_sector if by is GroupBy.SECTOR else self._parts(by)
        return super().parts(by) if found is None else found

    def _parts(self, by: GroupBy) -> dict[Any, Part] | None:
        key = "starts_on" if by is GroupBy.MONTH else _COLUMNS[by]
        parts = KeptPart.objects.filter(_up_to(self.as_of, in_years=by is not GroupBy.MONTH))
        rows = self._asked(
            parts.order_by().values_list(key).annotate(Sum("persons"), Sum("completions"))
        )
        if rows is None:
            return None
        found: dict[Any, Part] = {}
        for value, persons, completions in rows:
            name = f"{value:%Y-%m}" if by is GroupBy.MONTH else value
            before = found.get(name, Part(0, 0))
            found[name] = Part(before.persons + persons, before.completions + completions)
        return {name: part for name, part in found.items() if part.completions}

    def persons_by(self, days: Iterable[dt.date]) -> dict[dt.date, int]:
        """How many of the people counted already by each of some earlier days."""
        ends = {day: _up_to(min(day, self.as_of)) for day in days}
        sums = {f"by_{day:%Y%m%d}": Sum("persons", filter=end) for day, end in ends.items()}
        parts = KeptPart.objects.filter(reduce(or_, ends.values(), Q(pk__in=())))
        rows = self._asked(parts.order_by().values("span").annotate(**sums))
        if rows is None:
            return super().persons_by(ends)
        return {
            day: sum(row[name] or 0 for row in rows) for day, name in zip(ends, sums, strict=True)
        }

    def reached_on(self, persons: int) -> dt.date | None:
        """The day on which so many people were counted; None: not yet."""
        if not 0 < persons <= self.persons:
            return None
        since = self._firsts.order_by("completed_on").values_list("completed_on", flat=True)
        rows = self._asked(since, only=slice(persons - 1, persons))
        return rows[0] if rows else super().reached_on(persons)

    def among(self, completion_ids: QuerySet[Any, int]) -> list[tuple[int, int, Part]]:
        """What some completions add to the number, see ``Count.among``."""
        kept = KeptCompletion.objects.filter(
            completion__in=completion_ids, completed_on__lte=self.as_of
        )
        rows = self._asked(kept.values_list("pk", "completion__sending_agency_id", "is_first"))
        if rows is None:
            return super().among(completion_ids)
        return [(id_, agency, Part(int(is_first), 1)) for id_, agency, is_first in rows]

    @property
    def _firsts(self) -> QuerySet[KeptCompletion]:
        return KeptCompletion.objects.filter(is_first=True, completed_on__lte=self.as_of)

    def _asked(self, rows: QuerySet[Any, Any], only: slice = slice(None)) -> list[Any] | None:
        """The rows, or None where the kept figures have moved on meanwhile."""
        state = KeptState.objects.filter(version=self.version)
        found = list(rows.filter(Exists(state))[only])
        return found if found or state.exists() else None


def _up_to(as_of: dt.date, *, in_years: bool = True) -> Q:
    """The kept parts that make up everything to the end of a day: few long ones, some short.

    Whole years first, then whole months, then days; or whole months from the beginning.
    """
    until = min(as_of, dt.date.max - dt.timedelta(days=1)) + dt.timedelta(days=1)
    month = until.replace(day=1)
    year = month.replace(month=1) if in_years else dt.date.min
    days = Q(span=Span.DAY, starts_on__gte=month, starts_on__lt=until)
    months = Q(span=Span.MONTH, starts_on__gte=year, starts_on__lt=month)
    return days | months | Q(span=Span.YEAR, starts_on__lt=year)
