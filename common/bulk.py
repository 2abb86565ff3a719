"""``bulk_create`` and ``bulk_update`` at a fifth of their cost.

Django builds a statement for every fifty rows of a wide table, and an expression for every updated
value; here one prepared statement takes a list of values. No signals, no defaults beyond those of
the model's constructor; constraints apply as always.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from operator import itemgetter
from typing import Any, TypeVar

import orjson
from django.db import connection, connections, models
from django.db.models import QuerySet
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL

from common.encryption import EncryptedTextField
from common.savepoints import savepoint_unless_batch

Row = TypeVar("Row", bound=models.Model)
Item = TypeVar("Item")

_PLAIN_FIELDS = frozenset({
    models.CharField, models.EmailField, models.TextField, models.ForeignKey,
    models.OneToOneField, models.PositiveIntegerField, models.PositiveSmallIntegerField,
    models.SmallIntegerField,
    models.BigAutoField, models.AutoField,
})  # fmt: skip
_PLAIN_VALUES = frozenset({str, int, type(None)})
_DAYS = frozenset({dt.date, type(None)})
# Few values fill many rows: each is spelled for the database once.
_REPEATED_FIELDS = (models.DateField, models.CharField, models.ForeignKey)
_CACHE_KB = 48_000
_ROWS_PER_STATEMENT = 20


@contextmanager
def large_sqlite_cache() -> Iterator[None]:
    """Let SQLite keep pages in memory while a long list is written.

    Digests, codes and names are spread over their indexes: with the usual cache every row would
    write pages to the journal that the next rows need again. Savepoint data stays in memory too,
    a few MB.
    """
    if connection.vendor != "sqlite":
        yield
        return
    alone = not connection.in_atomic_block  # within a transaction SQLite refuses to move its files
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        if alone:
            cursor.execute("PRAGMA temp_store = MEMORY")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {usual}")
            if alone:
                cursor.execute("PRAGMA temp_store = DEFAULT")
            cursor.execute("PRAGMA shrink_memory")


def model_from_values(model: type[Row], blank: Mapping[str, Any], values: Mapping[str, Any]) -> Row:
    """An unsaved row made at a tenth of the constructor's cost.

    ``values`` override ``blank``. No signals and no defaults: a field in neither is loaded on
    access.
    """
    row = model.__new__(model)
    row.__dict__ = {"_state": ModelState(), **blank, **values}
    return row


def blank_values(model: type[models.Model]) -> dict[str, Any]:
    """Defaults of a new row's fields, None for those computed by a function."""
    return {
        field.attname: None
        if field.has_default() and callable(field.default)
        else field.get_default()
        for field in model._meta.concrete_fields
    }


def fast_rows(rows: "models.QuerySet[Row]", names: Sequence[str]) -> Iterator[Row]:
    model, database = rows.model, connection.alias
    for values in rows.values_list(*names):
        row, state = model.__new__(model), ModelState()
        state.adding, state.db = False, database
        row.__dict__ = dict(zip(names, values, strict=True))
        row._state = state
        yield row


def in_list(values: Collection[str] | Collection[int]) -> RawSQL:
    """For ``__in``: a list bound as one parameter, however long; one of texts is not empty."""
    listed = list(values)
    kind = "text" if listed and isinstance(listed[0], str) else "bigint"
    return one_list(as_one(listed), kind)


def one_list(bound: Any, kind: str = "bigint") -> RawSQL:
    if connection.vendor == "postgresql":
        return RawSQL(f"SELECT unnest(%s::{kind}[])", [bound])  # noqa: S611  # nosec B608, B611
    return RawSQL("SELECT value FROM json_each(%s)", [bound])  # nosec B611


def as_one(values: Iterable[Any]) -> Any:
    """A list as one parameter of ``one_list``."""
    listed = list(values)
    return listed if connection.vendor == "postgresql" else orjson.dumps(listed).decode()


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    remaining = iter(items)
    while part := list(islice(remaining, size)):
        yield part


