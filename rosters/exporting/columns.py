"""The columns of our own rosters, headed in the reader's language; an import recognises them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.spreadsheets import Column
from rosters.errors import RosterInputError
from rosters.fields import DEFAULT_KEYS, FIELD, ROSTER_KEYS


def roster_columns(keys: Sequence[str] = DEFAULT_KEYS) -> list[Column]:
    """Raises RosterError ``unknown_column``."""
    return [_column(key) for key in keys]


def column_names(keys: Sequence[str] = ROSTER_KEYS) -> dict[str, str]:
    """Key → the name by which a reader chooses the column: “Attendance, %” without its unit."""
    return {key: str(FIELD[key].label).partition(",")[0] for key in keys}


def _column(key: str) -> Column:
    if key not in FIELD or not (field := FIELD[key]).is_exportable:
        raise RosterInputError(
            "unknown_column", _("There is no column “%(column)s”.") % {"column": key[:40]}
        )
    # A list to choose from only where an import reads the choice back.
    is_chosen = field.kind == "code" and field.choices is not None
    return Column(
        key,
        str(field.label),
        kind=field.kind,
        width=field.width,
        choices=tuple(map(str, field.choices.labels)) if is_chosen and field.choices else (),
        names=key == "full_name",
    )
