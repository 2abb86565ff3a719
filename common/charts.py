"""Charts drawn on the server: SVG that needs no script, follows the theme and prints.

Colours come from the stylesheet by class. Every chart carries a title and a description; the page
puts the same figures in a table beneath.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString

from common import formats

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Point:
    day: dt.date
    total: int


@dataclass(frozen=True, slots=True)
class Mark:
    day: dt.date
    total: int
    label: str
    met: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """What is expected on a day to come, between a low and a high total."""

    day: dt.date
    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Size:
    """In units of the drawing; every n-th year is labelled."""

    width: int
    height: int
    every_years: int = 1


WIDE = Size(760, 340)
NARROW = Size(380, 300, every_years=2)


def cumulative(
    points: Sequence[Point],
    marks: Sequence[Mark],
    *,
    title: str,
    description: str,
    name: str,
    size: Size = WIDE,
    fan: Sequence[Span] = (),
    plan: Sequence[Point] = (),
) -> SafeString:
    """Step line through the points, with the marks to reach, a plan and a fan of what may come.

    ``points`` are in order of their days and the last one is the present. Without points only the
    marks are drawn.
    """
    frame = _Frame.around(points, marks, size, [*_fan_points(fan), *plan])
    parts = [
        *frame.grid(),
        *_years(frame),
        *_fan(frame, points, fan),
        *_line(frame, points),
        *_plan(frame, plan),
        *(() if fan or plan else _pace(frame, points, marks)),
        *_marks(frame, marks),
        *_now(frame, points),
    ]
    return svg(parts, title=title, description=description, name=name, size=size)


def in_both_sizes(
    points: Sequence[Point], marks: Sequence[Mark], *, name: str, **options: Any
) -> list[tuple[str, SafeString]]:
    sizes = (("wide", WIDE), ("narrow", NARROW))
    return [
        (kind, cumulative(points, marks, name=f"{name}-{kind}", size=size, **options))
        for kind, size in sizes
    ]


def svg(parts: Iterable[str], *, title: str, description: str, name: str, size: Size) -> SafeString:
    """``name`` makes the ids of title and description unique on the page."""
    box = f'viewBox="0 0 {size.width} {size.height}"'
    named = f'role="img" aria-labelledby="{name}-title {name}-desc"'
    about = (
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>'
    )
    return SafeString(f"<svg {box} {named}>{about}{''.join(parts)}</svg>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """Totals up to ``top``, a line at every ``step``; margins of the drawing."""

    size: Size
    top: int
    step: int
    left: int = 46
    right: int = 20
    above: int = 30
    below: int = 30

    def y(self, total: float) -> float:
        floor = self.size.height - self.below
        return round(floor - (floor - self.above) * total / self.top, 1)

    def grid(self) -> Iterator[str]:
        right = self.size.width - self.right
        for total in range(0, self.top + 1, self.step):
            y = self.y(total)
            kind = "chart-grid" if total else "chart-axis"
            yield f'<line class="{kind}" x1="{self.left}" y1="{y}" x2="{right}" y2="{y}"/>'
            label = formats.number(total)
            yield f'<text x="{self.left - 8}" y="{y + 4}" text-anchor="end">{label}</text>'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame(Scale):
    first: dt.date
    last: dt.date
    days: int

    @classmethod
    def around(
        cls,
        points: Sequence[Point],
        marks: Sequence[Mark],
        size: Size,
        others: Sequence[Point] = (),
    ) -> "_Frame":
        drawn: tuple[Point | Mark, ...] = (*points, *marks, *others)
        days = [one.day for one in drawn]
        first = dt.date(min(days).year, 1, 1)
        last = dt.date(max(days).year, 12, 31)
        most = max([one.total for one in drawn] + [1])
        step = nice_step(most / 5)
        length = max(1, (last - first).days)
        top = -(-most // step) * step
        return cls(size=size, top=top, step=step, first=first, last=last, days=length)

    def x(self, day: dt.date) -> float:
        share = (day - self.first).days / self.days
        return round(self.left + share * (self.size.width - self.left - self.right), 1)


def nice_step(least: float) -> int:
    """The smallest of 1, 2, 2.5, 5, 10, 20 … that is a whole number and not below ``least``."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power >= least and step * power == int(step * power):
                return int(step * power)
        power *= 10


