"""Failures of the machine, not of the work: another attempt or room on the disk mends them."""

import errno

from django.db import InterfaceError, OperationalError

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _

DISK_FULL = _(
    "The server's disk is full. What is done so far stays, and nothing is half-written. Once "
    "there is space again, try again: only what is missing will be done."
)
DISK_READ_ONLY = _(
    "The server's disk can only be read. What is done so far stays, and nothing is half-written. "
    "Once it can be written again, try again: only what is missing will be done."
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# PostgreSQL's disk_full and SQLite's.
_SQL_FULL = frozenset({"53100", "SQLITE_FULL"})


def of_the_disk(error: BaseException) -> tuple[str, DeferredMessage] | None:
    """Code and sentence where the disk is full or cannot be written."""
    if isinstance(error, OSError):
        if error.errno == errno.EROFS:
            return "disk_read_only", DISK_READ_ONLY
        return ("disk_full", DISK_FULL) if error.errno in _FULL else None
    cause = error.__cause__
    code = getattr(cause, "sqlstate", None) or getattr(cause, "sqlite_errorname", None)
    is_full = isinstance(error, OperationalError) and code in _SQL_FULL
    return ("disk_full", DISK_FULL) if is_full else None


def is_transient(error: BaseException) -> bool:
    """The database was restarted, or met a deadlock or a lock: the same may succeed in a minute."""
    return isinstance(error, (OperationalError, InterfaceError))
