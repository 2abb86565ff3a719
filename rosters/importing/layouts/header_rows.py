"""Headings of several rows, where a merged cell has headings of its own below it.

Formats without merged cells, such as CSV, have blank cells to its right instead.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from common.spreadsheets import MergedRange, Row
from common.vietnamese import tidy
from rosters.importing.layouts.headings import is_known, is_personal

# A line such as (1) (2) (3) under the headings of official forms.
COLUMN_NUMBER = re.compile(r"\(?\s*(?:\d{1,2}|[A-ZĐ])\s*\)?")
Texts = dict[int, str]  # by column


class Head(NamedTuple):
    """Headings by column, as ``field_of`` takes them, and the last of their rows."""

    headings: Texts
    last_row: int


def drawn_head(rows: Sequence[Row], merged: Callable[[], Sequence[MergedRange]]) -> Head | None:
    """The headings that begin on the first of the rows, if they go on below.

    They do if every text of a row stands below a merged cell, or below nothing, and one of them is
    a known heading. ``merged`` is called only where that is possible, since it reads the file
    again.
    """
    headings = upper = _texts(rows[0])
    last = rows[0].number
    for row in rows[1:]:
        lower = _texts(row)
        if row.number != last + 1 or not _may_be_headings(row, lower):
            break
        over = _drawn_over(last, upper, merged()) or _beside_blanks(headings, upper, lower)
        if any(at in headings and at not in over for at in lower):
            break  # a value below a whole heading: this is the first person
        below = {at: f"{over[at]}\0{text}" if at in over else text for at, text in lower.items()}
        if not any(map(is_known, below.values())):
            break
        headings, upper, last = headings | below, lower, row.number
    return Head(headings, last) if last > rows[0].number else None


def _texts(row: Row) -> Texts:
    texts = ((at, tidy(value)) for at, value in enumerate(row.values) if isinstance(value, str))
    return {at: text for at, text in texts if text}


def _may_be_headings(row: Row, texts: Texts) -> bool:
    filled = sum(value is not None for value in row.values)
    if all(map(COLUMN_NUMBER.fullmatch, texts.values())):
        return False
    return 0 < filled == len(texts) and not any(map(is_personal, texts.values()))


def _drawn_over(row: int, texts: Mapping[int, str], areas: Sequence[MergedRange]) -> Texts:
    return {
        at: texts[area.first_column]
        for area in areas
        if area.first_row == row and area.first_column in texts
        if area.last_column > area.first_column
        for at in range(area.first_column, area.last_column + 1)
    }


def _beside_blanks(headings: Texts, upper: Texts, lower: Texts) -> Texts:
    """Column → the text above it that has blanks to its right, all with texts below."""
    over: Texts = {}
    text = ""
    for at in sorted(lower):
        if at in upper:
            text = upper[at]
        elif text and at not in headings and at - 1 in lower:
            over |= {at - 1: text, at: text}
        else:
            text = ""
    return over
