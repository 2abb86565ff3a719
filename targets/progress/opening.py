"""How a figure follows from the last signed one: opening balance, adjustments, what is new."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from common import formats
from counting.counter import counted
from counting.replay import Count
from targets.models import PeriodReport
from targets.progress.adjustments import Adjustments, adjustments

_BEFORE, _WITHIN, _AFTER = "before", "within", "after"


@dataclass(frozen=True, slots=True)
class Bridge:
    """``opening`` + ``adjusted`` + ``between`` + ``new`` = ``closing``.

    ``adjusted`` concerns days up to the end of the last signed period, ``between`` the days after
    it and before this period, ``new`` the days of this period.
    """

    opening: int
    adjusted: int
    between: int
    new: int
    closing: int

    @property
    def adds_up(self) -> bool:
        return self.opening + self.adjusted + self.between + self.new == self.closing


@dataclass(frozen=True)
class Opening:
    """A period's figure and the report signed before it; ``previous`` None: the first one."""

    count: Count
    starts_on: dt.date
    previous: PeriodReport | None
    changed: Adjustments | None
    replaced: tuple[PeriodReport, ...]

    @cached_property
    def persons(self) -> Bridge:
        signed = self.previous.persons if self.previous else 0
        days = Counter[dt.date]()
        for (day, _recorded), number in self._firsts.items():
            days[day] += number
        return self._bridge(days, signed, self.changed.persons if self.changed else 0)

    @cached_property
    def completions(self) -> Bridge:
        signed = self.previous.completions if self.previous else 0
        changed = self.changed.completions if self.changed else 0
        days = Counter(one.completed_on for one in self.count.each_completion())
        return self._bridge(days, signed, changed)

    @cached_property
    def newly_recorded(self) -> int:
        """People first counted by a completion recorded within the period, whatever its day."""
        return sum(
            number for (_day, recorded), number in self._firsts.items() if recorded == _WITHIN
        )

    @cached_property
    def recorded_after(self) -> int:
        """Of those who completed within the period: recorded after its last day."""
        return sum(
            number
            for (day, recorded), number in self._firsts.items()
            if self.starts_on <= day and recorded == _AFTER
        )

    @cached_property
    def _firsts(self) -> Counter[tuple[dt.date, str]]:
        """People by the day of their first completion, and when that was recorded."""
        firsts = (person.first for person in self.count.each_person())
        return Counter((one.completed_on, self._recorded(one.recorded_at)) for one in firsts)

    def _recorded(self, at: dt.datetime) -> str:
        day = formats.local_day(at)
        if day > self.count.as_of:
            return _AFTER
        return _WITHIN if day >= self.starts_on else _BEFORE

    def numbers_of(self, person_id: int) -> list[int]:
        """The person's numbers in the last signed list: several after a merge, or none."""
        return self.changed.numbers_by_person[person_id] if self.changed else []

    def _bridge(self, days: Counter[dt.date], signed: int, changed: int) -> Bridge:
        """From the days of people's first completion, or of all."""
        after = self.previous.ends_on if self.previous else dt.date.min
        between = sum(days[day] for day in days if after < day < self.starts_on)
        new = sum(days[day] for day in days if day >= self.starts_on)
        return Bridge(signed, changed, between, new, days.total())


def opening_of(count: Count, starts_on: dt.date) -> Opening:
    """The bridge from the last report in force that ended before a period, to its count."""
    reports = PeriodReport.objects.filter(indicator__slug=count.indicator).order_by("ends_on")
    in_force = reports.not_reopened().filter(ends_on__lt=starts_on)
    previous = in_force.select_related("rule", "indicator").last()
    changed = None
    if previous:
        then = counted(
            previous.ends_on,
            known_as_of=count.known_as_of,
            rule=count.rule,
            indicator=count.indicator,
        )
        changed = adjustments(previous, then)
    reopened = reports.filter(reopened_at__isnull=False).overlapping(starts_on, count.as_of)
    replaced = tuple(reopened.without_names().order_by("ends_on", "version"))
    return Opening(count, starts_on, previous, changed, replaced)
