"""System checks that do not load the heavy libraries that they ask about."""

import ctypes
import os
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core import checks
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from common.registries import account_lookups

FONT_SUBSETTER = "libharfbuzz-subset.so.0"


@checks.register()
def font_subsetter_is_installed(**_: Any) -> list[checks.CheckMessage]:
    # Pango does not depend on it, and without it every PDF takes six times as long.
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
    # Without defusedxml openpyxl expands entity bombs.
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


@checks.register(checks.Tags.database)
def database_is_of_1_0_0_or_later(
    *, databases: Iterable[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """Migrations were rebuilt for 1.0.0: ``migrate`` would take older tables for its own.

    ``counting`` is the app that no database before 1.0.0 knows.
    """
    return [
        checks.Error(
            f"The database {alias!r} is from before version 1.0.0 and cannot be upgraded.",
            hint="Name an empty one in DATABASE_URL; export rosters with the old version first.",
            id="lms.E003",
        )
        for alias in databases or ()
        if is_older_than_1_0_0(MigrationRecorder(connections[alias]).applied_migrations())
    ]


def is_older_than_1_0_0(applied: Iterable[tuple[str, str]]) -> bool:
    apps = {app for app, _name in applied}
    return "accounts" in apps and "counting" not in apps


def can_load(library: str) -> bool:
    """Asks the dynamic loader in the same way as WeasyPrint."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
