"""Bars of what was planned and what was reached, as SVG like ``common.charts``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString

from common import formats
from common.charts import Size, named, nice_step

WIDE = Size(760, 260)
SMALL = Size(360, 180)
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 24, 26
_LINES = 4


@dataclass(frozen=True, slots=True)
class Column:
    """None where there is nothing to draw yet."""

    label: str
    planned: int | None
    actual: int | None


def bars(
    columns: Sequence[Column],
    *,
    title: str,
    description: str,
    name: str,
    size: Size = WIDE,
) -> SafeString:
    """A filled bar for what was reached, within an outlined one for the plan.

    ``name`` makes the ids of title and description unique on the page.
    """
    most = max([1, *(one or 0 for column in columns for one in (column.planned, column.actual))])
    step = nice_step(most / _LINES)
    frame = _Frame(size, -(-most // step) * step, step, max(1, len(columns)))
    parts = [
        f'<svg viewBox="0 0 {size.width} {size.height}" {named(name)}>',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(description)}</desc>',
        *_grid(frame),
        *(part for n, column in enumerate(columns) for part in _column(frame, n, column)),
        "</svg>",
    ]
    return SafeString("".join(parts))


@dataclass(frozen=True, slots=True)
class _Frame:
    size: Size
    top: int
    step: int
    columns: int

    def y(self, total: int) -> float:
        height = self.size.height - _TOP - _BOTTOM
        return round(self.size.height - _BOTTOM - height * total / self.top, 1)

    @property
    def pitch(self) -> float:
        return (self.size.width - _LEFT - _RIGHT) / self.columns


def _grid(frame: _Frame) -> Iterator[str]:
    for total in range(0, frame.top + 1, frame.step):
        y = frame.y(total)
        kind = "chart-grid" if total else "chart-axis"
        right = frame.size.width - _RIGHT
        yield f'<line class="{kind}" x1="{_LEFT}" y1="{y}" x2="{right}" y2="{y}"/>'
        label = formats.number(total)
        yield f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{label}</text>'


def _column(frame: _Frame, n: int, column: Column) -> Iterator[str]:
    middle = _LEFT + (n + 0.5) * frame.pitch
    width = min(56.0, frame.pitch * 0.7)
    for total, kind, share in (
        (column.planned, "chart-planned", 1.0),
        (column.actual, "chart-actual", 0.62),
    ):
        if total is not None:
            y, own = frame.y(total), width * share
            x, height = round(middle - own / 2, 1), round(frame.y(0) - y, 1)
            yield (
                f'<rect class="{kind}" x="{x}" y="{y}" width="{round(own, 1)}" height="{height}"/>'
            )
    shown = [one for one in (column.planned, column.actual) if one is not None]
    if shown:
        label = formats.number(shown[-1])
        y = frame.y(max(shown)) - 5
        position = f'x="{round(middle, 1)}" y="{round(y, 1)}"'
        yield f'<text class="chart-strong" {position} text-anchor="middle">{label}</text>'
    floor = frame.size.height - 8
    yield (
        f'<text x="{round(middle, 1)}" y="{floor}" text-anchor="middle">'
        f"{escape(column.label)}</text>"
    )
