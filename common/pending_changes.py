"""Changes recorded by database triggers, for readers that process them later.

A trigger adds, in the writer's own transaction, one row per key to a table of notes. The reader
works on the notes it sees and deletes those, and no others: whatever commits later, with whichever
id, lies there for the next reader. Like the guards, the triggers are put back after every
``migrate``: SQLite loses them whenever Django remakes a table.
"""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from common import triggers


@dataclass(frozen=True)
class _Tracked:
    app_label: str
    table: str
    keys: tuple[str, ...]
    changed: tuple[str, ...]
    notes: str
    note_key: str


_tracked: dict[str, _Tracked] = {}


def track_changes(
    model: type[models.Model],
    *keys: str,
    when_changed: tuple[str, ...],
    into: type[models.Model],
    key: str,
) -> None:
    """Insert ``keys`` of new rows, and of rows in which ``when_changed`` is written, into a table.

    ``into`` is that table and ``key`` its field that takes the value.
    """
    table = model._meta.db_table
    _tracked[table] = _Tracked(
        model._meta.app_label,
        table,
        _columns(model, keys),
        _columns(model, when_changed),
        into._meta.db_table,
        *_columns(into, (key,)),
    )


def _columns(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, ...]:
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    return tuple(str(field.column) for field in fields)


def install(connection: BaseDatabaseWrapper, app_label: str = "") -> None:
    with connection.cursor() as cursor:
        for tracked in _tracked.values():
            if app_label in {"", tracked.app_label}:
                for statement in _statements(connection.vendor, tracked):
                    cursor.execute(statement)


def _statements(vendor: str, tracked: _Tracked) -> list[str]:
    name = f"{tracked.table}_noted"  # as in existing databases
    rows = ", ".join(f'(NEW."{column}")' for column in tracked.keys)
    insert = f'INSERT INTO "{tracked.notes}" ("{tracked.note_key}") VALUES {rows}'  # noqa: S608  # nosec B608
    return triggers.statements(
        vendor,
        name,
        "AFTER",
        tracked.table,
        tracked.changed,
        pl=f"{insert}; RETURN NULL;",
        sqlite=f"BEGIN {insert}; END",
    )
