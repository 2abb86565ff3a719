"""How the cells of an exported row are made of what the database says."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from common.identity import mask_number
from common.spreadsheets import CellValue
from enrollment.choices import PersonVisibility
from rosters.fields import FIELD

# Makes a cell of a row of values.
MakeCell = Callable[[Any], CellValue]


def cell(key: str, at: Sequence[int], *, is_whole: bool) -> MakeCell:
    """How the cell of a field is made of the values ``at`` some positions of the row.

    ``is_whole`` asks for whole personal numbers.
    """
    if not at:
        return lambda _row: None
    first = at[0]
    if key == "id":
        return itemgetter(first)
    if key == "personal_number" and not is_whole:
        return lambda row: mask_number(row[first]) if row[first] else ""
    if key == "register_number":
        return _register_label(*at)
    if len(at) == 2:
        second = at[1]
        return lambda row: row[first] or row[second]
    if choices := FIELD[key].choices:
        labels = {value: str(label) for value, label in choices.choices}
        return lambda row: labels.get(row[first], "")
    if key in ("score", "test_before", "test_after"):  # decimals are no numbers for a spreadsheet
        return lambda row: None if row[first] is None else float(row[first])
    if key == "personal_number":
        return lambda row: row[first] or ""
    return itemgetter(first)


def guarded(key: str, make: MakeCell, paths: Sequence[str]) -> MakeCell:
    """A cell as its reader may see it; the row ends with ``person_visibility`` and
    ``name_as_sent``.
    """
    field = FIELD[key]
    if field.shown_from == PersonVisibility.HIDDEN:
        return make
    if field.falls_back_to_person:
        # Of somebody who is not theirs a reader sees the sender's own words, and no fallback.
        own = paths.index(field.paths[0])
        return lambda row: make(row) if row[-2] == PersonVisibility.FULL else row[own]
    blank = None if field.kind in ("date", "number") else ""

    def made(row: Any) -> CellValue:
        shown, name = row[-2], row[-1]
        if shown >= field.shown_from:
            return make(row)
        return name if key == "full_name" else blank

    return made


def _register_label(number: int, year: int, register: int) -> MakeCell:
    """``0012/2026/AI``, as certificates print it."""

    def label(row: Any) -> CellValue:
        return f"{row[number]:04d}/{row[year]}/{row[register]}" if row[number] else ""

    return label
