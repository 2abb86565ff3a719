"""The folder of one backup: files put into it, taken out of it, taken over from the last one."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lms.backups import encryption
from lms.backups.manifest import BackupFile, digest


@dataclass(frozen=True, slots=True)
class Folder:
    root: Path
    recipient_file: Path | None = None

    @property
    def recipient(self) -> str:
        return digest(self.recipient_file) if self.recipient_file else ""

    def add(self, path: str, content: IO[bytes], *, modified: str = "") -> BackupFile:
        plain = self._path_for(path)
        with plain.open("wb") as file:
            shutil.copyfileobj(content, file, 1 << 20)
        return self.seal(path, modified=modified)

    def seal(self, path: str, *, modified: str = "") -> BackupFile:
        """Encrypt what was written to ``path``, if asked to, and describe it."""
        plain, sha256 = self.root / path, digest(self.root / path)
        size, stored_sha256 = plain.stat().st_size, sha256
        if self.recipient_file:
            stored = self.stored(path, is_encrypted=True)
            encryption.encrypt(plain, stored, self.recipient_file)
            plain.unlink()
            stored_sha256 = digest(stored)
        else:
            stored = plain
        stored.chmod(0o600)
        return BackupFile(path, sha256, size, stored_sha256, modified)

    def take_over(self, one: BackupFile, before: Path) -> bool:
        """The same file of the backup before, as a second name where the disk knows such.

        False where it is not there any more.
        """
        is_encrypted = self.recipient_file is not None
        source = Folder(before).stored(one.path, is_encrypted=is_encrypted)
        target = self.stored(one.path, is_encrypted=is_encrypted)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            os.link(source, target)
        except FileNotFoundError:
            return False
        except OSError:
            shutil.copyfile(source, target)
            target.chmod(0o600)
        return True

    def stored(self, path: str, *, is_encrypted: bool) -> Path:
        return self.root / (path + encryption.SUFFIX if is_encrypted else path)

    def _path_for(self, path: str) -> Path:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return target

    def remove(self) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self.root)
