"""Steps of a long deed: each taken back alone when it fails, or all of them with everything."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

_whole: ContextVar[bool] = ContextVar("all_or_nothing", default=False)


@contextmanager
def step() -> Iterator[None]:
    """A transaction, or within one a savepoint; none within ``all_or_nothing``."""
    with transaction.atomic(savepoint=not _whole.get()):
        yield


@contextmanager
def single_transaction() -> Iterator[None]:
    """Whatever fails in here takes everything back, caught or not: its steps need no savepoints.

    For a savepoint SQLite copies every page that is touched behind it; with pages all over the
    indexes that is a third of the time of a long list.
    """
    token = _whole.set(True)
    try:
        with transaction.atomic(savepoint=False):
            yield
    finally:
        _whole.reset(token)
