"""How a sheet lies on paper: A4, the margins of Decree 30/2020/NĐ-CP, print that can be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from common.fonts import line_width
from common.spreadsheets.columns import Column, Frame, Words

TABLE_POINTS: Final = 11
PAPER_POINTS: Final = 12
# In mm; the decree allows 20-25 above and below, 30-35 at the left, 15-20 at the right.
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 15
_SHORT_SIDE, _LONG_SIDE = 210, 297
_SMALLEST_PRINT = 10.2
# A column's width counts figures of Times New Roman 11. Excel rounds them to seven of the 96 dots
# of an inch, LibreOffice does not: texts must fit in the one, columns on the page in the other.
_NARROW, _WIDE = 7 / 96 * 25.4, 1.97
_CELL_PADDING = 2.2
_MOST_REPEATED = 60  # characters
# A line of print with the space to the next, by its size; points around the lines of a cell.
_LINE, _AROUND_TEXT = 1.32, 2
_HIGHEST = 409  # points: Excel knows no higher row
_REGULAR, _BOLD = "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"


@dataclass(frozen=True, slots=True)
class Page:
    """How the columns go on pages: ``breaks`` are those that begin another; scale in percent.

    The first ``repeated`` columns are printed on each.
    """

    is_landscape: bool
    scale: int
    breaks: tuple[int, ...]
    repeated: int


def points_of(frame: Frame) -> int:
    return PAPER_POINTS if frame.above else TABLE_POINTS


def width_of(length: int, points: int) -> int:
    return round(length * points / TABLE_POINTS) + 2


def page_of(columns: Sequence[Column], frame: Frame) -> Page:
    """Portrait if the columns fit, else landscape, else several pages side by side.

    Print never gets smaller than about 10 points, unless one column alone is wider than a page.
    """
    widths = [column.width * _WIDE for column in columns]
    upright, across = (side - LEFT - RIGHT for side in (_SHORT_SIDE, _LONG_SIDE))
    repeated = 0 if frame.above else _named_by(columns)
    least = _SMALLEST_PRINT / points_of(frame)
    breaks = frame.breaks or _breaks(widths, repeated, across / least)
    starts = (0, *breaks, len(widths))
    pages = [sum(widths[first:last]) for first, last in pairwise(starts)]
    widest = max(pages[0], sum(widths[:repeated]) + max(pages[1:], default=0))
    available = across if widest > upright else upright
    return Page(available == across, min(100, int(100 * available / widest)), breaks, repeated)


def _named_by(columns: Sequence[Column]) -> int:
    """Columns needed to tell whose row it is; 0 if they leave too little of a page."""
    at = next((at for at, column in enumerate(columns, start=1) if column.names), 0)
    return at if sum(column.width for column in columns[:at]) <= _MOST_REPEATED else 0


def _breaks(widths: Sequence[float], repeated: int, available: float) -> tuple[int, ...]:
    breaks, used = [], 0.0
    for at, width in enumerate(widths):
        if used + width > available and at > repeated:
            breaks.append(at)
            used = sum(widths[:repeated])
        used += width
    return tuple(breaks)


def height_of_line(line: Sequence[Words], columns: Sequence[Column]) -> float:
    heights = [
        _height(
            f"{words.text}\n{words.under}" if words.under else words.text,
            sum(column.width for column in columns[words.first : words.last + 1]),
            words.size,
            bold=words.bold,
        )
        for words in line
    ]
    return max(heights, default=0)


def height_of_heads(columns: Sequence[Column], points: int) -> float:
    return max(_height(column.heading, column.width, points, bold=True) for column in columns) + 4


def height_of(row: Sequence[object], columns: Sequence[Column], frame: Frame) -> float:
    points = points_of(frame)
    texts = [
        _height(value, column.width, points, bold=False)
        for value, column in zip(row, columns, strict=True)
        if isinstance(value, str)
    ]
    needed = max([points * _LINE, frame.row_height - _AROUND_TEXT, *texts]) + _AROUND_TEXT
    return min(needed, _HIGHEST)


def lines_of(text: str, characters: int, points: int, *, bold: bool) -> list[str]:
    """Breaks between words, or within one that is too long."""
    available = characters * _NARROW - _CELL_PADDING
    font = _BOLD if bold else _REGULAR
    return [
        line
        for paragraph in text.split("\n")
        for line in _broken(paragraph, available, font, points)
    ]


def _height(text: str, characters: int, points: int, *, bold: bool) -> float:
    return round(len(lines_of(text, characters, points, bold=bold)) * points * _LINE, 1)


def _broken(paragraph: str, available: float, font: str, points: int) -> Iterator[str]:
    if line_width(paragraph, font, points) <= available:
        yield paragraph
        return
    line = ""
    for word in paragraph.split(" "):
        longer = f"{line} {word}" if line else word
        if line_width(longer, font, points) <= available:
            line = longer
            continue
        if line:
            yield line
        line = word
        while len(line) > 1 and (width := line_width(line, font, points)) > available:
            at = max(1, int(len(line) * available / width))
            yield line[:at]
            line = line[at:]
    yield line
