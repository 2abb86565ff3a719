"""Production does not start insecurely, and says in one line why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

GOOD = {
    "DEBUG": "0",
    "SECRET_KEY": "s3cr3t-" * 9,
    "FIELD_KEYS": "Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy1rZXk=",
    "INDEX_KEY": "an-index-key-of-thirty-two-letters-x",
    "AUDIT_KEY": "Zm9yLXRlc3RzLW9ubHktYXVkaXQtbG9nLWtleS1fX18=",
    "DATABASE_URL": "sqlite:///:memory:",
}


def started(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=Path(settings.BASE_DIR),
        env={"PATH": os.environ["PATH"], **GOOD, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [("manage.py", "check"), ("-c", "import lms.wsgi")])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "x" * 60),
        ("FIELD_KEYS", "short"),
        ("INDEX_KEY", ""),
        ("AUDIT_KEY", ""),
        ("AUDIT_KEY", "not-thirty-two-bytes-in-base64-but-long-enough"),
    ],
)
def test_a_missing_or_weak_key_ends_in_one_line(command, name, value):
    ended = started(*command, **{name: value})
    assert ended.returncode != 0
    assert len(ended.stderr.strip().splitlines()) == 1
    assert name in ended.stderr


def test_with_good_keys_it_starts():
    assert started("manage.py", "check").returncode == 0
