"""Questions whose SQL is built once: the ORM takes longer to build a list's than the database
to answer it (docs/decisions/0048-prepared-questions.md).
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Func, IntegerField, Model, QuerySet, Value
from django.db.models.expressions import RawSQL, Star

from common.bulk import as_one, one_list

Row = TypeVar("Row", bound=Model)

_MOST_SHAPES = 256


class Given(Value):
    """Stands in a prepared question for a value that is given whenever it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__(name)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class _GivenIds(Given):
    pass


def given_ids(name: str) -> RawSQL:
    """For ``__in``: ids that are given together."""
    return one_list(_GivenIds(name))


class Number(Func):
    """How many rows, as a column: an aggregate of the ORM would group them."""

    def __init__(self) -> None:
        super().__init__(Star(), function="COUNT", output_field=IntegerField())


class _Statement(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]

    def rows(self, values: dict[str, Any]) -> list[Any]:
        bound = [_bound(p, values) if isinstance(p, Given) else p for p in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, bound)
            found = cursor.fetchall()
        return list(self._converted(found)) if self.converters else found

    def _converted(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        database: Any = connection
        for row in map(list, rows):
            for at, converters, expression in self.converters:
                for convert in converters:
                    row[at] = convert(row[at], expression, database)
            yield tuple(row)


class Prepared:
    """``@Prepared`` on a function that makes a ``values_list`` of its arguments alone.

    Asked with these arguments and with the values of every ``Given``, it gives the rows. What the
    function reads besides its arguments (the clock, the database, who is asking) would be kept
    for everybody: the tests build every question again whenever it is asked.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]]) -> None:
        self.build = build
        self.kept = lru_cache(_MOST_SHAPES)(self.statement)

    def __call__(self, *arguments: Hashable, **values: Any) -> list[Any]:
        statement = self.kept(connection.vendor, *arguments)
        return statement.rows(values) if statement else []

    def number(self, *arguments: Hashable) -> int:
        """Of a question for a ``Number``, which is 0 where no row can answer."""
        found = self(*arguments)
        return int(found[0][0]) if found else 0

    def once(self, *arguments: Any, **values: Any) -> list[Any]:
        """The same without keeping anything: for arguments that hardly anybody repeats."""
        statement = self.statement(connection.vendor, *arguments)
        return statement.rows(values) if statement else []

    def statement(self, _vendor: str, *arguments: Any) -> _Statement | None:
        """None: no row can answer it."""
        compiler = self.build(*arguments).query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        columns = [column for column, _sql, _alias in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        return _Statement(sql, tuple(params), [(at, *how) for at, how in converters.items()])


@cache
def stored_names(model: type[Model]) -> tuple[str, ...]:
    """Of all columns: what a question for ``instances`` asks for."""
    return tuple(field.attname for field in model._meta.concrete_fields)


def instances(model: type[Row], rows: Iterable[Any]) -> list[Row]:
    names = stored_names(model)
    return [model.from_db(connection.alias, names, row) for row in rows]


def _bound(given: Given, values: dict[str, Any]) -> Any:
    value = values[given.value]
    is_list = isinstance(given, _GivenIds)
    return as_one(value) if is_list else connection.ops.adapt_unknown_value(value)
