"""The sender's own workbook with red, commented cells.

openpyxl holds every cell in memory, 15 µs and half a kilobyte each. Larger workbooks are not
opened: their findings are returned in another way.
"""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Collection, Mapping
from copy import copy
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from common.spreadsheets.containers import is_other_format, open_archive

if TYPE_CHECKING:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill
    from openpyxl.worksheet.worksheet import Worksheet

MOST_BYTES: Final = 3_000_000
MOST_UNPACKED: Final = 25_000_000
MOST_CELLS: Final = 250_000

_CELL = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
# What openpyxl makes into cells, one by one, however large the area.
_AREA = re.compile(rb"<(?:[\w.-]+:)?(?:mergeCell|hyperlink)\s[^>]*?\bref\s*=\s*[\"']([^\"']*)")
_RED: Final = "FFFFC7CE"
_NO_COLOUR: Final = ("00000000", 64)
_LONGEST: Final = 1_000
_SENDERS_OWN = re.compile(r"\n\n—— (.*) ——\n(.*)", re.DOTALL)


def can_mark(content: bytes) -> bool:
    """Only workbooks small enough for openpyxl to open with all sheets.

    Raises SpreadsheetError for a file that ``open_sheets`` refuses.
    """
    if not content.startswith(b"PK") or len(content) > MOST_BYTES:
        return False
    archive = open_archive(content)
    if is_other_format(archive):
        return False
    if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
        return False
    return _cells_when_opened(archive) <= MOST_CELLS


def _cells_when_opened(archive: zipfile.ZipFile) -> int:
    count = 0
    for name in archive.namelist():
        if name.lower().endswith(".xml"):
            xml = archive.read(name)
            count += sum(1 for _cell in _CELL.finditer(xml))
            count += sum(_extent(area[1]) for area in _AREA.finditer(xml))
    return count


def _extent(area: bytes) -> int:
    from openpyxl.utils import range_boundaries

    try:
        left, top, right, bottom = range_boundaries(area.decode())
    except ValueError:
        return MOST_CELLS + 1
    if left is None or top is None or right is None or bottom is None:
        return MOST_CELLS + 1
    return (right - left + 1) * (bottom - top + 1)


def mark_cells(
    content: bytes,
    notes: Mapping[tuple[int, int], str],
    *,
    written: Mapping[tuple[int, int], str | int | dt.date],
    sheet_name: str,
    author: str,
    known_authors: Collection[str],
) -> bytes:
    """The workbook with a comment on each cell in ``notes`` (row and column, from 1).

    ``written`` are cells that have another value since the file was sent; empty text clears one.
    The file has been read before: what is dangerous in it was refused then, and ``can_mark`` ours
    that it may be opened. Marks that one of ``known_authors`` left in an earlier round are taken
    away, so that a corrected file comes back clean, with the sender's own fills and comments.
    """
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), rich_text=True)
    found: Any = book[sheet_name] if sheet_name in book.sheetnames else book.active
    sheet: Worksheet = found
    _unmark(sheet, known_authors)
    for (row, column), value in written.items():
        _write(sheet, row, column, value)
    first = _first_of_merged(sheet)
    for position, text in notes.items():
        _mark(sheet.cell(*first.get(position, position)), text, author)
    book.active = book.index(sheet)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _write(sheet: "Worksheet", row: int, column: int, value: str | int | dt.date) -> None:
    _divide(sheet, row, column)
    cell: Any = sheet.cell(row, column)
    number_format = cell.number_format
    cell.value = None if value == "" else value
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", "@"
    elif cell.number_format != number_format:
        cell.number_format = "dd/mm/yyyy"


def _divide(sheet: "Worksheet", row: int, column: int) -> None:
    """Unmerge a downward range, repeating its value, so that one of its rows can differ."""
    for area in list(sheet.merged_cells.ranges):
        rows, columns = (area.min_row, area.max_row), (area.min_col, area.max_col)
        if rows[0] < rows[1] and rows[0] <= row <= rows[1] and columns[0] <= column <= columns[1]:
            first: Any = sheet.cell(rows[0], columns[0])
            sheet.unmerge_cells(area.coord)
            for other in range(rows[0] + 1, rows[1] + 1):
                cell: Any = sheet.cell(other, columns[0], first.value)
                cell._style = copy(first._style)  # openpyxl has no other way to copy all of it


def _first_of_merged(sheet: "Worksheet") -> dict[tuple[int, int], tuple[int, int]]:
    return {
        position: (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for position in product(
            range(area.min_row, area.max_row + 1), range(area.min_col, area.max_col + 1)
        )
    }


def _mark(cell: Any, text: str, author: str) -> None:
    cell.fill, cell.comment = _red_over(cell.fill), _comment_above(cell.comment, text, author)


def _red_over(fill: Any) -> "PatternFill":
    """Keeps the sender's plain fill as background colour, where a solid fill does not show it."""
    from openpyxl.styles import PatternFill

    if fill.fill_type != "solid":
        return PatternFill("solid", fgColor=_RED)
    return PatternFill("solid", fgColor=_RED, bgColor=copy(fill.fgColor))


def _comment_above(theirs: Any, text: str, author: str) -> "Comment":
    from openpyxl.comments import Comment

    earlier = f"\n\n—— {theirs.author} ——\n{theirs.text}" if theirs else ""
    # As Excel does it; LibreOffice forgets whose a comment is.
    ours = f"{author}:\n{text[:_LONGEST]}"
    return Comment(ours + earlier, author, height=120, width=320)


def _unmark(sheet: "Worksheet", authors: Collection[str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    heads = tuple(f"{author}:\n" for author in authors)
    # Walking over rows and columns would make a cell for every position up to the most distant one.
    for cell in list(sheet._cells.values()):
        comment = cell.comment
        if comment is None:
            continue
        by_name = comment.author in authors
        if not by_name and not comment.text.startswith(heads):
            continue
        theirs = _SENDERS_OWN.search(comment.text)
        cell.comment = Comment(theirs[2], theirs[1]) if theirs else None
        if cell.fill.fgColor.rgb == _RED:
            # Programs that forget the author put a colour of their own behind a plain fill.
            behind = copy(cell.fill.bgColor)
            is_theirs = by_name and behind.value not in _NO_COLOUR
            cell.fill = PatternFill("solid", fgColor=behind) if is_theirs else PatternFill()