def _years(frame: _Frame) -> Iterator[str]:
    floor = frame.y(0)
    for year in range(frame.first.year, frame.last.year + 1):
        begins = frame.x(dt.date(year, 1, 1))
        yield f'<path class="chart-axis" d="M{begins} {floor}v5"/>'
        if (year - frame.first.year) % frame.size.every_years == 0:
            middle = frame.x(dt.date(year, 7, 1))
            yield f'<text x="{middle}" y="{floor + 20}" text-anchor="middle">{year}</text>'


def _line(frame: _Frame, points: Sequence[Point]) -> Iterator[str]:
    if not points:
        return
    steps = [f"H{frame.x(point.day)}V{frame.y(point.total)}" for point in points]
    path = f"M{frame.x(points[0].day)} {frame.y(0)}{''.join(steps)}"
    yield f'<path class="chart-area" d="{path}V{frame.y(0)}Z"/>'
    yield f'<path class="chart-line" d="{path}"/>'


def _fan_points(fan: Sequence[Span]) -> list[Point]:
    return [Point(one.day, round(one.high)) for one in fan]


def _fan(frame: _Frame, points: Sequence[Point], fan: Sequence[Span]) -> Iterator[str]:
    if not (points and fan):
        return
    now = f"{frame.x(points[-1].day)} {frame.y(points[-1].total)}"
    high = "".join(f"L{frame.x(one.day)} {frame.y(one.high)}" for one in fan)
    low = "".join(f"L{frame.x(one.day)} {frame.y(one.low)}" for one in reversed(fan))
    middle = "".join(f"L{frame.x(one.day)} {frame.y(one.expected)}" for one in fan)
    yield f'<path class="chart-fan" d="M{now}{high}{low}Z"/>'
    yield f'<path class="chart-expected" d="M{now}{middle}"/>'


def _plan(frame: _Frame, plan: Sequence[Point]) -> Iterator[str]:
    if len(plan) < 2:
        return
    line = "L".join(f"{frame.x(point.day)} {frame.y(point.total)}" for point in plan)
    yield f'<path class="chart-plan" d="M{line}"/>'


def _pace(frame: _Frame, points: Sequence[Point], marks: Sequence[Mark]) -> Iterator[str]:
    ahead = [mark for mark in marks if points and mark.day > points[-1].day and not mark.met]
    if not ahead:
        return
    now, goal = points[-1], ahead[0]
    yield (
        f'<path class="chart-pace" d="M{frame.x(now.day)} {frame.y(now.total)}'
        f'L{frame.x(goal.day)} {frame.y(goal.total)}"/>'
    )


def _marks(frame: _Frame, marks: Sequence[Mark]) -> Iterator[str]:
    for mark in marks:
        x, y = frame.x(mark.day), frame.y(mark.total)
        kind = "chart-target chart-target-met" if mark.met else "chart-target"
        yield f'<path class="{kind}" d="M{x} {y - 7}l7 7l-7 7l-7 -7z"/>'
        # Near the right edge a label stands above its mark, elsewhere to the right of it.
        at_the_edge = x > frame.size.width * 2 / 3
        position = (x + 4, y - 14, "end") if at_the_edge else (x + 12, y + 5, "start")
        yield _text(mark.label, *position)


def _now(frame: _Frame, points: Sequence[Point]) -> Iterator[str]:
    if not points:
        return
    x, y = frame.x(points[-1].day), frame.y(points[-1].total)
    yield f'<circle class="chart-now" cx="{x}" cy="{y}" r="6"/>'
    # At the right edge the label does not fit beside the point.
    at_the_edge = x > frame.size.width - 2 * frame.right
    position = (x, y - 12, "end") if at_the_edge else (x + 10, y + 18, "start")
    yield _text(formats.number(points[-1].total), *position)


def _text(label: str, x: float, y: float, anchor: str) -> str:
    position = f'x="{round(x, 1)}" y="{round(y, 1)}" text-anchor="{anchor}"'
    return f'<text class="chart-strong" {position}>{escape(label)}</text>'
