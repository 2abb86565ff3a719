"""The instant from which a record is believed, and whether an earlier one may still turn up.

A figure is printed with the instant up to which it believes records, and must come out again for
that instant. So no transaction may commit a record with an instant that was printed before. Whoever
writes what changes who counts takes its instant from ``now``, within the transaction; whoever
prints an instant takes one before ``oldest_in_flight``. Nobody waits for anybody. See
docs/decisions/0028-instants-that-can-be-asked-for-again.md.
"""

import datetime as dt
import sqlite3
import time

from django.db import connection

from common import clock

# A lock of PostgreSQL that nobody waits for: in its key the first eight bits say that a record is
# under way, the others since when, in microseconds.
_KIND, _BITS = 0x52, 56
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_IN_FLIGHT = f"""
FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 24 = {_KIND}
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608  # nosec B608  # of literals
_ENTER = f"""
SELECT pg_advisory_xact_lock_shared(%s)
WHERE NOT EXISTS (SELECT 1 {_IN_FLIGHT} AND pid = pg_backend_pid())
"""
_OLDEST = f"""
SELECT MIN((classid::bigint & 16777215) << 32 | objid::bigint) {_IN_FLIGHT}
AND pid <> pg_backend_pid()
"""


def now() -> dt.datetime:
    """The instant of a record that this transaction writes.

    Ask for it within the transaction, and once for many rows.
    """
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        since = (clock.now() - _EPOCH) // _MICROSECOND
        with connection.cursor() as cursor:
            cursor.execute(_ENTER, [_KIND << _BITS | since])
    # Read after the lock is taken: whoever looked before has printed an earlier instant. On SQLite
    # the transaction holds the only lock for writing since it began.
    return clock.now()


def oldest_in_flight() -> dt.datetime | None:
    """Since when the oldest transaction with records has been open, this one aside. PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        (since,) = cursor.fetchone()
    return None if since is None else _EPOCH + since * _MICROSECOND


def is_anybody_writing() -> bool:
    """Whether another connection holds the lock for writing. SQLite."""
    if connection.in_atomic_block:
        return False  # it is ours
    connection.ensure_connection()
    raw: sqlite3.Connection = connection.connection
    (patience,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    finally:
        raw.execute(f"PRAGMA busy_timeout = {int(patience)}")
    return False


def wait_for_records(*, seconds: float) -> dt.datetime:
    """Wait until nothing that is under way now is any more; the instant from which that holds.

    Raises TimeoutError.
    """
    asked = clock.now()
    give_up = time.monotonic() + seconds
    while connection.vendor == "postgresql" and (since := oldest_in_flight()) and since <= asked:
        if time.monotonic() > give_up:
            raise TimeoutError
        time.sleep(0.05)
    return asked
