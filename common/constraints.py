from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import IntegrityError
from django.utils.functional import Promise

from common.errors import DomainError


@contextmanager
def violation_as(
    error: type[DomainError], code: str, message: str | Promise, *, names: Sequence[str] = ()
) -> Iterator[None]:
    """Turn a violated database constraint into a domain error.

    A decorator or a context. Inside a transaction the refused write needs a savepoint of its own:
    ``with violation_as(…), transaction.atomic():``. ``names`` limit it to violations whose text
    contains one of them: PostgreSQL names the constraint, SQLite its columns.
    """
    try:
        yield
    except IntegrityError as violation:
        if names and not any(name in str(violation) for name in names):
            raise
        raise error(code, str(message)) from violation
