"""The count from kept figures: the same answers as the replay, some hundred times sooner."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
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

    _parts_by: dict[GroupBy, dict[Any, Part]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def begin(self) -> bool:
        """Read the sums; False where the figures have moved on since the version was read."""
        found = self._parts(GroupBy.SECTOR)
        if found is not None:
            self._parts_by[GroupBy.SECTOR] = found
        return found is not None

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
        if by not in self._parts_by:
            found = self._parts(by)
            self._parts_by[by] = super().parts(by) if found is None else found
        return self._parts_by[by]

    def _parts(self, by: GroupBy) -> dict[Any, Part] | None:
        key = "starts_on" if by is GroupBy.MONTH else _COLUMNS[by]
        parts = KeptPart.objects.filter(
            _up_to(self.as_of, in_years=by is not GroupBy.MONTH),
            agency__isnull=by is not GroupBy.AGENCY,
        )
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
        return {day: self._persons_by(day) for day in days}

    def _persons_by(self, day: dt.date) -> int:
        if day >= self.as_of:
            return self.persons
        if (day + dt.timedelta(days=1)).day == 1:  # what is due is mostly due at a month's end
            months = self.parts(GroupBy.MONTH).items()
            return sum(part.persons for month, part in months if month <= f"{day:%Y-%m}")
        return replace(self, as_of=day).persons

    def reached_on(self, persons: int) -> dt.date | None:
        """The day on which so many people were counted; None: not yet."""
        since = self._firsts.order_by("completed_on").values_list("completed_on", flat=True)
        rows = list(since.filter(self._standing())[max(persons, 1) - 1 : persons])
        if not rows and 0 < persons <= self.persons:
            return super().reached_on(persons)
        return rows[0] if rows else None

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

    def _standing(self) -> Exists:
        return Exists(KeptState.objects.filter(version=self.version))

    def _asked(self, rows: QuerySet[Any, Any]) -> list[Any] | None:
        """The rows, or None where the kept figures have moved on meanwhile."""
        standing = KeptState.objects.filter(version=self.version)
        found = list(rows.filter(self._standing()))
        return found if found or standing.exists() else None


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
