"""Tables whose rows the database itself refuses to change or delete.

The triggers are put back after every ``migrate``: SQLite loses them whenever Django
remakes a table.
"""

from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: rows of % stay as they were written', TG_TABLE_NAME; END $$
"""


@dataclass(frozen=True)
class Protected:
    """A table and the columns in which a row may still change."""

    app_label: str
    table: str
    frozen_columns: tuple[str, ...]
    # The column that must be set for a row to be protected; empty: every row is.
    when: str = ""
    # Columns that may change only together with ``once``, which is set from then on.
    yielding: tuple[str, ...] = ()
    once: str = ""


_protected: dict[str, Protected] = {}


def protect(
    model: type[models.Model],
    *,
    but: tuple[str, ...] = (),
    when: str = "",
    yielding: tuple[str, ...] = (),
    once: str = "",
) -> None:
    """Refuse DELETE, and UPDATE of every column but those of the fields named.

    With ``when`` only rows in which that column is set are protected. Fields named in
    ``yielding`` may be written once only: in the statement that sets the field ``once``.
    """
    free = {*but, *yielding, once}
    columns = tuple(str(f.column) for f in model._meta.local_concrete_fields if f.name not in free)
    table = model._meta.db_table
    _protected[table] = Protected(
        model._meta.app_label, table, columns, when, (*yielding, once) if once else (), once
    )


def _triggers(protected: Protected) -> dict[str, str]:
    """What each trigger watches, by its name."""
    columns = ", ".join(f'"{column}"' for column in protected.frozen_columns)
    watched = {
        f"{protected.table}_no_update": f'BEFORE UPDATE OF {columns} ON "{protected.table}"',
        f"{protected.table}_no_delete": f'BEFORE DELETE ON "{protected.table}"',
    }
    if protected.once:
        columns = ", ".join(f'"{column}"' for column in protected.yielding)
        watched[f"{protected.table}_once"] = f'BEFORE UPDATE OF {columns} ON "{protected.table}"'
    return watched


def _condition(protected: Protected, name: str) -> str:
    if name.endswith("_once"):
        return f'OLD."{protected.once}" IS NOT NULL OR NEW."{protected.once}" IS NULL'
    return f'OLD."{protected.when}" IS NOT NULL' if protected.when else ""


def install(connection: BaseDatabaseWrapper, app_label: str = "") -> None:
    """Create the triggers that are missing, on the tables of one app or of all."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for protected in _protected.values():
            if app_label not in {"", protected.app_label}:
                continue
            for name, event in _triggers(protected).items():
                condition = _condition(protected, name)
                cursor.execute(_create(connection.vendor, name, event, condition))


def _create(vendor: str, name: str, event: str, condition: str) -> str:
    condition = f" WHEN ({condition})" if condition else ""
    if vendor == "postgresql":
        return (
            f'CREATE OR REPLACE TRIGGER "{name}" {event} '
            f"FOR EACH ROW{condition} EXECUTE FUNCTION refuse_change()"
        )
    return (
        f'CREATE TRIGGER IF NOT EXISTS "{name}" {event}{condition} '
        "BEGIN SELECT RAISE(ABORT, 'append-only: rows stay as they were written'); END"
    )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers: only tests do this, to empty the tables between each other."""
    with connection.cursor() as cursor:
        for protected in _protected.values():
            for name in _triggers(protected):
                on_table = f' ON "{protected.table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on_table}')
