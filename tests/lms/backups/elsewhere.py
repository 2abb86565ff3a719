"""A second, empty site with the same keys, in processes of its own."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

_URL = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}"


@dataclass(frozen=True, slots=True)
class Site:
    folder: Path
    database: str

    def run(self, *arguments: str, fails: bool = False, **environment: str) -> Any:
        """The JSON answer of a command."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments, "--json"],
            env={
                **os.environ,
                "DATABASE_URL": self.database,
                "MEDIA_ROOT": str(self.folder / "media"),
                "AUDIT_HEADS_DIR": str(self.folder / "heads"),
                "DEBUG": "1",
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return json.loads(done.stdout)

    def shell(self, program: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", program],
            env={**os.environ, "DATABASE_URL": self.database, "DEBUG": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@contextmanager
def empty_site(folder: Path) -> Iterator[Site]:
    folder.mkdir()
    if connection.vendor == "sqlite":
        yield Site(folder, f"sqlite:///{folder / 'db.sqlite3'}")
        return
    name = f"restored_{uuid.uuid4().hex[:12]}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        yield Site(folder, _URL.format(**(connection.settings_dict | {"NAME": name})))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
