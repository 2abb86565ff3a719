"""Signed heads as files outside the database.

Who changes the database alone cannot change them too: a log that was cut is noticed.
"""

import datetime as dt
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from audit.signing import SignedHead
from common import clock

logger = logging.getLogger(__name__)


def folder() -> Path:
    """One per database, so that two sites in one checkout do not collide."""
    database = connection.settings_dict
    name = str(database["NAME"])
    if connection.vendor == "sqlite":
        name = str(Path(name).resolve())
    which = "|".join((connection.vendor, database["HOST"], str(database["PORT"]), name))
    return Path(settings.AUDIT_HEADS_DIR) / hashlib.sha256(which.encode()).hexdigest()[:12]


def write_head(head: SignedHead) -> None:
    """One file per day, with its last head; a full disk does not stop sealing."""
    day = dt.datetime.fromisoformat(head.sealed_at).astimezone(clock.HANOI).date()
    try:
        folder().mkdir(parents=True, exist_ok=True)
        _replace(folder() / f"{day}.json", json.dumps(head.to_json()))
    except OSError as error:
        logger.error("the head of the audit log could not be kept outside: %s", error)  # noqa: TRY400 - a trace says no more


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)


def newest_head_file() -> SignedHead | None:
    last = max(folder().glob("*.json"), default=None)
    return _read(last) if last else None


def heads_in_files() -> Iterator[tuple[str, SignedHead]]:
    for path in sorted(folder().glob("*.json")):
        if head := _read(path):
            yield path.name, head


def set_aside() -> int:
    paths = list(folder().glob("*.json"))
    for path in paths:
        path.rename(path.with_suffix(f".set-aside-{clock.now():%Y%m%dT%H%M%S}"))
    return len(paths)


def _read(path: Path) -> SignedHead | None:
    try:
        return SignedHead.from_json(json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.error("%s holds no head of the audit log: %s", path, error)  # noqa: TRY400 - a trace says no more
        return None
