"""move_media: files from a folder into the store of the settings."""

from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from common.commands import DomainCommand, with_progress
from lms.backups.manifest import content_digest, digest
from lms.errors import ProgrammeError


class Command(DomainCommand):
    help = (
        "Copy every file of FOLDER, the MEDIA_ROOT until now, into the store of the settings and "
        "read it back. FOLDER is left as it is. It may be stopped and run again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path)

    def work(self, **options: Any) -> dict[str, Any]:
        folder = options["folder"]
        if not folder.is_dir():
            raise ProgrammeError(
                "no_folder", _("There is no folder %(folder)s.") % {"folder": folder}
            )
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        copied = sum(_copy(folder, path) for path in with_progress(files, len(files)))
        return {"files": len(files), "copied": copied}

    def print_answer(self, answer: dict[str, Any]) -> None:
        self.stdout.write(_("Files: %(files)s, copied now: %(copied)s.") % answer)


def _copy(folder: Path, path: Path) -> bool:
    """False where the store holds the file already. Error: ``file_differs``."""
    name = path.relative_to(folder).as_posix()
    is_new = not default_storage.exists(name)
    if is_new:
        with path.open("rb") as file:
            default_storage.save(name, File(file))
    with default_storage.open(name) as stored:
        if content_digest(stored) != digest(path):
            raise ProgrammeError(
                "file_differs",
                _("%(name)s is already in the store with different content.") % {"name": name},
            )
    return is_new
