"""Verifying a backup, and restoring one into an empty site."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited_action
from certificates.services.register_numbers import hold_registers
from lms.backups import databases, encryption
from lms.backups.errors import BackupError
from lms.backups.folders import Folder
from lms.backups.making import MEDIA
from lms.backups.manifest import (
    DATABASE,
    NAME,
    BackupFile,
    Manifest,
    content_digest,
    digest,
    key_fingerprints,
)
from notices.models import OutboxPause
from notices.services import outbox


def verify_backup(folder: Path) -> list[str]:
    """What is wrong with it, in sentences; empty where it can be relied on.

    An encrypted one is verified without the private key. Error: ``no_backup``.
    """
    manifest = Manifest.read(folder)
    problems = [problem for one in manifest.files if (problem := _problem(folder, manifest, one))]
    expected = {_stored(folder, manifest, one) for one in manifest.files} | {folder / NAME}
    problems += [
        _("%(path)s does not belong to this backup.") % {"path": path}
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and path not in expected
    ]
    is_readable = manifest.recipient or databases.is_sound(folder / DATABASE, manifest.engine)
    if not problems and not is_readable:
        problems.append(_("The database in the backup cannot be read completely."))
    return problems


def restore(folder: Path, *, by: Actor, is_nothing_since: bool = False) -> Manifest:
    """Files, then the database as a whole, then what a newer release adds to it.

    Stopped in the files, it may be run again. The register gives no number until somebody says
    which exist on paper (``continue_register``), and mail stays paused until the office has looked
    at it, unless nothing happened since. Errors: those of
    ``verify_backup`` and ``databases.load``, ``damaged``, ``other_engine``, ``newer_release``,
    ``keys_missing``, ``file_differs``.
    """
    manifest = Manifest.read(folder)
    if problems := verify_backup(folder):
        raise BackupError("damaged", problems[0])
    _require_fit(manifest)
    databases.require_empty()
    for one in manifest.files:
        if one.path.startswith(MEDIA):
            _restore_file(folder, manifest, one)
    database = next(one for one in manifest.files if one.path == DATABASE)
    with _content(folder, manifest, database) as source:
        databases.load(source)
    call_command("migrate", interactive=False, verbosity=0)
    with audited_action("backup_restored", by=by):
        audit_details(created_at=manifest.created_at, audit_head=manifest.audit_head)
        if not is_nothing_since:
            hold_registers()
            _pause_sending(manifest, by=by)
    return manifest


def _pause_sending(manifest: Manifest, *, by: Actor) -> None:
    """What waited when the backup was made has been sent since, to people who have read it."""
    if not OutboxPause.objects.under_way().exists():
        reason = _(
            "A backup of %(at)s was restored: review the waiting messages, then resume sending."
        )
        outbox.pause(by=by, reason=reason % {"at": manifest.created_at[:16].replace("T", " ")})


def _problem(folder: Path, manifest: Manifest, one: BackupFile) -> str:
    stored = _stored(folder, manifest, one)
    if not stored.is_file():
        return _("%(path)s is missing.") % {"path": stored}
    if stored.is_symlink() or digest(stored) != one.stored_sha256:
        return _("%(path)s has changed since it was written.") % {"path": stored}
    return ""


def _stored(folder: Path, manifest: Manifest, one: BackupFile) -> Path:
    return Folder(folder).stored(one.path, is_encrypted=bool(manifest.recipient))


def _require_fit(manifest: Manifest) -> None:
    """Before anything is written: this site can read what the backup holds."""
    if manifest.engine != connection.vendor:
        raise BackupError(
            "other_engine",
            _("The backup was made from %(theirs)s, but DATABASE_URL names %(ours)s.")
            % {"theirs": manifest.engine, "ours": connection.vendor},
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if newer := sorted(set(manifest.migrations) - known):
        raise BackupError(
            "newer_release",
            _("The backup was made by a newer release, which has %(migration)s: update first.")
            % {"migration": newer[0]},
        )
    ours = key_fingerprints()
    for name, needed in manifest.keys.items():
        if not set(needed) <= set(ours.get(name, [])):
            raise BackupError(
                "keys_missing",
                _("The backup was made with another %(setting)s: first set its former value.")
                % {"setting": name},
            )


def _restore_file(folder: Path, manifest: Manifest, one: BackupFile) -> None:
    name = one.path.removeprefix(MEDIA)
    with _content(folder, manifest, one) as source:
        if not default_storage.exists(name):
            with source.open("rb") as file:
                default_storage.save(name, File(file))
            return
        with default_storage.open(name) as present:
            if content_digest(present) != one.sha256:
                raise BackupError(
                    "file_differs",
                    _("%(name)s already exists with different content: use an empty MEDIA_ROOT.")
                    % {"name": name},
                )


@contextmanager
def _content(folder: Path, manifest: Manifest, one: BackupFile) -> Iterator[Path]:
    """The plain content of a file as a path."""
    stored = _stored(folder, manifest, one)
    if not manifest.recipient:
        yield stored
        return
    with TemporaryDirectory(prefix="lms-restore-") as scratch:
        plain = Path(scratch) / "content"
        encryption.decrypt(stored, plain)
        if digest(plain) != one.sha256:
            raise BackupError(
                "damaged", _("%(path)s has changed since it was written.") % {"path": stored}
            )
        yield plain
