"""Commands start fast because the heavy libraries wait until they are needed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["weasyprint", "openpyxl", "pyhanko", "pikepdf", "lxml", "python_calamine", "fontTools"]
LOADED_BY = """
import io, json, sys
from contextlib import redirect_stdout
import django
from django.core.management import call_command, get_commands
django.setup()
{action}
heavy = [name for name in {heavy!r} if name in sys.modules]
sys.stdout.write(json.dumps(heavy))
"""


def loaded_by(action: str, folder: Path) -> list[str]:
    """The heavy libraries that a fresh process holds after an action."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED_BY.format(action=action, heavy=HEAVY)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lms.settings",
            "DEBUG": "1",
            "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    loaded: list[str] = json.loads(run.stdout)
    return loaded


@pytest.mark.parametrize(
    "action",
    [
        # Checks import every address, and so every view, form and service.
        "with redirect_stdout(io.StringIO()): call_command('check')",
        "import jobs.management.commands.worker",
    ],
)
def test_no_heavy_library_is_loaded_at_start(action, tmp_path):
    assert loaded_by(action, tmp_path) == []
