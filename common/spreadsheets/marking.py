"""A workbook given back with red, commented cells; all else as its sender wrote it."""

import io
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# openpyxl keeps every cell in memory; larger workbooks are given back in another way.
MOST_BYTES: Final = 3_000_000
MOST_CELLS: Final = 250_000
_RED: Final = "FFFFC7CE"
_LONGEST: Final = 1_000


def can_mark(content: bytes, rows: int, columns: int) -> bool:
    """Whether the file is a workbook small enough to be opened as a whole."""
    few = rows * max(columns, 1) <= MOST_CELLS
    return content.startswith(b"PK") and len(content) <= MOST_BYTES and few


def mark_cells(
    content: bytes,
    notes: Mapping[tuple[int, int], str],
    *,
    sheet_name: str,
    author: str,
    known_authors: Collection[str],
) -> bytes:
    """The workbook with a comment on each cell in ``notes`` (row and column, from 1).

    The file has been read before: what is dangerous in it was refused then. Marks that one
    of ``known_authors`` left in an earlier round are taken away, so that a mended file comes
    back clean.
    """
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    found: Any = book[sheet_name] if sheet_name in book.sheetnames else book.active
    sheet: Worksheet = found
    _unmark(sheet, known_authors)
    for (row, column), text in notes.items():
        _mark(sheet, row, column, text, author)
    book.active = book.index(sheet)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _mark(sheet: "Worksheet", row: int, column: int, text: str, author: str) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell: Any = sheet.cell(row, column)
    # Only the first cell of merged ones can bear a fill and a comment.
    for area in sheet.merged_cells.ranges:
        if cell.coordinate in area:
            cell = sheet.cell(area.min_row, area.min_col)
    cell.fill = PatternFill("solid", fgColor=_RED)
    cell.comment = Comment(text[:_LONGEST], author, height=120, width=320)


def _unmark(sheet: "Worksheet", authors: Collection[str]) -> None:
    from openpyxl.styles import PatternFill

    for row in sheet.iter_rows():
        for cell in row:
            is_ours = cell.comment is not None and cell.comment.author in authors
            if is_ours and cell.fill.fgColor.rgb == _RED:
                cell.comment, cell.fill = None, PatternFill()
