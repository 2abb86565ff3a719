"""Other workbooks that offices still have: .xls, .xlsb and OpenDocument, read by calamine.

It keeps the whole table in memory and does not distinguish formulas from values, so XLSX has a
reader of its own. The child in which this runs bounds the memory (``common.bounded``).
"""

import datetime as dt
import io
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from common.spreadsheets.errors import refuse
from common.spreadsheets.sheets import ERROR_CODES, CellError, MergedRange, Plain, Row, Sheet

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_MACROS: Final = "_VBA_PROJECT".encode("utf-16-le")


def other_sheets(data: bytes) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    if _MACROS in data:
        raise refuse("has_macros")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        raise refuse("encrypted_file") from None
    except (CalamineError, OSError, ValueError):
        raise refuse("damaged_file") from None
    sheets = [
        _sheet(book, tab.name, hidden="Visible" not in str(tab.visible))
        for tab in book.sheets_metadata
        if tab.typ == SheetTypeEnum.WorkSheet
    ]
    if not sheets:
        raise refuse("no_worksheets")
    return sheets


def _sheet(book: "CalamineWorkbook", name: str, *, hidden: bool) -> Sheet:
    return Sheet(
        name=name,
        read_rows=partial(_rows, book, name),
        read_merged=partial(_merged, book, name),
        hidden=hidden,
    )


def _opened(book: "CalamineWorkbook", name: str) -> "CalamineSheet":
    from python_calamine import CalamineError

    try:
        return book.get_sheet_by_name(name)
    except (CalamineError, ValueError):
        raise refuse("damaged_file") from None


def _rows(book: "CalamineWorkbook", name: str) -> Iterator[Row]:
    sheet = _opened(book, name)
    above, left = sheet.start or (0, 0)
    before: tuple[None, ...] = (None,) * left
    for number, cells in enumerate(sheet.iter_rows(), start=above + 1):
        values = [_plain(cell) for cell in cells]
        while values and values[-1] is None:
            values.pop()
        if values:
            yield Row(number, before + tuple(values))


def _merged(book: "CalamineWorkbook", name: str) -> list[MergedRange]:
    areas = _opened(book, name).merged_cell_ranges or []
    return [MergedRange(top + 1, left, bottom + 1, right) for (top, left), (bottom, right) in areas]


def _plain(value: object) -> Plain:
    if isinstance(value, str):
        return CellError(value) if value in ERROR_CODES else value or None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool | int | float | dt.date | dt.datetime):
        return value
    return None if value is None else str(value)
