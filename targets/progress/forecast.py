"""When a target will be reached, from what is known on the day of asking.

Nothing that was entered later takes part, not even in the trial of the method on past quarters.
Classes that are planned are shown beside it only: which of them were known at a past day is not on
record, so a forecast from them could not be tried honestly.
"""

import datetime as dt
import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from counting.replay import Count, GroupBy
from courses.choices import RunState
from courses.models import CourseRun
from targets.models import Target
from targets.progress.quarters import DAYS, Quarter, quarters_between
from targets.progress.quota_status import QuotaStatus
from targets.progress.ranges import (
    LEAST_QUARTERS,
    PACE_QUARTERS,
    Question,
    Range,
    Series,
    back_test,
    ranges,
    whole_quarters,
)
from targets.progress.snapshots import known_at_ends_of_quarters

MOST_QUARTERS = 80
LEAST_CLASSES = 3  # of fewer, nobody can say what is usual
LEAST_SEATS = 5  # a usual class of fewer seats is none


@dataclass(frozen=True, slots=True)
class Ahead:
    """A quarter to come: planned runs and their seats, and the total at its end."""

    quarter: Quarter
    runs: int
    seats: int
    total: Range


@dataclass(frozen=True, slots=True)
class Tried:
    """A past forecast of the total at the end of ``quarter``, made ``ahead`` quarters before."""

    quarter: Quarter
    ahead: int
    total: Range
    truth: int
    held: bool


@dataclass(frozen=True)
class Forecast:
    """The way to a target; ``ahead`` is empty while fewer than four whole quarters are known.

    ``gain``, newly counted people for each seat, and ``seats_of_a_run`` are None where the recent
    classes do not say.
    """

    target: Target
    persons: int
    as_of: dt.date
    quarters: int
    pace: float | None
    gain: float | None
    seats_of_a_run: float | None
    ahead: tuple[Ahead, ...]
    tried: tuple[Tried, ...]

    @property
    def is_enough(self) -> bool:
        return bool(self.ahead)

    @property
    def missing(self) -> int:
        return max(0, self.target.minimum - self.persons)

    @cached_property
    def reached_on(self) -> dt.date | None:
        """None: not within twenty years, or too little is known."""
        return self._day([one.total.expected for one in self.ahead])

    @cached_property
    def earliest(self) -> dt.date | None:
        return self._day([one.total.high for one in self.ahead])

    @cached_property
    def latest(self) -> dt.date | None:
        return self._day([one.total.low for one in self.ahead])

    @property
    def held(self) -> int:
        return sum(one.held for one in self.tried)

    @property
    def by_deadline(self) -> Range | None:
        """The total on the target's day; None where too little is known or the day has passed."""
        if not self.ahead or self.target.due_on <= self.as_of:
            return None
        due = Quarter.of(self.target.due_on)
        return next((one.total for one in self.ahead if one.quarter == due), None)

    @property
    def first_possible(self) -> Quarter:
        """The quarter from whose first day on a forecast is possible."""
        quarter = Quarter.of(self.as_of)
        # The first counted quarter is not whole, and the present one is not over.
        for _one in range(LEAST_QUARTERS - max(self.quarters, -1)):
            quarter = quarter.next
        return quarter

    @property
    def people_per_quarter(self) -> int:
        return math.ceil(self.missing / quarters_between(self.as_of, self.target.due_on))

    @property
    def seats_per_quarter(self) -> int | None:
        return self.seats_for(self.people_per_quarter)

    @property
    def runs_per_quarter(self) -> int | None:
        return self.runs_for(self.people_per_quarter)

    def seats_for(self, people: float) -> int | None:
        return math.ceil(people / self.gain) if self.gain else None

    def runs_for(self, people: float) -> int | None:
        seats = self.seats_for(people)
        if seats is None or self.seats_of_a_run is None:
            return None
        return math.ceil(seats / self.seats_of_a_run)

    def part_of(self, status: QuotaStatus) -> int | None:
        """People per quarter that a quota still takes; None once its deadline has passed."""
        if status.due_on < self.as_of:
            return None
        return math.ceil(status.missing / quarters_between(self.as_of, status.due_on))

    def _day(self, totals: Sequence[float]) -> dt.date | None:
        before = float(self.persons)
        if self.ahead and before >= self.target.minimum:
            return self.as_of
        for one, total in zip(self.ahead, totals, strict=True):
            if total >= self.target.minimum:
                from_day = max(one.quarter.first, self.as_of)
                share = (self.target.minimum - before) / (total - before)
                days = (one.quarter.last - from_day).days
                return from_day + dt.timedelta(days=round(share * days))
            before = max(before, total)
        return None


