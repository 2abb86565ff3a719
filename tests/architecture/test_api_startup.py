"""Commands start without the API: its libraries are loaded with the addresses of the site."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

LOADED = """
import json, sys
import django
django.setup()
import targets.management.commands.progress
names = ("rest_framework.views", "rest_framework.serializers", "drf_spectacular", "knox.auth")
sys.stdout.write(json.dumps([name for name in names if name in sys.modules]))
"""


def test_a_command_loads_no_library_of_the_api(tmp_path: Path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lms.settings",
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
    }
    ran = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout) == []
