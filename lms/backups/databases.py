"""A database as one file, taken while others write, and put back into an empty one."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lms.backups.errors import BackupError
from lms.backups.folders import Sink


@dataclass(frozen=True, slots=True)
class Facts:
    """Read from the copy itself, or from the snapshot that it was made of."""

    migrations: list[str]
    last_numbers: dict[str, int]
    audit_head: str


def dump(into: Sink) -> Facts:
    """Write the database to ``into``. Error: ``database_not_copied``."""
    if connection.vendor == "sqlite":
        return _dump_sqlite(into)
    with _snapshot() as snapshot:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges",
             f"--snapshot={snapshot}", into=into)  # fmt: skip
        with connection.cursor() as cursor:
            return _facts(cursor)


def require_empty() -> None:
    """Error: ``database_not_empty``."""
    if connection.introspection.table_names():
        raise BackupError(
            "database_not_empty",
            _(
                "The database is not empty, and a restore overwrites nothing: name a new one in "
                "DATABASE_URL. If this is the restore itself, stopped half-way, run migrate."
            ),
        )


def load(source: Path) -> None:
    """Fill the empty database, as a whole or not at all. Error: ``database_not_copied``."""
    if connection.vendor == "sqlite":
        _load_sqlite(source)
    else:
        name = connection.settings_dict["NAME"]
        _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction",
             "--exit-on-error", f"--dbname={name}", str(source))  # fmt: skip


def is_sound(path: Path, engine: str) -> bool:
    """Whether the file can be read as a database to its end."""
    if engine == "sqlite":
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
            try:
                return bool(copy.execute("PRAGMA quick_check").fetchone() == ("ok",))
            except sqlite3.DatabaseError:
                return False
    command = ["pg_restore", "--file=/dev/null", str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# SQLite ---------------------------------------------------------------------------------


def _dump_sqlite(into: Sink) -> Facts:
    """By way of memory: a copy on the disk would lie there unencrypted."""
    connection.ensure_connection()
    with closing(sqlite3.connect(":memory:")) as copy, closing(copy.cursor()) as cursor:
        connection.connection.backup(copy)
        cursor.execute("VACUUM")
        into.write(copy.serialize())
        return _facts(cursor)


def _load_sqlite(source: Path) -> None:
    name = Path(connection.settings_dict["NAME"])
    connection.close()
    draft = name.with_name(f"{name.name}.restored")
    shutil.copyfile(source, draft)
    draft.chmod(0o600)
    # What an empty database left behind must not be taken for the journal of the restored one.
    for leftover in ("-wal", "-shm"):
        name.with_name(name.name + leftover).unlink(missing_ok=True)
    draft.replace(name)


# PostgreSQL -----------------------------------------------------------------------------


@contextmanager
def _snapshot() -> Iterator[str]:
    """pg_dump and the facts see the same state."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _run(program: str, *arguments: str, into: Sink | None = None) -> None:
    database = connection.settings_dict
    environment = os.environ | {
        variable: str(database[name])
        for variable, name in {
            "PGHOST": "HOST",
            "PGPORT": "PORT",
            "PGUSER": "USER",
            "PGPASSWORD": "PASSWORD",
            "PGDATABASE": "NAME",
        }.items()
        if database[name]
    }
    try:
        with TemporaryFile() as errors:
            process = subprocess.Popen(
                [program, *arguments], env=environment, stdout=subprocess.PIPE, stderr=errors
            )
            assert process.stdout
            with process:
                shutil.copyfileobj(process.stdout, into or BytesIO(), 1 << 20)
            errors.seek(0)
            reason = errors.read().decode(errors="replace").strip()[-500:]
    except FileNotFoundError as error:
        raise BackupError(
            "database_not_copied",
            _("%(program)s is missing: install postgresql-client of the server's version.")
            % {"program": program},
        ) from error
    if process.returncode:
        raise BackupError(
            "database_not_copied",
            _("%(program)s failed: %(reason)s") % {"program": program, "reason": reason},
        )


def _facts(cursor: Any) -> Facts:
    cursor.execute(
        "SELECT app, MAX(name) FROM django_migrations GROUP BY app ORDER BY app",
    )
    migrations = [f"{app}.{name}" for app, name in cursor.fetchall()]
    cursor.execute("SELECT register, year, last_number FROM certificates_registeryear")
    last_numbers = {f"{register} {year}": last for register, year, last in cursor.fetchall()}
    cursor.execute("SELECT chain_hash FROM audit_auditseal ORDER BY id DESC LIMIT 1")
    head = cursor.fetchone()
    return Facts(migrations, last_numbers, head[0] if head else "")
