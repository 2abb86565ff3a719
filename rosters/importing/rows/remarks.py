"""Remarks in columns that are not read, such as “has withdrawn”."""

from functools import lru_cache
from typing import Final

from common.spreadsheets import Row
from rosters.importing.layouts.layout import Layout
from rosters.importing.rows.sections import SetApart, set_apart_by

_LONGEST: Final = 60  # longer texts are no remarks about taking part


class Remarks:
    def __init__(self, layout: Layout) -> None:
        used = {*layout.columns.values(), *(layout.birth_parts or ()), *layout.set_aside}
        self._headings = {at: text for at, text in layout.headings.items() if at not in used}

    def of(self, row: Row) -> tuple[str, SetApart] | None:
        """The heading above such a remark, and what it means; None for most rows."""
        for at, heading in self._headings.items():
            text = row.at(at)
            if isinstance(text, str) and (set_apart := _meaning(text)):
                return heading, set_apart
        return None


@lru_cache(maxsize=4096)  # such columns repeat few texts
def _meaning(text: str) -> SetApart:
    return set_apart_by(text) if len(text) <= _LONGEST else ""
