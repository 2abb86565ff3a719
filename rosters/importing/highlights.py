"""The sender's own workbook with the cells to correct in red, each with a comment."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from common.dates import parse_birth
from common.errors import DomainError
from common.spreadsheets import can_mark, mark_cells
from rosters.fields import BIRTH_KEYS
from rosters.importing.report import RowResult

__all__ = ["can_mark", "highlighted"]

_AUTHORS: Final = frozenset({"Roster check", "Kiểm tra danh sách"})


def highlighted(
    content: bytes,
    table: Mapping[str, Any],
    results: Sequence[RowResult],
    edited: Mapping[int, Mapping[str, str]] | None = None,
) -> bytes:
    """The workbook with the cells of rejected rows marked; all else stays as it was.

    ``edited`` maps row numbers to fields to cells that were corrected on the page: they are written
    into it.
    """
    column_of = {table["headings"].get(str(at)): at + 1 for at in table["columns"].values()}
    first = min(column_of.values(), default=1)
    notes: dict[tuple[int, int], list[str]] = defaultdict(list)
    for result in results:
        for finding in result.errors:
            notes[result.row, column_of.get(finding.column, first)].append(finding.message)
    written = {
        (row, table["columns"][field] + 1): _as_cell(field, text)
        for row, cells in (edited or {}).items()
        for field, text in cells.items()
    }
    return mark_cells(
        content,
        {cell: "\n".join(texts) for cell, texts in notes.items()},
        written=written,
        sheet_name=table["sheet"],
        author=_author(),
        known_authors=_AUTHORS,
    )


def _as_cell(field: str, text: str) -> str | int | dt.date:
    if field in BIRTH_KEYS and text:
        try:
            return parse_birth(text)
        except DomainError:
            return text
    return text


def _author() -> str:
    name = _("Roster check")
    return name if name in _AUTHORS else "Roster check"
