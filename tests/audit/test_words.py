"""Every action has a name that an official reads."""

import re
from pathlib import Path

from django.conf import settings

from audit.choices import ACTIONS


def actions_in_the_code() -> set[str]:
    """What stands in ``@audited("…")`` anywhere in the apps."""
    rooms = [Path(settings.BASE_DIR) / room for room in settings.APPS]
    files = [file for room in rooms for file in room.rglob("*.py")]
    named = re.compile(r'^@audited\("([^"]+)"', re.MULTILINE)
    return {name for file in files for name in named.findall(file.read_text())}


def test_every_action_has_a_label():
    missing = actions_in_the_code() - set(ACTIONS)
    assert missing == set(), "name these deeds in audit/choices.py"
