"""Warns of personal numbers in a column that is not read: known people would be entered as new."""

import re
from collections import Counter
from typing import Final

from common.deferred_messages import DeferredMessage as _
from common.spreadsheets import Row, Value, column_letters
from rosters.importing.layouts.layout import Layout
from rosters.importing.rows.results import Problem

LOOKED_AT: Final = 100  # people; so many show what a column holds
_TWELVE_DIGITS = re.compile(r"\s*\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{3}\s*")
_WITH_ZEROS_LOST: Final = range(10**9, 10**12)


class UnreadNumbers:
    """Looks at columns of no field, except those that the sender left out on purpose."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._passed_over = {*layout.columns.values(), *layout.set_aside}
        self._filled: Counter[int] = Counter()
        self._numbers: Counter[int] = Counter()

    def look(self, row: Row) -> None:
        if "personal_number" in self._layout.columns:
            return
        for at, value in enumerate(row.values):
            if value is not None and at not in self._passed_over:
                self._filled[at] += 1
                self._numbers[at] += _is_number(value)

    def warnings(self) -> tuple[Problem, ...]:
        reason = _(
            "This column contains 12-digit numbers, but was not read. If they are "
            "personal numbers, choose that for this column, or use the heading “Số CCCD”."
        )
        layout = self._layout
        return tuple(
            Problem(
                max(layout.header_row, 1),
                layout.headings.get(at) or column_letters(at),
                "numbers_not_read",
                reason,
                "warning",
            )
            for at, filled in sorted(self._filled.items())
            if 2 * self._numbers[at] > filled
        )


def _is_number(value: Value) -> bool:
    if isinstance(value, str):
        return _TWELVE_DIGITS.fullmatch(value) is not None
    return value.__class__ is int and value in _WITH_ZEROS_LOST
