"""When a target will be reached, from the pace so far and the runs planned.

The method is simple enough to be explained on its page and measures its own error. The pace is the
mean of the last four whole quarters; a quarter with planned runs brings at least their seats times
the usual yield. The same method is tried on every past quarter, and its mean error there gives the
range.
"""

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from counting.replay import Count, GroupBy
from courses.choices import RunState
from courses.models import CourseRun
from targets.models import Target
from targets.progress.quota_status import QuotaStatus

PACE_QUARTERS = 4
LEAST_TESTS = 2
MOST_QUARTERS = 80
_QUARTER_DAYS = 365 / 4


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a year, by its first day."""

    first: dt.date

    @classmethod
    def of(cls, day: dt.date) -> "Quarter":
        return cls(dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1))

    @property
    def last(self) -> dt.date:
        return self.next.first - dt.timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter.of(self.first + dt.timedelta(days=95))  # a quarter has at most 92 days

    @property
    def label(self) -> str:
        labels = (_("Q1/%(year)s"), _("Q2/%(year)s"), _("Q3/%(year)s"), _("Q4/%(year)s"))
        return labels[(self.first.month - 1) // 3] % {"year": self.first.year}


@dataclass(frozen=True, slots=True)
class BackTest:
    """What the method would have forecast for a past quarter, and what came."""

    quarter: Quarter
    forecast: float
    actual: int


@dataclass(frozen=True, slots=True)
class Ahead:
    """A quarter to come: planned runs and seats, people expected, total at its end."""

    quarter: Quarter
    runs: int
    seats: int
    expected: float
    total: float


@dataclass(frozen=True)
class Forecast:
    """``reached_on`` with its range; None: not within twenty years, or too little is known.

    ``error`` is the mean error of the back-tests as a share of the pace, None without tests;
    ``gain`` is the number of newly counted people for each seat offered.
    """

    target: Target
    persons: int
    pace: float
    error: float | None
    gain: float
    seats_of_a_run: float
    reached_on: dt.date | None
    earliest: dt.date | None
    latest: dt.date | None
    tests: tuple[BackTest, ...]
    ahead: tuple[Ahead, ...]
    as_of: dt.date

    @property
    def missing(self) -> int:
        return max(0, self.target.minimum - self.persons)

    @property
    def people_per_quarter(self) -> int:
        """How many must be newly counted in each quarter that is left."""
        return math.ceil(self.missing / self.quarters_left)

    @property
    def seats_per_quarter(self) -> int:
        return self.seats_for(self.people_per_quarter)

    @property
    def runs_per_quarter(self) -> int:
        return math.ceil(self.seats_per_quarter / self.seats_of_a_run)

    @property
    def quarters_left(self) -> float:
        return max(1.0, (self.target.due_on - self.as_of).days / _QUARTER_DAYS)

    def seats_for(self, people: float) -> int:
        return math.ceil(people / self.gain) if self.gain else math.ceil(people)

    def part_of(self, status: QuotaStatus) -> tuple[int, int]:
        """People and seats per quarter that an agency's quota still takes."""
        left = max(1.0, (status.due_on - self.as_of).days / _QUARTER_DAYS)
        people = math.ceil(status.missing / left)
        return people, self.seats_for(people)


def forecast(count: Count, target: Target) -> Forecast:
    today = count.as_of
    new_in = _new_in(count)
    past = _past(new_in, today)
    recent = past[-PACE_QUARTERS:]
    pace = sum(new for _quarter, new in recent) / len(recent) if recent else 0.0
    runs = _runs(count)
    tests = tuple(_tests(past, runs))
    error = _error(tests)
    gain, usual = _gain(runs, recent)
    ahead = tuple(_ahead(count.persons, new_in[Quarter.of(today)], today, pace, gain, runs))
    spread = error if error is not None else 0.0
    return Forecast(
        target=target,
        persons=count.persons,
        pace=pace,
        error=error,
        gain=gain,
        seats_of_a_run=usual,
        reached_on=_reached(ahead, count.persons, target.minimum, today),
        earliest=_reached(ahead, count.persons, target.minimum, today, 1 + spread),
        latest=_reached(ahead, count.persons, target.minimum, today, 1 - spread),
        tests=tests,
        ahead=ahead,
        as_of=today,
    )


def _new_in(count: Count) -> Counter[Quarter]:
    """Newly counted people of each quarter."""
    new_in: Counter[Quarter] = Counter()
    for month, part in count.parts(GroupBy.MONTH).items():
        new_in[Quarter.of(dt.date.fromisoformat(f"{month}-01"))] += part.persons
    return new_in


def _past(new_in: Counter[Quarter], today: dt.date) -> list[tuple[Quarter, int]]:
    """Newly counted people of every whole quarter; the first one is left out as seldom whole."""
    if not new_in:
        return []
    quarter, past = min(new_in).next, []
    while quarter.last < today:
        past.append((quarter, new_in[quarter]))
        quarter = quarter.next
    return past


def _tests(
    past: Sequence[tuple[Quarter, int]], runs: Sequence[tuple[dt.date, int]]
) -> Iterator[BackTest]:
    """The method tried on each past quarter that has four before it."""
    for n in range(PACE_QUARTERS, len(past)):
        before, (quarter, came) = past[n - PACE_QUARTERS : n], past[n]
        pace = sum(new for _quarter, new in before) / PACE_QUARTERS
        gain, _usual = _gain(runs, before)
        seats = sum(_seats(runs, quarter.first, quarter.last))
        yield BackTest(quarter, max(pace, gain * seats), came)


def _error(tests: Sequence[BackTest]) -> float | None:
    if len(tests) < LEAST_TESTS or not (forecast_sum := sum(test.forecast for test in tests)):
        return None
    # Below 1, so that the slow end of the range still gains people.
    return min(0.95, sum(abs(test.actual - test.forecast) for test in tests) / forecast_sum)


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


def _gain(
    runs: Sequence[tuple[dt.date, int]], recent: Sequence[tuple[Quarter, int]]
) -> tuple[float, float]:
    """People newly counted per seat over the recent quarters, and the seats of a usual run."""
    if not recent:
        return 0.0, 1.0
    seats = _seats(runs, recent[0][0].first, recent[-1][0].last)
    if not seats:
        return 0.0, 1.0
    return sum(new for _quarter, new in recent) / sum(seats), sum(seats) / len(seats)


def _ahead(
    persons: int,
    so_far: int,
    today: dt.date,
    pace: float,
    gain: float,
    runs: Sequence[tuple[dt.date, int]],
) -> Iterator[Ahead]:
    quarter, total = Quarter.of(today), float(persons)
    for n in range(MOST_QUARTERS):
        from_day = max(quarter.first, today)
        seats = _seats(runs, from_day, quarter.last)
        usual = max(0.0, pace - so_far) if n == 0 else pace
        expected = max(usual, gain * sum(seats))
        total += expected
        yield Ahead(quarter, len(seats), sum(seats), expected, total)
        quarter = quarter.next


def _reached(
    ahead: Sequence[Ahead], persons: int, goal: int, today: dt.date, pace: float = 1.0
) -> dt.date | None:
    """The day on which the goal is reached if every quarter brings ``pace`` times the forecast."""
    total = float(persons)
    if total >= goal:
        return today
    for one in ahead:
        new = one.expected * pace
        if new > 0 and total + new >= goal:
            from_day = max(one.quarter.first, today)
            share = (goal - total) / new
            return from_day + dt.timedelta(days=round(share * (one.quarter.last - from_day).days))
        total += new
    return None
