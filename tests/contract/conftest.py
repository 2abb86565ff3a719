"""Commands as a shell sees them: what they print, and how they end."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

ROSTERS = Path(__file__).parent.parent / "data" / "rosters"
Run = Callable[..., tuple[dict[str, Any], int]]


@pytest.fixture
def run() -> Run:
    """``run("progress", "--by", "month")`` → the JSON answer and the exit code."""

    def run_command(name: str, *arguments: str) -> tuple[dict[str, Any], int]:
        out, code = StringIO(), 0
        try:
            call_command(name, *arguments, "--json", stdout=out)
        except SystemExit as ended:
            code = int(ended.code or 0)
        return json.loads(out.getvalue()), code

    return run_command


@pytest.fixture
def programme(db: None, run: Run) -> Run:
    """Reference data, and one class of March 2026 to send people to."""
    run("load_reference")
    run(
        "open_run", "--course", "AI-101", "--code", "R1", "--starts", "2026-03-10",
        "--ends", "2026-03-11", "--capacity", "6000",
    )  # fmt: skip
    return run


@pytest.fixture
def take_in(programme: Run) -> Run:
    """``take_in("03-duplicates.xlsx", "--dry-run")`` imports a sample roster into R1."""

    def import_sample(name: str, *arguments: str) -> tuple[dict[str, Any], int]:
        return programme(
            "import_roster", str(ROSTERS / name), "--run", "R1", "--agency", "min-bkhcn", *arguments
        )

    return import_sample
