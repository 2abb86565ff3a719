"""The rows of a table, one per person: values over several cells or rows are joined.

A birth date may have three columns. A row pasted from Word may continue in the next one, if a cell
had two paragraphs. In a workbook of the 1904 date system a plain number is another day.
"""

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from common.dates import parse_birth
from common.errors import DomainError
from common.spreadsheets import Row, Value
from rosters.fields import BIRTH_KEYS, FIELDS, NAME_KEYS
from rosters.importing.layouts.cells import cell_text
from rosters.importing.layouts.layout import Layout
from rosters.importing.layouts.split_names import is_part_of_name
from rosters.importing.rows.names import is_rest_of_name

WORD_BESIDE: Final = "word_beside"
GOES_ON: Final = "goes_on"  # the mark of a row whose name seems to go on in the next one
_BEGIN_ROW: Final = tuple(field.key for field in FIELDS if field.begins_row)
_YEARS: Final = range(1900, 2100)


def whole_rows(layout: Layout) -> Iterator[Row]:
    paragraphs, last = _Paragraphs(layout), 0
    before: Row | None = None
    for read in layout.sheet.rows():
        if read.number < layout.first_data_row:
            continue
        row = _with_word_beside(layout, _with_birth(layout, read))
        if before and read.number == last + 1 and paragraphs.may_go_on(before, row):
            before, row = paragraphs.joined(before, row)
        if before is not None:
            yield before
        before, last = row, read.number
    if before is not None:
        yield before


class _Paragraphs:
    """Recognises rows that are only the second paragraph of the row above."""

    def __init__(self, layout: Layout) -> None:
        columns = layout.columns
        self._sheet = layout.sheet
        self._bears = [columns[name] for name in _BEGIN_ROW if name in columns]
        self._names = [columns[name] for name in NAME_KEYS if name in columns]
        self._width = 1 + max([*self._bears, *self._names], default=0)

    def may_go_on(self, row: Row, below: Row) -> bool:
        return not self._fills(below, self._bears) and self._fills(row, self._bears)

    def joined(self, row: Row, below: Row) -> tuple[Row | None, Row]:
        """The row with its second paragraph, if cells are merged over both rows.

        Else both rows; the first is marked if a single word stands below its name.
        """
        if any(row.number in rows and below.number in rows for rows in self._drawn_over):
            width = max(len(row.values), len(below.values))
            cells = zip(_padded(row, width), _padded(below, width), strict=True)
            values = tuple(_one_cell(at in self._names, *pair) for at, pair in enumerate(cells))
            return None, row._replace(values=values)
        texts = [text for value in below.values if (text := cell_text(value))]
        is_word = len(texts) == 1 and is_rest_of_name(texts[0]) and self._fills(below, self._names)
        return (row._replace(mark=GOES_ON) if is_word and not row.mark else row), below

    def _fills(self, row: Row, columns: list[int]) -> bool:
        return any(row.at(column) is not None for column in columns)

    @cached_property
    def _drawn_over(self) -> list[range]:
        return [
            range(area.first_row, area.last_row + 1)
            for area in self._sheet.merged()
            if area.last_row > area.first_row and area.first_column in self._bears
        ]


def _padded(row: Row, width: int) -> tuple[Value, ...]:
    return row.values + (None,) * (width - len(row.values))


def _one_cell(is_name: bool, upper: Value, lower: Value) -> Value:
    """Two cells as one; a name continues, other texts are divided by a comma."""
    if lower is None or not isinstance(upper, str):
        return upper if upper is not None else lower
    return f"{upper} {lower}" if is_name else f"{upper}, {lower}"


def _with_word_beside(layout: Layout, row: Row) -> Row:
    beside = () if row.mark else layout.names_beside
    if any(is_part_of_name(cell_text(row.at(column))) for column in beside):
        return row._replace(mark=WORD_BESIDE)
    return row


def _with_birth(layout: Layout, row: Row) -> Row:
    parts, shift = layout.birth_parts, layout.sheet.epoch_shift
    if parts is None and not shift:
        return row
    values = list(row.values)
    if parts is not None:
        cells = [row.at(column) for column in parts]
        if any(cell is not None for cell in cells):
            values.extend([None] * (1 + max(parts) - len(values)))
            values[parts[0]] = _birth_of(cells)
    for name in BIRTH_KEYS if shift else ():
        at = layout.columns.get(name, len(values))
        if at < len(values):
            values[at] = _shifted(values[at], shift)
    return row._replace(values=tuple(values))


def _birth_of(cells: list[Value]) -> Value:
    day, month, year = (cell_text(cell) for cell in cells)
    if isinstance(cells[0], dt.date):
        return cells[0]
    if not day and not month:
        return cells[2]
    return f"{day}/{month}/{year}"


def _shifted(value: Value, shift: int) -> Value:
    """A plain number as the day that it means in a workbook of another date system."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value in _YEARS:
        return value
    try:
        return parse_birth(value + shift)
    except DomainError:
        return value
