"""Databases of earlier releases are upgraded with their figures unchanged, on both engines."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

FOLDER = Path(__file__).parent
RELEASES = sorted(file.name.removesuffix(".json.gz") for file in FOLDER.glob("*.json.gz"))


@pytest.fixture
def empty_database(tmp_path: Path, transactional_db: None) -> Iterator[str]:
    """The address of a database of the engine that the tests run on."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/release.sqlite3"
        return
    name = f"release_{uuid4().hex[:12]}"
    of = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield f"postgres://{of['USER']}:{of['PASSWORD']}@{of['HOST']}:{of['PORT']}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_there_is_a_release_to_upgrade() -> None:
    assert "1.0.0" in RELEASES


@pytest.mark.full
@pytest.mark.both_engines
@pytest.mark.parametrize("version", RELEASES)
def test_an_upgrade_changes_no_figure(version: str, empty_database: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.releases.database", "upgrade", version],
        env=os.environ
        | {
            "DATABASE_URL": empty_database,
            "MEDIA_ROOT": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "lms.settings",
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        check=True,
        timeout=300,
    )
    found = json.loads(done.stdout)
    assert found["after"] == found["before"]
    assert found["before"]["persons"] > 0