@savepoint_unless_batch()
def insert_many(rows: Sequence[Row], *, unless_taken: str = "") -> list[Row]:
    """Insert rows of one model in order and set their ids.

    Returns rows that were skipped because another row has their value of the unique field
    ``unless_taken``.
    """
    if not rows:
        return []
    meta, database = rows[0]._meta, connection.alias
    for row, number in zip(rows, _reserve_ids(meta, len(rows)), strict=True):
        setattr(row, meta.pk.attname, number)
    values = _values(rows, meta.concrete_fields)
    together = len(rows) - len(rows) % _ROWS_PER_STATEMENT
    column = unless_taken and _column_of(meta, unless_taken)
    written = _insert(meta, values[:together], _ROWS_PER_STATEMENT, column)
    written += _insert(meta, values[together:], 1, column)
    left_out = [] if written == len(rows) else _not_written(rows)
    for row in rows:
        row._state.adding, row._state.db = False, database
    return left_out


def _not_written(rows: Sequence[Row]) -> list[Row]:
    ids = in_list([row.pk for row in rows])
    written = set(type(rows[0])._default_manager.filter(pk__in=ids).values_list("pk", flat=True))
    return [row for row in rows if row.pk not in written]


@savepoint_unless_batch()
def update_many(rows: Iterable[models.Model], fields: Sequence[str]) -> None:
    rows = list(rows)
    if not rows or not fields:
        return
    meta = rows[0]._meta
    changed = [meta.get_field(name) for name in fields]
    columns = ", ".join(f"{_column_of(meta, name)} = %s" for name in fields)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {_quoted(meta.db_table)} SET {columns} WHERE {_quoted(meta.pk.column)} = %s",  # noqa: S608  # nosec B608
            _values(rows, (*changed, meta.pk)),
        )


def insert_selected(model: type[models.Model], fields: Sequence[str], rows: QuerySet[Any]) -> None:
    """Runs within the database; ``rows`` selects the columns in the order of ``fields``."""
    names = ", ".join(_column_of(model._meta, name) for name in fields)
    select, values = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) {select}",  # nosec B608
            values,
        )


def _insert(
    meta: Any, values: Sequence[tuple[Any, ...]], together: int, unless_taken: str = ""
) -> int:
    # Several rows per statement, since each statement has a cost of its own.
    if not values:
        return 0
    # A failure rolls the whole savepoint back anyway: SQLite need not undo single statements.
    verb = "INSERT OR FAIL" if connection.vendor == "sqlite" else "INSERT"
    names = ", ".join(_quoted(field.column) for field in meta.concrete_fields)
    one = f"({', '.join(['%s'] * len(meta.concrete_fields))})"
    statement = (
        f"{verb} INTO {_quoted(meta.db_table)} ({names}) VALUES {', '.join([one] * together)}"  # nosec B608
    )
    if unless_taken:
        statement += f" ON CONFLICT ({unless_taken}) DO NOTHING"
    parts = [values[start : start + together] for start in range(0, len(values), together)]
    with connection.cursor() as cursor:
        cursor.executemany(statement, [tuple(chain.from_iterable(part)) for part in parts])
        return int(cursor.rowcount)


def _values(rows: Sequence[models.Model], fields: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Values prepared for the database column by column, as most columns need no conversion."""
    values_of = itemgetter(*(field.attname for field in fields))
    columns = zip(*[values_of(vars(row)) for row in rows], strict=True)
    return list(zip(*map(_column, fields, columns), strict=True))


def _column(field: Any, values: Sequence[Any]) -> Iterable[Any]:
    if type(field) in _PLAIN_FIELDS and _PLAIN_VALUES.issuperset(map(type, values)):
        return values
    if type(field) is EncryptedTextField:
        return field.sealed(values)
    database = connections[
        connection.alias
    ]  # not the proxy, which is resolved again for every value
    if type(field) is models.DateField and _DAYS.issuperset(map(type, values)):
        return map(database.ops.adapt_datefield_value, values)
    if isinstance(field, _REPEATED_FIELDS) or values.count(None) == len(values):
        spelled = {value: field.get_db_prep_save(value, database) for value in set(values)}
        return [spelled[value] for value in values]
    return [field.get_db_prep_save(value, database) for value in values]


def _column_of(meta: Any, field: str) -> str:
    return _quoted(meta.get_field(field).column)


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _reserve_ids(meta: Any, count: int) -> Iterable[int]:
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
