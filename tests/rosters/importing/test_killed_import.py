"""A worker is killed while it checks or imports a roster; another one takes over."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SECONDS = 1_800


def rehearse(folder: Path, size: int) -> Any:
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        "KEY_FOLDER": str(folder / "keys"),
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
    }
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, env=environment, check=True, timeout=120)
    program = Path(__file__).with_name("rehearsal.py")
    run = subprocess.run(
        [sys.executable, str(program), "kill", str(size)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("size", [9_000, pytest.param(100_000, marks=pytest.mark.full)])
def test_a_killed_worker_loses_no_row_and_doubles_none(tmp_path, size):
    seen = rehearse(tmp_path, size)
    assert seen["deaths"] == [-signal.SIGKILL] * 3
    assert seen["left"] == [0, 0]
    assert (seen["state"], seen["on_record"]) == ("imported", 1)
    assert (seen["people"], seen["places"], seen["rows"], seen["ledger"]) == (size,) * 4
    assert seen["seats"] == size - 1
