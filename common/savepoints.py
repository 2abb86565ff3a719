"""Savepoints that one long transaction can do without."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_in_single_transaction: ContextVar[bool] = ContextVar("in_single_transaction", default=False)


@contextmanager
def savepoint_unless_batch() -> Iterator[None]:
    """A transaction or savepoint; no savepoint within ``single_transaction``."""
    with transaction.atomic(savepoint=not _in_single_transaction.get()):
        yield


@contextmanager
def single_transaction() -> Iterator[None]:
    """Any failure inside, caught or not, rolls back everything: no savepoints are needed.

    For a savepoint SQLite copies every page that is touched after it; for a long list, with pages
    all over the indexes, that is a third of the time.
    """
    token = _in_single_transaction.set(True)
    try:
        with transaction.atomic(savepoint=False):
            yield
    finally:
        _in_single_transaction.reset(token)
