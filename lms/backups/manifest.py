"""What a backup holds, in one file: anybody can verify a backup with it and without the site."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _

from audit.signing import public_keys
from lms.backups.errors import BackupError

NAME = "manifest.json"
DATABASE = "database"
FORMAT = 1
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupFile:
    """``sha256`` and ``size`` are those of the content, ``stored_sha256`` of what lies here.

    They differ where the backup is encrypted.
    """

    path: str
    sha256: str
    size: int
    stored_sha256: str
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    created_at: str
    engine: str
    # Digest of the public key that it is encrypted for; blank: not encrypted.
    recipient: str
    # The last migration of each app, so that a backup of a newer release is not restored here.
    migrations: list[str]
    # Fingerprints of the keys without which the data cannot be read.
    keys: dict[str, list[str]]
    # Last numbers of the register: papers with later ones may exist when this is restored.
    last_numbers: dict[str, int]
    audit_head: str
    files: list[BackupFile] = field(default_factory=list)
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Error: ``no_backup``."""
        try:
            found: dict[str, Any] = json.loads((folder / NAME).read_text())
            found["files"] = [BackupFile(**one) for one in found["files"]]
            manifest = cls(**found)
            _require_own_files(manifest)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BackupError(
                "no_backup",
                _("%(folder)s is not a backup: %(file)s is missing or cannot be read.")
                % {"folder": folder, "file": NAME},
            ) from error
        return manifest


def _require_own_files(manifest: Manifest) -> None:
    """A manifest from elsewhere must not name files outside of its folder."""
    if DATABASE not in [one.path for one in manifest.files]:
        raise ValueError(DATABASE)
    for one in manifest.files:
        if not re.fullmatch(r"(?!/)(?:(?!\.\.?(?:/|$))[^/\0]+(?:/|$))+", one.path):
            raise BackupError(
                "bad_path",
                _("The backup refers to a file outside itself: %(path)s.") % {"path": one.path},
            )


def key_fingerprints() -> dict[str, list[str]]:
    """Enough to say which key is missing, of no use to guess one: all are long and random."""
    return {
        "FIELD_KEYS": [_fingerprint(key) for key in settings.FIELD_KEYS],
        "INDEX_KEY": [_fingerprint(settings.INDEX_KEY)],
        "AUDIT_KEY": list(public_keys()),
    }


def _fingerprint(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return content_digest(file)


def content_digest(content: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := content.read(_CHUNK):
        found.update(chunk)
    return found.hexdigest()
