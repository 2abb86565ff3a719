"""Every action has a name that an official reads."""

import ast
import re
from pathlib import Path

from django.conf import settings

from audit.choices import ACTIONS


def actions_in_the_code() -> set[str]:
    """The codes in ``@audited("…")`` and ``audited_action("…")`` anywhere in the apps."""
    apps = [Path(settings.BASE_DIR) / app for app in settings.APPS]
    files = [file for app in apps for file in app.rglob("*.py")]
    named = re.compile(r'\baudited(?:_action)?\("([^"]+)"')
    return {name for file in files for name in named.findall(file.read_text())}


def details_in_the_code() -> set[str]:
    """The names in ``audit_details(…)`` anywhere in the apps."""
    apps = [Path(settings.BASE_DIR) / app for app in settings.APPS]
    trees = [ast.parse(file.read_text()) for app in apps for file in app.rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    told = [one for one in calls if getattr(one.func, "id", "") == "audit_details"]
    return {named.arg for one in told for named in one.keywords if named.arg}


def test_every_action_has_a_label():
    missing = actions_in_the_code() - set(ACTIONS)
    assert missing == set(), "label these actions in audit/choices.py"
