"""Databases of earlier releases are upgraded with their figures unchanged, on both engines."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(__file__).parent
RELEASES = sorted(file.name.removesuffix(".json.gz") for file in FOLDER.glob("*.json.gz"))


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
