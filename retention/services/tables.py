"""The table of a kind's records as CSV: the same rows give the same bytes, and so the same hash."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from common.identity import mask_number
from common.spreadsheets import Column
from common.spreadsheets.columns import CellValue
from common.spreadsheets.csv_files import FOR_PROGRAMS, write_csv
from retention.services.kinds import Kind

ROWS_AT_ONCE = 2_000
# Hashes and UUIDs stay: one hash in forty has twelve digits in a row.
_KEPT = r"\b(?:[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b"
# Twelve digits in a row, or with gaps, as people write them into texts and names of files.
_NUMBER = r"(?<!\d)(?:\d[ \xa0._-]?){11}\d(?!\d)"
_PERSONAL_NUMBER = re.compile(f"(?P<kept>{_KEPT})|{_NUMBER}")


def table_of(kind: Kind, until: dt.date) -> Iterator[bytes]:
    """No personal number is in clear, also in what people wrote."""
    columns = [Column(key, key) for key in kind.columns]
    rows = kind.closed_before(until).values_list(*kind.columns.values())
    cells = (list(map(_cell, row)) for row in rows.iterator(chunk_size=ROWS_AT_ONCE))
    return write_csv(columns, cells, FOR_PROGRAMS)


def digest_of(table: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for piece in table:
        found.update(piece)
    return found.hexdigest()


def _cell(value: Any) -> CellValue:
    match value:
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat()
        case None | bool() | int() | dt.date():
            return str(value).lower() if isinstance(value, bool) else value
        case float() | Decimal():
            return str(value)
        case dict() | list():
            value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return masked(str(value))


def masked(text: str) -> str:
    """Without personal numbers in clear."""
    return _PERSONAL_NUMBER.sub(_masked, text)


def _masked(found: re.Match[str]) -> str:
    return found["kept"] or mask_number(re.sub(r"\D", "", found[0]))
