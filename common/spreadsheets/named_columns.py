"""Tables of our own, whose headings are the same in every language so that they are read back."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from common.errors import InputError
from common.spreadsheets.sheets import Row
from common.vietnamese import tidy


def cell_text(row: Row, column: int) -> str:
    """The text of a cell; a whole number without its decimals."""
    value: Any = row.values[column] if column < len(row.values) else None
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return tidy(str(value)) if value is not None else ""


def rows_below_headings(
    rows: Iterable[Row], headings: Sequence[str]
) -> list[tuple[Row, list[str]]]:
    """The rows below the one that begins with the first heading, with their cells in this order.

    Empty rows are left out. Raises InputError ``no_known_columns``.
    """
    rows = list(rows)
    heading = next((row for row in rows if cell_text(row, 0).lower() == headings[0]), None)
    if heading is None:
        text = _("No heading row was found: keep the row that begins with “%(heading)s”.")
        raise InputError("no_known_columns", text % {"heading": headings[0]})
    names = [cell_text(heading, at).lower() for at in range(len(heading.values))]
    if missing := [name for name in headings if name not in names]:
        text = _("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)}
        raise InputError("no_known_columns", text)
    at = [names.index(name) for name in headings]
    below = ((row, [cell_text(row, one) for one in at]) for row in rows)
    return [(row, cells) for row, cells in below if row.number > heading.number and any(cells)]
