"""Making a backup, and forgetting the oldest ones."""

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from common import clock
from lms.backups import databases
from lms.backups.errors import BackupError
from lms.backups.folders import Folder
from lms.backups.manifest import DATABASE, NAME, BackupFile, Manifest, key_fingerprints

MEDIA = "media/"
# Files of a moment: /readyz writes and deletes one.
_PASSING = ("readyz",)
_DRAFT = ".draft"
_OWN = f"{'[0-9]' * 8}T{'[0-9]' * 6}.{'[0-9]' * 6}Z"


def make_backup(
    destination: Path, *, keep: int | None = None, recipient_file: Path | None = None
) -> Path:
    """Database, then files, then the manifest; a folder of its own under ``destination``.

    The files after the database: every certificate that a row names is then in the copy.
    Whatever stopped half-way has no manifest, keeps another name, and goes with the next run.
    Errors: ``busy``, ``not_written``, ``database_not_copied``, ``no_gpg``, ``gpg_failed``,
    ``bad_keep``, ``link``.
    """
    if keep is not None and keep < 1:
        raise BackupError("bad_keep", _("Keep at least one backup."))
    destination.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(destination):
        for left_over in destination.glob(f"{_OWN}{_DRAFT}"):
            Folder(left_over).remove()
        before = max(backups(destination), default=None)
        created = clock.now()
        name = f"{created.astimezone(dt.UTC):%Y%m%dT%H%M%S.%fZ}"
        draft = Folder(destination / f"{name}{_DRAFT}", recipient_file)
        try:
            draft.root.mkdir(mode=0o700)
            _write(draft, before, created)
            made = draft.root.rename(destination / name)
        except (OSError, DatabaseError) as error:
            draft.remove()
            raise BackupError(
                "not_written",
                _("The backup could not be written: %(reason)s") % {"reason": error},
            ) from error
        _forget_old(destination, keep)
    return made


def backups(destination: Path) -> list[Path]:
    """Complete ones. A folder of another name, manifest or not, is not ours to delete."""
    return [one.parent for one in destination.glob(f"{_OWN}/{NAME}")]


def _write(draft: Folder, before: Path | None, created: dt.datetime) -> None:
    old_mask = os.umask(0o077)
    try:
        with draft.writing(DATABASE) as sink:
            facts = databases.dump(sink)
        files = [draft.describe(DATABASE, sink), *_copy_media(draft, _known(before, draft), before)]
        Manifest(
            created_at=created.isoformat(),
            engine=connection.vendor,
            recipient=draft.recipient,
            migrations=facts.migrations,
            keys=key_fingerprints(),
            last_numbers=facts.last_numbers,
            audit_head=facts.audit_head,
            files=files,
        ).write(draft.root)
    finally:
        os.umask(old_mask)


def _known(before: Path | None, draft: Folder) -> dict[str, BackupFile]:
    """Files of the last backup by path, if it was made for the same reader."""
    if before is None:
        return {}
    try:
        manifest = Manifest.read(before)
    except BackupError:
        return {}  # a damaged one must not prevent the next
    if manifest.recipient != draft.recipient:
        return {}
    return {one.path: one for one in manifest.files}


def _copy_media(
    draft: Folder, known: dict[str, BackupFile], before: Path | None
) -> Iterator[BackupFile]:
    for name in _stored_names(""):
        path = MEDIA + name
        try:
            size = default_storage.size(name)
            modified = default_storage.get_modified_time(name).isoformat()
            same = known.get(path)
            is_same = same is not None and (same.size, same.modified) == (size, modified)
            if same and before and is_same and draft.take_over(same, before):
                yield same
                continue
            with default_storage.open(name) as content:
                yield draft.add(path, content, modified=modified)
        except FileNotFoundError:
            continue  # an expired file that was erased meanwhile


def _stored_names(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in (*files, *folders):
        _require_no_link(f"{folder}{name}")
    yield from (f"{folder}{name}" for name in sorted(files))
    for name in sorted(folders):
        if folder or name not in _PASSING:
            yield from _stored_names(f"{folder}{name}/")


def _require_no_link(name: str) -> None:
    """A link might lead to any file of the machine, or round in a circle. Error: ``link``."""
    with suppress(NotImplementedError):  # of a store without paths
        if Path(default_storage.path(name)).is_symlink():
            raise BackupError(
                "link",
                _(
                    "%(name)s in MEDIA_ROOT is a symbolic link, which a backup does not follow: "
                    "move the files there, or set MEDIA_ROOT to the folder that it points to."
                )
                % {"name": name},
            )


def _forget_old(destination: Path, keep: int | None) -> None:
    if keep is None:
        return
    for old in sorted(backups(destination))[:-keep]:
        # Without its manifest it is no backup any more, whenever this is stopped.
        (old / NAME).unlink()
        Folder(old.rename(old.with_name(old.name + _DRAFT))).remove()


@contextmanager
def _alone(destination: Path) -> Iterator[None]:
    with (destination / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupError(
                "busy", _("Another backup to %(folder)s is in progress.") % {"folder": destination}
            ) from error
        yield


def write_keys(folder: Path, destination: Path) -> None:
    """The keys, for another safe than the data. Errors: ``keys_beside_data``, ``keys_exist``."""
    folder, destination = folder.resolve(), destination.resolve()
    if folder == destination or destination in folder.parents or folder in destination.parents:
        raise BackupError(
            "keys_beside_data",
            _("Keep keys and data in different places: anyone who has both can read everything."),
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = [
        f"SECRET_KEY={settings.SECRET_KEY}",
        f"FIELD_KEYS={','.join(settings.FIELD_KEYS)}",
        f"INDEX_KEY={settings.INDEX_KEY}",
        f"AUDIT_KEY={settings.AUDIT_KEY}",
        f"AUDIT_PUBLIC_KEYS={','.join(settings.AUDIT_PUBLIC_KEYS)}",
    ]
    _write_private(folder / "keys.env", ("\n".join(lines) + "\n").encode())
    if settings.KEY_FOLDER.is_dir():
        for key in sorted(settings.KEY_FOLDER.iterdir()):
            if key.is_file():
                _write_private(folder / key.name, key.read_bytes())


def _write_private(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(path)