def forecast(count: Count, target: Target) -> Forecast:
    known, first = _known(count)
    present = Quarter.of(count.as_of)
    runs = _runs(count)
    enough = _is_enough(known)
    gain, usual = _usual(runs, present, _recent(known)) if enough else (None, None)
    return Forecast(
        target=target,
        persons=count.persons,
        as_of=count.as_of,
        quarters=whole_quarters(known[-1]) if known else -1,
        pace=_recent(known) / PACE_QUARTERS if enough else None,
        gain=gain,
        seats_of_a_run=usual,
        ahead=tuple(_ahead(count, known, runs)),
        tried=tuple(_tried(known, first)) if known else (),
    )


def _known(count: Count) -> tuple[list[Series], Quarter]:
    """The series as known at the end of every past quarter and now, and their first quarter."""
    now, present = new_by_quarter(count), Quarter.of(count.as_of)
    first = min(now, default=present)
    if first == present:
        return [], first
    then = known_at_ends_of_quarters(count, first)
    known = [_series(new_in, first, last.next) for last, new_in in then]
    return [*known, _series(now, first, present)], first


def _series(new_in: dict[Quarter, int], first: Quarter, end: Quarter) -> Series:
    found, quarter = [], first
    while quarter < end:
        found.append(new_in.get(quarter, 0))
        quarter = quarter.next
    return tuple(found)


def new_by_quarter(count: Count) -> dict[Quarter, int]:
    new_in: Counter[Quarter] = Counter()
    for month, part in count.parts(GroupBy.MONTH).items():
        if part.persons:
            new_in[Quarter.of(dt.date.fromisoformat(f"{month}-01"))] += part.persons
    return new_in


def _is_enough(known: Sequence[Series]) -> bool:
    return bool(known) and whole_quarters(known[-1]) >= LEAST_QUARTERS


def _recent(known: Sequence[Series]) -> int:
    return sum(known[-1][-PACE_QUARTERS:]) if known else 0


def _ahead(
    count: Count, known: Sequence[Series], runs: Sequence[tuple[dt.date, int]]
) -> list[Ahead]:
    quarter, found = Quarter.of(count.as_of), []
    elapsed = min(1.0, (count.as_of - quarter.first).days / DAYS)
    before = sum(known[-1]) if known else 0
    for added in ranges(known, MOST_QUARTERS, elapsed=elapsed):
        seats = _seats(runs, max(quarter.first, count.as_of), quarter.last)
        # Who has been counted in the present quarter is counted for good.
        total = Range(
            *(max(count.persons, before + one) for one in (added.low, added.expected, added.high))
        )
        found.append(Ahead(quarter, len(seats), sum(seats), total))
        quarter = quarter.next
    return found


def _tried(known: Sequence[Series], first: Quarter) -> list[Tried]:
    found, now = [], known[-1]
    quarters = [first]
    while len(quarters) < len(now):
        quarters.append(quarters[-1].next)
    for one in back_test(known):
        end = one.origin + one.ahead
        # From the total as it was known then to the one of the quarter as known now.
        found.append(
            Tried(quarters[end], one.ahead, _shifted(one, now), sum(now[: end + 1]), one.held)
        )
    return found


def _shifted(one: Question, now: Series) -> Range:
    known = sum(now[: one.origin + one.ahead + 1]) - one.truth
    return Range(known + one.range.low, known + one.range.expected, known + one.range.high)


# Classes --------------------------------------------------------------------------------


def _runs(count: Count) -> list[tuple[dt.date, int]]:
    """Last day and seats of every run of a course that counts.

    A run that is still a draft after its last day never took place.
    """
    if count.rule is None:
        return []
    counting = count.rule.courses.values("course")
    runs = CourseRun.objects.filter(course__in=counting).exclude(state=RunState.CANCELLED)
    runs = runs.exclude(state=RunState.DRAFT, ends_on__lt=count.as_of)
    return list(runs.order_by("ends_on").values_list("ends_on", "capacity"))


def _seats(runs: Sequence[tuple[dt.date, int]], first: dt.date, last: dt.date) -> list[int]:
    return [capacity for ends_on, capacity in runs if first <= ends_on <= last]


def _usual(
    runs: Sequence[tuple[dt.date, int]], present: Quarter, people: int
) -> tuple[float | None, float | None]:
    """People newly counted per seat over the last four whole quarters, and seats of a usual run."""
    first = present
    for _one in range(PACE_QUARTERS):
        first = first.previous
    seats = _seats(runs, first.first, present.previous.last)
    if len(seats) < LEAST_CLASSES or not people:
        return None, None
    usual = statistics.median(seats)
    return people / sum(seats), usual if usual >= LEAST_SEATS else None
