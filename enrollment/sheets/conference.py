import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from common.dates import parse_date
from common.errors import DomainError
from common.spreadsheets import Row, rows_on_a_page
from common.vietnamese import search_key, tidy
from enrollment.errors import EnrollmentError, EnrollmentInputError

# Headings that meeting software exports, and their Vietnamese translations.
_COLUMNS = {
    "name": ("name", "full name", "ten", "ho va ten", "ho ten", "name (original name)"),
    "email": ("email", "e-mail", "user email", "email address", "thu dien tu"),
    "joined": ("join", "join time", "joined", "vao", "gio vao", "thoi gian vao", "first join"),
    "left": ("leave", "leave time", "left", "ra", "gio ra", "thoi gian ra", "last leave"),
}
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


@dataclass(frozen=True, slots=True)
class Stay:
    """One row of the log; ``joined`` and ``left`` are aware."""

    number: int
    name: str
    email: str
    joined: dt.datetime
    left: dt.datetime


def read_conference_log(source: bytes | Path, *, zone: str = "Asia/Ho_Chi_Minh") -> list[Stay]:
    """The stays of a log; times without an offset are in ``zone``.

    The first problem raises EnrollmentError with its row. Days are yyyy-mm-dd or dd/mm/yyyy.
    """
    try:
        tz = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise EnrollmentInputError(
            "unknown_zone", _("There is no time zone %(zone)s.") % {"zone": zone[:40]}
        ) from error
    rows = rows_on_a_page(source)
    columns = _find_columns(rows)
    return [_stay(row, columns, tz) for row in rows if any(_text(value) for value in row.values)]


def _find_columns(rows: Iterable[Row]) -> dict[str, int]:
    for row in rows:
        keys = [search_key(_text(value)) for value in row.values]
        found = {
            name: keys.index(key)
            for name, names in _COLUMNS.items()
            for key in names
            if key in keys
        }
        if {"joined", "left"} <= set(found) and {"name", "email"} & set(found):
            return found
    text = _("The log needs a heading row: name or e-mail, join time, leave time.")
    raise EnrollmentError("no_known_columns", text)


def _stay(row: Row, columns: dict[str, int], tz: ZoneInfo) -> Stay:
    cells = {
        name: row.values[column] if column < len(row.values) else None
        for name, column in columns.items()
    }
    joined, left = _moment(row, cells["joined"], tz), _moment(row, cells["left"], tz)
    if left < joined:
        raise _bad_row(row, _("the leave time is before the join time."))
    return Stay(row.number, _text(cells.get("name")), _text(cells.get("email")), joined, left)


def _moment(row: Row, value: Any, tz: ZoneInfo) -> dt.datetime:
    moment = value if isinstance(value, dt.datetime) else _parsed(row, _text(value))
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:  # none that has no equal in other time zones
        raise _bad_row(row, _("write times as 2026-03-10 08:00 or 10/03/2026 08:00."))
    return moment if moment.tzinfo else moment.replace(tzinfo=tz)


def _parsed(row: Row, text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        pass
    day, _space, clock_time = text.partition(" ")
    try:
        return dt.datetime.combine(parse_date(day), dt.time.fromisoformat(clock_time.strip()))
    except (DomainError, ValueError) as error:
        reason = _("write times as 2026-03-10 08:00 or 10/03/2026 08:00.")
        raise _bad_row(row, reason) from error


def _text(value: Any) -> str:
    return tidy(str(value)) if value is not None else ""


def _bad_row(row: Row, reason: str) -> EnrollmentError:
    values = {"row": row.number, "reason": reason}
    return EnrollmentError("bad_row", _("Row %(row)s: %(reason)s") % values)
