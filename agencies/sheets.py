"""Successions in a file: one per row, agencies by slug, several separated by semicolons."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from agencies.choices import SuccessionKind
from agencies.errors import AgencyError
from common.dates import parse_date
from common.errors import DomainError
from common.spreadsheets import Row, rows_on_a_page
from common.vietnamese import search_key, tidy

_COLUMNS = {
    "kind": {"kind", "loai"},
    "on": {"on", "date", "ngay", "tu ngay"},
    "predecessors": {"predecessors", "co quan cu", "truoc"},
    "successors": {"successors", "co quan ke thua", "co quan moi", "sau"},
    "legal_basis": {"legal basis", "legal_basis", "can cu", "can cu phap ly"},
}
_KINDS = {
    **dict.fromkeys(("merger", "sap nhap", "hop nhat"), SuccessionKind.MERGER),
    **dict.fromkeys(("renaming", "doi ten"), SuccessionKind.RENAMING),
    **dict.fromkeys(("split", "chia tach", "chia", "tach"), SuccessionKind.SPLIT),
}


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """``number`` is the row of the sheet."""

    number: int
    kind: str
    on: dt.date
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]
    legal_basis: str = ""


def read_successions(source: bytes | Path) -> list[SuccessionRow]:
    """Read an .xlsx or CSV file. Raises AgencyError naming the first wrong row."""
    rows = rows_on_a_page(source)
    at = _columns(rows)
    return [_read(row, at) for row in rows if any(_text(value) for value in row.values)]


def _columns(rows: Iterable[Row]) -> dict[str, int]:
    for row in rows:
        keys = [search_key(_text(value)) for value in row.values]
        found = {
            name: keys.index(key)
            for name, names in _COLUMNS.items()
            for key in names
            if key in keys
        }
        if {"kind", "on", "predecessors", "successors"} <= set(found):
            return found
    raise AgencyError(
        "no_known_columns",
        _("The sheet needs a heading row: kind, date, predecessors, successors, legal basis."),
    )


def _read(row: Row, at: dict[str, int]) -> SuccessionRow:
    cells = {
        name: row.values[column] if column < len(row.values) else None
        for name, column in at.items()
    }
    kind = _KINDS.get(search_key(_text(cells["kind"])))
    if kind is None:
        raise _wrong(row, _("kind must be merger, renaming or split."))
    return SuccessionRow(
        number=row.number,
        kind=kind,
        on=_day(row, cells["on"]),
        predecessors=_slugs(cells["predecessors"]),
        successors=_slugs(cells["successors"]),
        legal_basis=_text(cells.get("legal_basis"))[:200],
    )


def _day(row: Row, value: Any) -> dt.date:
    try:
        return parse_date(value)
    except DomainError as error:
        raise _wrong(row, error.message) from error


def _slugs(value: Any) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(value).split(";") if part.strip())


def _text(value: Any) -> str:
    return tidy(str(value)) if value is not None else ""


def _wrong(row: Row, reason: str) -> AgencyError:
    values = {"row": row.number, "reason": reason}
    return AgencyError("bad_row", _("Row %(row)s: %(reason)s") % values)
