"""Cells as texts."""

import datetime as dt
from typing import Final

from common.dates import format_date, parse_birth
from common.errors import DomainError
from common.spreadsheets import CellError, Formula, Value
from rosters.fields import BIRTH_KEYS

# Of a formula whose program saved no value with it.
NO_RESULT: Final = CellError("#N/A")


def as_written(value: Value) -> str:
    """What the sender sees in a cell; for a formula its last value, or an error without one."""
    if isinstance(value, Formula):
        value = NO_RESULT if value.value is None else value.value
    if isinstance(value, CellError):
        return value.code
    if isinstance(value, bool):
        return "x" if value else ""
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return format_date(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def cell_of(field: str, value: Value) -> str:
    """What the sender sees in a cell of a field; birth dates stored as numbers become dates."""
    plain = value.value if isinstance(value, Formula) else value
    if field in BIRTH_KEYS and isinstance(plain, int | float):
        try:
            return as_written(parse_birth(plain))
        except DomainError:
            pass  # it is shown as it stands
    return as_written(value)
