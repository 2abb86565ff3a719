"""Tables whose rows the database itself refuses to change or delete.

The triggers are put back after every ``migrate``: SQLite loses them whenever Django
remakes a table.
"""

from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from common.unique_keys import sqlite_keys

_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: rows of % stay as they were written', TG_TABLE_NAME; END $$
"""
_REFUSED = "SELECT RAISE(ABORT, 'append-only: rows stay as they were written'); END"


@dataclass(frozen=True)
class Protected:
    app_label: str
    table: str
    frozen_columns: tuple[str, ...]
    # The column that must be set for a row to be protected; empty: every row is.
    when: str = ""
    # Columns that may change only in the statement that sets ``with_column``.
    write_once: tuple[str, ...] = ()
    with_column: str = ""


_protected: dict[str, Protected] = {}


def protect(
    model: type[models.Model],
    *,
    except_fields: tuple[str, ...] = (),
    when: str = "",
    write_once: tuple[str, ...] = (),
    with_field: str = "",
) -> None:
    """Refuse DELETE, REPLACE, TRUNCATE, and UPDATE of every column but those of the fields named.

    With ``when`` only rows in which that column is set are protected. Fields named in
    ``write_once`` may be written once only: in the statement that sets ``with_field``.
    """
    free = {*except_fields, *write_once, with_field}
    columns = tuple(str(f.column) for f in model._meta.local_concrete_fields if f.name not in free)
    table = model._meta.db_table
    _protected[table] = Protected(
        model._meta.app_label,
        table,
        columns,
        when,
        (*write_once, with_field) if with_field else (),
        with_field,
    )


def protected_tables() -> frozenset[str]:
    return frozenset(_protected)


def install(connection: BaseDatabaseWrapper, app_label: str = "") -> None:
    wanted = [one for one in _protected.values() if app_label in {"", one.app_label}]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            for protected in wanted:
                _install_on_postgresql(cursor, protected)
        else:
            for protected in wanted:
                _install_on_sqlite(cursor, protected)


def remove(connection: BaseDatabaseWrapper) -> None:
    """For tests only, which empty the tables."""
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for protected in _protected.values():
            for name in _names(protected):
                on_table = f' ON "{protected.table}"' if is_postgresql else ""
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on_table}')


def _names(protected: Protected) -> list[str]:
    kinds = ("no_update", "no_delete", "once", "no_truncate", "no_insert_over", "no_update_over")
    return [f"{protected.table}_{kind}" for kind in kinds]


def _row_triggers(protected: Protected) -> dict[str, tuple[str, str]]:
    """(event, condition) of each trigger by its name, for both engines."""
    table = protected.table
    condition = f'OLD."{protected.when}" IS NOT NULL' if protected.when else ""
    watched = {
        f"{table}_no_update": (f"BEFORE UPDATE OF {_list(protected.frozen_columns)}", condition),
        f"{table}_no_delete": ("BEFORE DELETE", condition),
    }
    if protected.with_column:
        marker = protected.with_column
        condition = f'OLD."{marker}" IS NOT NULL OR NEW."{marker}" IS NULL'
        event = f"BEFORE UPDATE OF {_list(protected.write_once)}"
        watched[f"{table}_once"] = (event, condition)
    return watched


def _list(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _when(condition: str) -> str:
    return f" WHEN ({condition})" if condition else ""


# PostgreSQL -----------------------------------------------------------------------------


def _install_on_postgresql(cursor: CursorWrapper, protected: Protected) -> None:
    # ENABLE ALWAYS also covers sessions in replica mode, which skip ordinary triggers.
    table = f'"{protected.table}"'
    triggers = {
        name: f"{event} ON {table} FOR EACH ROW{_when(condition)}"
        for name, (event, condition) in _row_triggers(protected).items()
    }
    triggers[f"{protected.table}_no_truncate"] = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
    for name, watched in triggers.items():
        cursor.execute(
            f'CREATE OR REPLACE TRIGGER "{name}" {watched} EXECUTE FUNCTION refuse_change()'
        )
        cursor.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')


# SQLite ---------------------------------------------------------------------------------


def _install_on_sqlite(cursor: CursorWrapper, protected: Protected) -> None:
    triggers = _row_triggers(protected) | _replace_triggers(cursor, protected)
    cursor.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
        [protected.table],
    )
    present = dict(cursor.fetchall())
    for name, (event, condition) in triggers.items():
        statement = (
            f'CREATE TRIGGER "{name}" {event} ON "{protected.table}"{_when(condition)} '
            f"BEGIN {_REFUSED}"
        )
        if present.get(name) != statement:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
            cursor.execute(statement)


def _replace_triggers(cursor: CursorWrapper, protected: Protected) -> dict[str, tuple[str, str]]:
    """Against INSERT OR REPLACE and UPDATE OR REPLACE.

    SQLite then deletes the row with the same key without firing the DELETE trigger.
    """
    keys = sqlite_keys(cursor, protected.table)
    taken = " OR ".join(
        key.is_taken(protected.table, f'"{protected.when}" IS NOT NULL' if protected.when else "")
        for key in keys
    )
    by_another = " OR ".join(
        key.is_taken(
            protected.table,
            '"rowid" <> OLD."rowid"'
            + (f' AND "{protected.when}" IS NOT NULL' if protected.when else ""),
        )
        for key in keys
    )
    return {
        f"{protected.table}_no_insert_over": ("BEFORE INSERT", taken),
        f"{protected.table}_no_update_over": ("BEFORE UPDATE", by_another),
    }
