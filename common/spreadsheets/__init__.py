"""Spreadsheets in and out: the only place that knows XLSX and CSV.

``open_sheets`` reads, ``write_xlsx`` and ``write_csv`` write, ``write_table`` in a form that the
reader chose. All of them stream.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from common.bounded import Limits
from common.spreadsheets.columns import CellValue, Column, Frame, Kind, Words
from common.spreadsheets.containers import MAX_PACKED
from common.spreadsheets.csv_files import write_csv
from common.spreadsheets.errors import SpreadsheetError, refuse
from common.spreadsheets.opened_files import OpenedFile, can_mark, mark_cells
from common.spreadsheets.page_layout import PAPER_POINTS, TABLE_POINTS, lines_of, width_of
from common.spreadsheets.parsers import IN_A_JOB, ON_A_PAGE
from common.spreadsheets.sheets import (
    ERROR_CODES,
    CellError,
    Formula,
    MergedRange,
    Plain,
    Row,
    Sheet,
    Value,
)
from common.spreadsheets.table_files import FileForm, write_table
from common.spreadsheets.xlsx_reader import column_letters
from common.spreadsheets.xlsx_writer import write_xlsx

__all__ = [
    "ERROR_CODES",
    "IN_A_JOB",
    "ON_A_PAGE",
    "PAPER_POINTS",
    "TABLE_POINTS",
    "CellError",
    "CellValue",
    "Column",
    "FileForm",
    "Formula",
    "Frame",
    "Kind",
    "MergedRange",
    "Plain",
    "Row",
    "Sheet",
    "SpreadsheetError",
    "Value",
    "Words",
    "can_mark",
    "column_letters",
    "lines_of",
    "mark_cells",
    "open_sheets",
    "rows_on_a_page",
    "width_of",
    "write_csv",
    "write_table",
    "write_xlsx",
]

# Of what a page works through while its visitor waits: far more than a class or an office writes.
_MOST_ROWS: Final = 10_000
_MOST_CELLS: Final = 300_000


def open_sheets(
    source: bytes | Path, filename: str = "", limits: Limits = ON_A_PAGE
) -> list[Sheet]:
    """The format is recognised by content; the file name only names the sheet of a CSV file.

    The file is parsed within the boundary (``common.bounded``). Raises SpreadsheetError with one
    sentence: wrong kinds of files, damage, bombs, macros, links to other files; and BoundedError.
    Reading the rows may raise them too.
    """
    if isinstance(source, Path):
        filename = filename or source.name
        with source.open("rb") as file:
            source = file.read(MAX_PACKED + 1)
    return OpenedFile(source, filename, limits).sheets()


def rows_on_a_page(source: bytes | Path) -> Iterator[Row]:
    """The rows of a file's first sheet, for work that no job does. Errors: as of ``open_sheets``.

    A log of 200,000 rows held a web thread for a minute once it had been read.
    """
    cells = 0
    for count, row in enumerate(open_sheets(source)[0].rows(), start=1):
        cells += len(row.values)
        if count > _MOST_ROWS or cells > _MOST_CELLS:
            raise refuse("list_too_long")
        yield row
