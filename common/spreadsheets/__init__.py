"""Spreadsheets in and out: the only place that knows XLSX and CSV.

``open_sheets`` reads, ``write_xlsx`` and ``write_csv`` write. All of them stream.
"""

from pathlib import Path, PurePath

from common.spreadsheets.columns import Column, Frame, Kind, Words, Written
from common.spreadsheets.containers import MAX_PACKED, kind_of, open_archive
from common.spreadsheets.csv_files import csv_sheet, write_csv
from common.spreadsheets.errors import SpreadsheetError
from common.spreadsheets.pages import PAPER_POINTS, TABLE_POINTS, lines_of, width_of
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
from common.spreadsheets.xlsx_reading import Workbook
from common.spreadsheets.xlsx_writing import write_xlsx

__all__ = [
    "ERROR_CODES",
    "PAPER_POINTS",
    "TABLE_POINTS",
    "CellError",
    "Column",
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
    "Written",
    "lines_of",
    "open_sheets",
    "width_of",
    "write_csv",
    "write_xlsx",
]


def open_sheets(source: bytes | Path, filename: str = "") -> list[Sheet]:
    """The sheets of a file, told by its content; its name only names the sheet of a CSV file.

    Raises SpreadsheetError with one sentence: wrong kinds of files, damage, bombs, macros, links
    to other files. Reading the rows may raise it too.
    """
    if isinstance(source, Path):
        filename = filename or source.name
        with source.open("rb") as file:
            source = file.read(MAX_PACKED + 1)
    if kind_of(source) == "text":
        # As long as a sheet name may be, and spreadsheet programs cut it.
        return [csv_sheet(source, PurePath(filename).stem[:31])]
    return Workbook(open_archive(source)).sheets()
