"""The likeliest table of a file whose headings are unknown, for its sender to assign columns."""

from collections.abc import Sequence

from common.spreadsheets import Row, Sheet, column_letters
from rosters.importing.layouts.cells import cell_text
from rosters.importing.layouts.finder import HEADER_WITHIN, first_rows, speaks_of_a_person
from rosters.importing.layouts.headings import as_heading, field_of
from rosters.importing.layouts.layout import Layout


def guess_layout(sheets: Sequence[Sheet], only: str = "") -> Layout | None:
    """The row with the most texts as headings, on any sheet or on ``only``.

    If that row is a person's, the table has no headings: its columns are named by their letters. A
    blank sheet that was asked for has no columns; another one can still be chosen.
    """
    best: tuple[int, Sheet, list[Row], Row] | None = None
    for sheet in [one for one in sheets if one.name == only] or sheets:
        head = [row for row in first_rows(sheet) if row.number <= HEADER_WITHIN]
        for row in head:
            filled = sum(isinstance(value, str) for value in row.values)
            if filled > (best[0] if best else 1):
                best = filled, sheet, head, row
    names = tuple(one.name for one in sheets)
    if best is None:
        blank = next((one for one in sheets if one.name == only), None)
        return Layout(blank, 0, 1, {}, {}, sheets=names, guessed=True) if blank else None
    _filled, sheet, head, row = best
    texts = {at: text for at, value in enumerate(row.values) if (text := cell_text(value))}
    known = {field: at for at, text in reversed(texts.items()) if (field := field_of(text))}
    headings = {at: as_heading(text) for at, text in texts.items()}
    first_row = row.number + 1
    if not known and speaks_of_a_person(row.values):
        first_row = next(one.number for one in head if speaks_of_a_person(one.values))
        headings = {at: column_letters(at) for at in range(max(len(one.values) for one in head))}
    return Layout(
        sheet, first_row - 1, first_row, known, headings, tuple(headings.values()),
        sheets=names, guessed=not known,
    )  # fmt: skip
