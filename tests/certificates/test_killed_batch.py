"""A worker is killed in the middle of a batch, three times."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECONDS = 1_500


def rehearse(folder: Path, scenario: str, size: int) -> Any:
    where = {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        "KEY_FOLDER": str(folder / "keys"),
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
    }
    environment = os.environ | where
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, env=environment, check=True, timeout=120)
    program = Path(__file__).with_name("rehearsal.py")
    run = subprocess.run(
        [sys.executable, str(program), scenario, str(size)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("size", [200, pytest.param(500, marks=pytest.mark.full)])
def test_three_kills_lose_no_certificate_and_double_none(tmp_path, size):
    seen = rehearse(tmp_path, "kill", size)
    assert all(0 < left < size for left in seen["left"])
    assert seen["numbers"]
    assert (seen["people"], seen["files"]) == (size, size)
    assert seen["valid"] == seen["looked_at"]


@pytest.mark.full
def test_two_workers_issue_a_thousand_without_growing(tmp_path):
    seen = rehearse(tmp_path, "measure", 1_000)
    assert seen["certificates"] == 1_000
    assert seen["growth"] <= 0.10
