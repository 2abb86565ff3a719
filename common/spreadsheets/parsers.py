"""Spreadsheets, opened within the boundary (``common.bounded``): rows come out as plain data.

Rows are JSON in pieces of a thousand, behind the number of their sheet. What JSON has not is an
object of one key: d a date, t a moment, e an error of the program, f a formula.
"""

import datetime as dt
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import orjson

from common.bounded import MB, Lane, Limits, parser
from common.spreadsheets import highlights
from common.spreadsheets.containers import is_other_format, kind_of, open_archive
from common.spreadsheets.csv_files import csv_sheet
from common.spreadsheets.errors import SpreadsheetError, refuse
from common.spreadsheets.other_formats import other_sheets
from common.spreadsheets.sheets import MAX_SHEETS, CellError, Formula, Row, Sheet
from common.spreadsheets.xlsx_package import Package
from common.spreadsheets.xlsx_reader import Workbook

# Of a workbook with several sheets only so many rows are read before one of them is asked for.
HEAD_ROWS: Final = 320
_ROWS: Final = 1_000
PIECE: Final = struct.Struct("!I")
_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS

# A page that waits for it; and a job, which may read 200,000 rows before its lease runs out.
ON_A_PAGE: Final = Limits(cpu=8, wall=9.0, wait=4.0, memory=192 * MB, output=128 * MB)
IN_A_JOB: Final = Limits(
    cpu=40, wall=40.0, wait=18.0, memory=512 * MB, output=768 * MB, lane=Lane.JOBS
)
# openpyxl writes its sheets to temporary files.
_MARKING: Final = Limits(
    cpu=12, wall=14.0, wait=4.0, memory=512 * MB, output=32 * MB, files=128 * MB, folder=True
)


@parser(ON_A_PAGE, errors=(SpreadsheetError,))
def read_sheets(content: bytes, name: str, only: int | None) -> Iterator[bytes]:
    """The list of sheets, then the rows: all of ``only``, else the first of each.

    The last piece of a sheet says whether it is damaged further down or has more rows.
    """
    sheets = _sheets(content, name)
    yield orjson.dumps([[sheet.name, sheet.hidden, sheet.epoch_shift] for sheet in sheets])
    whole = only is not None or len(sheets) == 1
    for at, sheet in enumerate(sheets):
        if only in (None, at):
            yield from _pieces(at, sheet, None if whole else HEAD_ROWS)


@parser(ON_A_PAGE, errors=(SpreadsheetError,))
def read_merged(content: bytes, name: str, only: int) -> list[tuple[int, int, int, int]]:
    return [
        (area.first_row, area.first_column, area.last_row, area.last_column)
        for area in _sheets(content, name)[only].merged()
    ]


@parser(_MARKING, errors=(SpreadsheetError,))
def can_mark(content: bytes) -> bool:
    return highlights.can_mark(content)


@parser(_MARKING, errors=(SpreadsheetError,), preload=("openpyxl",))
def mark_cells(
    content: bytes,
    notes: list[tuple[int, int, str]],
    written: list[tuple[int, int, str | int | dt.date]],
    options: dict[str, Any],
) -> bytes:
    return highlights.mark_cells(
        content,
        {(row, column): text for row, column, text in notes},
        written={(row, column): value for row, column, value in written},
        **options,
    )


def _sheets(content: bytes, name: str) -> list[Sheet]:
    kind = kind_of(content)
    if kind == "text":
        return [csv_sheet(content, name)]
    if kind == "xls" or is_other_format(archive := open_archive(content)):
        return other_sheets(content)
    sheets = Workbook(Package(archive)).sheets()
    if len(sheets) > MAX_SHEETS:
        raise refuse("too_many_sheets")
    return sheets


def _pieces(at: int, sheet: Sheet, most: int | None) -> Iterator[bytes]:
    head = PIECE.pack(at)
    rows = sheet.rows()
    wanted = rows if most is None else islice(rows, most)
    taken = 0
    try:
        while part := list(islice(wanted, _ROWS)):
            taken += len(part)
            yield head + _dumped(part)
        if most is not None and taken == most:
            yield head + orjson.dumps({"more": True})
        elif strays := sheet.read_strays():
            yield head + orjson.dumps({"strays": strays})
    except SpreadsheetError as error:
        yield head + orjson.dumps({"code": error.code, "sentence": error.sentence.as_json()})


def _dumped(rows: list[Row]) -> bytes:
    try:
        # Named tuples are none to orjson.
        plain = [row if row.mark else row[:2] for row in rows]
        return orjson.dumps([tuple(row) for row in plain], _marked, _OPTIONS)
    except (TypeError, ValueError):  # half a character
        raise refuse("damaged_file") from None


def _marked(value: object) -> dict[str, Any]:
    if isinstance(value, dt.datetime):
        return {"t": value.isoformat()}
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    if isinstance(value, CellError):
        return {"e": value.code}
    if isinstance(value, Formula):
        return {"f": value.value}
    raise TypeError(type(value).__name__)
