"""The sender's own workbook with what is to be mended: red cells, a comment on each."""

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from rosters.services.report import Finding, RowResult

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

# openpyxl keeps every cell in memory; larger workbooks get the plain list of rejected rows.
MOST_BYTES: Final = 3_000_000
MOST_CELLS: Final = 250_000
_RED: Final = "FFFFC7CE"
_LONGEST: Final = 1_000


def can_mark(content: bytes, rows: int, columns: int) -> bool:
    """Whether the file is a workbook small enough to be opened as a whole."""
    few = rows * max(columns, 1) <= MOST_CELLS
    return content.startswith(b"PK") and len(content) <= MOST_BYTES and few


def marked(content: bytes, table: Mapping[str, Any], results: Sequence[RowResult]) -> bytes:
    """The workbook with the cells of rejected rows red and commented; all else as it was.

    The file has been read before: what is dangerous in it was refused then. Marks of an earlier
    round are taken away, so that a mended file comes back clean.
    """
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content))
    sheet: Worksheet = book[table["sheet"]] if table["sheet"] in book.sheetnames else book.active  # type: ignore[assignment]
    _unmark(sheet)
    column_of = {table["headings"].get(str(at)): at + 1 for at in table["columns"].values()}
    first = min(column_of.values(), default=1)
    by_cell: dict[tuple[int, int], list[Finding]] = defaultdict(list)
    for result in results:
        for finding in result.errors:
            by_cell[result.row, column_of.get(finding.column, first)].append(finding)
    for (row, column), findings in by_cell.items():
        _mark(sheet, row, column, findings)
    book.active = book.index(sheet)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _mark(sheet: "Worksheet", row: int, column: int, findings: Sequence[Finding]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell: Any = sheet.cell(row, column)
    # Only the first cell of merged ones can bear a fill and a comment.
    for area in sheet.merged_cells.ranges:
        if cell.coordinate in area:
            cell = sheet.cell(area.min_row, area.min_col)
    cell.fill = PatternFill("solid", fgColor=_RED)
    text = "\n".join(finding.message for finding in findings)[:_LONGEST]
    cell.comment = Comment(text, _author(), height=120, width=320)


def _unmark(sheet: "Worksheet") -> None:
    from openpyxl.styles import PatternFill

    for row in sheet.iter_rows():
        for cell in row:
            is_ours = cell.comment is not None and cell.comment.author in _AUTHORS
            if is_ours and cell.fill.fgColor.rgb == _RED:
                cell.comment, cell.fill = None, PatternFill()


_AUTHORS: Final = frozenset({"Roster check", "Kiểm tra danh sách"})


def _author() -> str:
    """Who says so, in one of the languages of ``_AUTHORS``."""
    name = _("Roster check")
    return name if name in _AUTHORS else "Roster check"
