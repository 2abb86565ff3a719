"""Bars of what was planned and what was reached, as SVG like ``common.charts``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString

from common import formats
from common.charts import Scale, Size, nice_step, svg

WIDE = Size(760, 260)
SMALL = Size(360, 180)
_LINES = 4
_ROW = 44  # height of a bar with its label


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
    most = max([1, *(one or 0 for column in columns for one in (column.planned, column.actual))])
    step = nice_step(most / _LINES)
    top = -(-most // step) * step
    scale = Scale(size=size, top=top, step=step, right=10, above=24, below=26)
    pitch = (size.width - scale.left - scale.right) / max(1, len(columns))
    drawn = (
        part
        for n, column in enumerate(columns)
        for part in _column(scale, scale.left + (n + 0.5) * pitch, pitch, column)
    )
    parts = [*scale.grid(), *drawn]
    return svg(parts, title=title, description=description, name=name, size=size)


def horizontal(
    rows: Sequence[tuple[str, int]], *, title: str, description: str, name: str
) -> SafeString:
    """A bar for each row with its label above: names of agencies are long."""
    size = Size(520, 4 + _ROW * len(rows))
    most = max([1, *(figure for _label, figure in rows)])
    length = size.width - 70
    parts = []
    for number, (label, figure) in enumerate(rows):
        y, width = 4 + number * _ROW, max(2, round(length * figure / most))
        parts += [
            f'<text x="0" y="{y + 14}">{escape(label)}</text>',
            f'<rect class="chart-actual" x="0" y="{y + 20}" width="{width}" height="12"/>',
            _figure(figure, width + 8, y + 31),
        ]
    return svg(parts, title=title, description=description, name=name, size=size)


def _figure(figure: int, x: int, y: int) -> str:
    return f'<text class="chart-strong" x="{x}" y="{y}">{formats.number(figure)}</text>'


def meter(percent: int, required: int, *, title: str, name: str) -> SafeString:
    """A bar of how much was reached, with a mark at what is required."""
    size = Size(400, 46)
    length, mark = size.width - 2, round(1 + (size.width - 2) * required / 100)
    done = round(length * min(percent, 100) / 100)
    place = min(max(mark, 40), size.width - 40)
    parts = [
        f'<rect class="meter-rest" x="1" y="4" width="{length}" height="14" rx="7"/>',
        f'<rect class="meter-done" x="1" y="4" width="{done}" height="14" rx="7"/>',
        f'<path class="meter-mark" d="M{mark} 0v24"/>',
        f'<text x="{place}" y="42" text-anchor="middle">{required}\N{NO-BREAK SPACE}%</text>',
    ]
    return svg(parts, title=title, description="", name=name, size=size)


def _column(frame: Scale, middle: float, pitch: float, column: Column) -> Iterator[str]:
    width = min(56.0, pitch * 0.7)
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
