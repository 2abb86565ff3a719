"""What an archive package holds, in one file within it: verified without the site."""

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from retention.errors import RetentionError

NAME = "manifest.json"
FORMAT = 1
LARGEST_MANIFEST = 200_000_000
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class PackedFile:
    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    package: str
    site: str
    made_at: str
    asked_by: str
    purpose: str
    lines: list[dict[str, Any]]
    files: list[PackedFile]
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()


def verify_package(path: Path) -> list[str]:
    """A sentence for each file that is missing, differs, or is not named in the manifest.

    Error: ``no_package``.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            return _problems(packed, _named_files(packed))
    except (OSError, zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        message = _("%(file)s is not an archive package, or it is damaged.")
        raise RetentionError("no_package", message % {"file": path}) from error


def _named_files(packed: zipfile.ZipFile) -> dict[str, PackedFile]:
    if packed.getinfo(NAME).file_size > LARGEST_MANIFEST:
        raise ValueError(NAME)
    found = json.loads(packed.read(NAME))
    if found["format"] != FORMAT:
        raise ValueError(NAME)
    return {one["path"]: PackedFile(**one) for one in found["files"]}


def _problems(packed: zipfile.ZipFile, named: dict[str, PackedFile]) -> list[str]:
    present = packed.namelist()
    problems = [_("%(path)s is missing.") % {"path": path} for path in named if path not in present]
    for path in present:
        if path == NAME and present.count(path) == 1:
            continue
        if path not in named or present.count(path) > 1:
            problems.append(_("%(path)s is not in the manifest.") % {"path": path})
        elif not _is_as_named(packed, named[path]):
            problems.append(_("%(path)s differs from the manifest.") % {"path": path})
    return problems


def _is_as_named(packed: zipfile.ZipFile, file: PackedFile) -> bool:
    try:
        with packed.open(file.path) as content:
            return packed.getinfo(file.path).file_size == file.size and (
                digest(content) == file.sha256
            )
    except zipfile.BadZipFile:
        return False


def digest(content: IO[bytes]) -> str:
    found = hashlib.sha256()
    while chunk := content.read(_CHUNK):
        found.update(chunk)
    return found.hexdigest()
