"""What a cell of a table says as text."""

from common.spreadsheets import Formula, Value
from common.vietnamese import tidy


def cell_text(value: Value) -> str:
    """The tidy text of a cell; empty for dates, errors and booleans."""
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return tidy(str(value))
