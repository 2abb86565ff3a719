"""A second connection to the database, to be seen and heard while a transaction is open."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

_ALIAS = "second"


@contextmanager
def second_connection() -> Iterator[str]:
    """Alias of a connection of this thread, closed at the end.

    It would wait for ever for rows that the open transaction has locked: write others. On SQLite
    it cannot write meanwhile.
    """
    connections[_ALIAS] = connections[DEFAULT_DB_ALIAS].copy(_ALIAS)
    try:
        yield _ALIAS
    finally:
        connections[_ALIAS].close()
        del connections[_ALIAS]
