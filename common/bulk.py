"""Many rows written at once: what ``bulk_create`` and ``bulk_update`` do, at a fifth of their cost.

Django builds a statement of its own for every fifty rows of a wide table, and an expression for
every value that is updated. One prepared statement with a list of values says the same. No
signals, no defaults beyond those of the model's constructor; constraints hold as always.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, models, transaction

Row = TypeVar("Row", bound=models.Model)

_PLAIN_FIELDS = frozenset({
    models.CharField, models.EmailField, models.TextField, models.ForeignKey,
    models.OneToOneField, models.PositiveIntegerField, models.PositiveSmallIntegerField,
    models.SmallIntegerField,
    models.BigAutoField, models.AutoField,
})  # fmt: skip
_PLAIN_VALUES = frozenset({str, int, type(None)})


@contextmanager
def no_garbage_looked_for() -> Iterator[None]:
    """Long lists of rows hold no cycles: looking through them again and again costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def drop_cycles() -> None:
    """Within ``no_garbage_looked_for``: let go of the cycles of the last part, and of no more."""
    gc.collect(0)


@transaction.atomic
def insert_many(rows: Sequence[Row]) -> Sequence[Row]:
    """Insert new rows of one model in their order; they know their ids afterwards."""
    if not rows:
        return rows
    meta = rows[0]._meta
    for row, number in zip(rows, _reserve_ids(meta, len(rows)), strict=True):
        row.pk = number
    readers = [_reader(field) for field in meta.concrete_fields]
    names = ", ".join(_quoted(field.column) for field in meta.concrete_fields)
    places = ", ".join(["%s"] * len(readers))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {_quoted(meta.db_table)} ({names}) VALUES ({places})",  # noqa: S608  # nosec B608
            [tuple([read(row) for read in readers]) for row in rows],
        )
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
    return rows


@transaction.atomic
def update_many(rows: Iterable[models.Model], fields: Sequence[str]) -> None:
    """Write these fields of rows of one model that exist."""
    rows = list(rows)
    if not rows or not fields:
        return
    meta = rows[0]._meta
    changed = [meta.get_field(name) for name in fields]
    readers = [_reader(field) for field in (*changed, meta.pk)]
    values = ", ".join(f"{_quoted(field.column)} = %s" for field in changed)  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_quoted(meta.db_table)} SET {values} WHERE {_quoted(meta.pk.column)} = %s",  # noqa: S608  # nosec B608
            [tuple([read(row) for read in readers]) for row in rows],
        )


def _reader(field: Any) -> Callable[[models.Model], Any]:
    """How the value that the database takes is read from a row."""
    name = field.attname
    if isinstance(field, models.DateTimeField):
        # Rows written together mostly bear the same instants.
        converted: dict[Any, Any] = {}

        def moment(row: models.Model) -> Any:
            value = getattr(row, name)
            if value not in converted:
                converted[value] = field.get_db_prep_save(value, connection)
            return converted[value]

        return moment
    if type(field) not in _PLAIN_FIELDS:
        return lambda row: field.get_db_prep_save(getattr(row, name), connection)

    def read(row: models.Model) -> Any:
        value = getattr(row, name)
        if value.__class__ in _PLAIN_VALUES:
            return value
        return field.get_db_prep_save(value, connection)

    return read


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _reserve_ids(meta: Any, count: int) -> Iterable[int]:
    """Ids that nobody else gets: of the sequence, or, as SQLite has one writer, the next ones."""
    table, column = meta.db_table, meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [_quoted(table), column, count],
            )
            return [number for (number,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
        return range((last[0] if last else 0) + 1, (last[0] if last else 0) + 1 + count)
