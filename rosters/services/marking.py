"""The sender's own workbook with what is to be mended: red cells, a comment on each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from common.spreadsheets.marking import can_mark, mark_cells
from rosters.services.report import RowResult

__all__ = ["can_mark", "marked"]

_AUTHORS: Final = frozenset({"Roster check", "Kiểm tra danh sách"})


def marked(content: bytes, table: Mapping[str, Any], results: Sequence[RowResult]) -> bytes:
    """The workbook with the cells of rejected rows red and commented; all else as it was."""
    column_of = {table["headings"].get(str(at)): at + 1 for at in table["columns"].values()}
    first = min(column_of.values(), default=1)
    notes: dict[tuple[int, int], list[str]] = defaultdict(list)
    for result in results:
        for finding in result.errors:
            notes[result.row, column_of.get(finding.column, first)].append(finding.message)
    return mark_cells(
        content,
        {cell: "\n".join(texts) for cell, texts in notes.items()},
        sheet_name=table["sheet"],
        author=_author(),
        known_authors=_AUTHORS,
    )


def _author() -> str:
    """Who says so, in one of the languages of ``_AUTHORS``."""
    name = _("Roster check")
    return name if name in _AUTHORS else "Roster check"
