"""What must be installed, asked without loading the heavy libraries that need it."""

import ctypes
import os
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core import checks

from common.registries import account_lookups

FONT_SUBSETTER = "libharfbuzz-subset.so.0"


@checks.register()
def font_subsetter_is_installed(**_: Any) -> list[checks.CheckMessage]:
    """Pango does not pull it in, and without it every PDF takes six times as long."""
    if can_load(FONT_SUBSETTER):
        return []
    return [
        checks.Warning(
            f"{FONT_SUBSETTER} is missing: every PDF takes six times as long.",
            hint="Install it (Debian: apt-get install libharfbuzz-subset0), or run script/setup.",
            id="lms.W001",
        )
    ]


@checks.register()
def spreadsheets_are_read_safely(**_: Any) -> list[checks.CheckMessage]:
    """openpyxl uses defusedxml where it finds it, and expands entity bombs where not."""
    if os.environ.get("OPENPYXL_DEFUSEDXML", "True") == "True" and find_spec("defusedxml"):
        return []
    return [
        checks.Error(
            "Spreadsheets would be read without defusedxml: one upload could fill the memory.",
            hint="Install the pinned requirements and do not set OPENPYXL_DEFUSEDXML.",
            id="lms.E001",
        )
    ]


@checks.register()
def single_sign_on_names_accounts(**_: Any) -> list[checks.CheckMessage]:
    """By which claim an account is recognised must be something that the site can look up."""
    known = {"email", *(name for name, _look_up in account_lookups)}
    if not settings.OIDC_SERVER_URL or settings.OIDC_IDENTIFIES_BY in known:
        return []
    return [
        checks.Error(
            f"OIDC_IDENTIFIES_BY={settings.OIDC_IDENTIFIES_BY} names no account.",
            hint=f"Set it to one of: {', '.join(sorted(known))}.",
            id="lms.E002",
        )
    ]


def can_load(library: str) -> bool:
    """Whether the dynamic loader finds a library; WeasyPrint asks it the same way."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
