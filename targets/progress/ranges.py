"""Ranges of the number in quarters to come, from what was known at the end of each past quarter.

Plain arithmetic on small series; ``script/bench forecast`` measures how often the ranges hold.

The expected pace is the mean of the last four whole quarters, raised by what earlier quarters
lacked at the same age because their results were entered late. The width begins as the 95 % range
of a mean of so few quarters (Student's t) and is then scaled by how far the same method was off at
earlier quarter ends, each with nothing but what was known there (split conformal prediction).
"""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

LEAST_QUARTERS = 4
PACE_QUARTERS = 4
SPREAD_QUARTERS = 8
TESTED_QUARTERS = 4  # how far ahead the ranges are tried
LATE_QUARTERS = 4  # how old a quarter may be whose late results are expected
_LATE_FROM = 8
_CONFIDENCE = 0.9
_RECENT_ERRORS = 32
_LEAST_ERRORS = 4
_LEAST_SCALE = 0.6
# Errors taken for granted while few are known: about those of a width that is right.
_ASSUMED_ERRORS = (0.2, 0.4, 0.7, 1.1)
_ASSUMED_SHIFT = (0.0,) * 6
_T_95 = {3: 2.35, 4: 2.13, 5: 2.02, 6: 1.94, 7: 1.89}  # by degrees of freedom

# Newly counted people of each whole quarter; all series of a question begin with the same quarter.
Series = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Range:
    low: float
    expected: float
    high: float

    def holds(self, truth: int) -> bool:
        return math.floor(self.low) <= truth <= math.ceil(self.high)


@dataclass(frozen=True, slots=True)
class _Base:
    """Pace and spread as seen at one moment; ``late`` people are known to be still missing."""

    pace: float
    spread: float
    late: float

    def expected(self, quarters: int) -> float:
        return self.late + self.pace * quarters

    def width(self, quarters: int) -> float:
        return self.spread * math.sqrt(quarters + quarters * quarters / PACE_QUARTERS)


@dataclass(frozen=True, slots=True)
class Question:
    """A past forecast: at the end of quarter ``origin``, for ``ahead`` quarters later."""

    origin: int
    ahead: int
    range: Range
    truth: int

    @property
    def held(self) -> bool:
        return self.range.holds(self.truth)


def whole_quarters(series: Series) -> int:
    """How many quarters follow the first one with people, which is seldom whole itself."""
    first = next((n for n, new in enumerate(series) if new), len(series) - 1)
    return len(series) - 1 - first


def ranges(known: Sequence[Series], quarters: int, *, elapsed: float = 0.0) -> list[Range]:
    """What the next quarters add, cumulated, to the people known in the whole quarters so far.

    ``known[n]`` is the series as it was known at the end of its last quarter; the last one is as
    known now, ``elapsed`` of a quarter later. Empty where fewer than four quarters are known.
    """
    base = _base(tuple(known), elapsed)
    if base is None:
        return []
    shift, scale = _calibration(tuple(known))
    return [_range(base, ahead, shift, scale) for ahead in range(1, quarters + 1)]


def back_test(known: Sequence[Series]) -> Sequence[Question]:
    """Every past forecast of up to four quarters ahead, against what is known now."""
    return _back_test(tuple(known))


@lru_cache(maxsize=64)
def _back_test(known: tuple[Series, ...]) -> tuple[Question, ...]:
    now, found = known[-1] if known else (), list[Question]()
    for origin in range(len(known) - 1):
        earlier = known[: origin + 1]
        then = earlier[-1]
        ahead_ranges = ranges(earlier, min(TESTED_QUARTERS, len(now) - len(then)))
        for ahead, one in enumerate(ahead_ranges, start=1):
            truth = sum(now[: len(then) + ahead]) - sum(then)
            found.append(Question(len(then) - 1, ahead, one, truth))
    return tuple(found)


def _range(base: _Base, ahead: int, shift: float, scale: float) -> Range:
    width = base.width(ahead)
    middle = base.expected(ahead) + shift * width
    return Range(max(0.0, middle - scale * width), max(0.0, middle), middle + scale * width)


@lru_cache(maxsize=1024)
def _base(known: tuple[Series, ...], elapsed: float = 0.0) -> _Base | None:
    if not known or whole_quarters(known[-1]) < LEAST_QUARTERS:
        return None
    now, completed = known[-1], _completed(known, elapsed)
    recent = completed[-whole_quarters(now) :][-SPREAD_QUARTERS:]
    pace = statistics.fmean(recent[-PACE_QUARTERS:])
    # Never narrower than independent people would make it (Poisson).
    spread = max(statistics.stdev(recent), math.sqrt(max(pace, 1.0)))
    return _Base(pace, _T_95[len(recent) - 1] * spread, sum(completed) - sum(now))


def _completed(known: tuple[Series, ...], elapsed: float) -> list[float]:
    """The series as known now, its youngest quarters raised by what usually comes late."""
    found: list[float] = list(known[-1])
    for age in range(1, LATE_QUARTERS + 1):
        share = _late(known, age)
        share += (_late(known, age + 1) - share) * elapsed
        found[-age] *= share
    return found


def _late(known: tuple[Series, ...], age: int) -> float:
    """How many times as many people a quarter has at last as were known at this age."""
    now, then, since = known[-1], 0, 0
    # The youngest vintages say little yet: what they lacked may still be missing.
    for earlier in known[-_LATE_FROM - 1 : -3]:
        if len(earlier) >= age:
            then += earlier[-age]
            since += now[len(earlier) - age]
    return max(1.0, since / then) if then else 1.0


@lru_cache(maxsize=1024)
def _calibration(known: tuple[Series, ...]) -> tuple[float, float]:
    errors = list(_errors(known))[-_RECENT_ERRORS:]
    if len(errors) < _LEAST_ERRORS:
        return 0.0, 1.0
    shift = statistics.median([*errors, *_ASSUMED_SHIFT])
    sizes = sorted([*(abs(error - shift) for error in errors), *_ASSUMED_ERRORS])
    place = min(len(sizes), math.ceil(_CONFIDENCE * (len(sizes) + 1)))
    return shift, max(_LEAST_SCALE, sizes[place - 1])


def _errors(known: tuple[Series, ...]) -> Iterator[float]:
    """Errors of earlier forecasts in units of their width, by the quarter that showed them."""
    now = known[-1]
    by_length = {len(then): n for n, then in enumerate(known[:-1])}
    for end in range(1, len(now) + 1):
        for ahead in range(1, TESTED_QUARTERS + 1):
            then = by_length.get(end - ahead)
            if then is not None and (base := _base(known[: then + 1])):
                truth = sum(now[:end]) - sum(known[then])
                yield (truth - base.expected(ahead)) / base.width(ahead)
