"""Commands start fast because the heavy libraries wait until they are needed."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from common.registries import Deferred, timed_tasks
from jobs.job_types import job_types

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ["weasyprint", "openpyxl", "pyhanko", "pikepdf", "lxml", "python_calamine", "fontTools"]
# What a command that opens no page and issues nothing can do without.
NOT_FOR_COUNTING = [
    *HEAVY, "rest_framework.views", "django_filters", "rosters.importing", "rosters.exporting",
    "certificates.services", "allauth.account.forms",
]  # fmt: skip
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


def loaded_by(action: str, folder: Path, heavy: list[str]) -> list[str]:
    """Those of the heavy modules that a fresh process holds after an action."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED_BY.format(action=action, heavy=heavy)],
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
    assert loaded_by(action, tmp_path, HEAVY) == []


def test_counting_starts_without_the_modules_it_does_not_need(tmp_path):
    action = "import targets.management.commands.progress"
    assert loaded_by(action, tmp_path, NOT_FOR_COUNTING) == []


def test_deferred_work_is_where_its_path_says():
    entries: list[object] = [task.run for _name, task in timed_tasks]
    paths = [entry.path for entry in entries if isinstance(entry, Deferred)]
    assert paths
    assert all(callable(import_string(path)) for path in paths)


def test_every_kind_of_job_has_its_work_where_it_says():
    declared = [job_type for _name, job_type in job_types]
    assert declared
    for job_type in declared:
        import_module(job_type._module)
        assert job_type._work is not None, job_type.kind
