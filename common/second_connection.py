"""A second connection to the database, to be seen and heard while a transaction is open."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

_ALIAS = "second"


@contextmanager
def second_connection() -> Iterator[str]:
    """The alias of a connection of this thread's own, closed in the end.

    It waits for rows that the open transaction holds, for ever: write others. On SQLite it cannot
    write at all meanwhile.
    """
    connections[_ALIAS] = connections[DEFAULT_DB_ALIAS].copy(_ALIAS)
    try:
        yield _ALIAS
    finally:
        connections[_ALIAS].close()
        del connections[_ALIAS]
