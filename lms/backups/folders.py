"""The folder of one backup: files put into it, taken out of it, taken over from the last one."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lms.backups import encryption
from lms.backups.manifest import BackupFile, digest

_CHUNK = 1 << 20


class Sink:
    """Hashes and counts what is written through it."""

    def __init__(self, into: IO[bytes]) -> None:
        self._into = into
        self.hashed, self.size = hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self.hashed.update(content)
        self.size += len(content)
        return self._into.write(content)


@dataclass(frozen=True, slots=True)
class Folder:
    root: Path
    recipient_file: Path | None = None

    @property
    def recipient(self) -> str:
        return digest(self.recipient_file) if self.recipient_file else ""

    @property
    def is_encrypted(self) -> bool:
        return self.recipient_file is not None

    def add(self, path: str, content: IO[bytes], *, modified: str = "") -> BackupFile:
        with self.writing(path) as sink:
            shutil.copyfileobj(content, sink, _CHUNK)
        return self.describe(path, sink, modified=modified)

    @contextmanager
    def writing(self, path: str) -> Iterator["Sink"]:
        """Where to write the content of ``path``: it is encrypted on its way, if asked to."""
        target = self.stored(path, is_encrypted=self.is_encrypted)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with target.open("wb") as file:
            target.chmod(0o600)
            if self.recipient_file is None:
                yield Sink(file)
                return
            with encryption.encrypting(file, self.recipient_file) as into:
                yield Sink(into)

    def describe(self, path: str, sink: "Sink", *, modified: str = "") -> BackupFile:
        sha256 = sink.hashed.hexdigest()
        stored = self.stored(path, is_encrypted=self.is_encrypted)
        stored_sha256 = digest(stored) if self.is_encrypted else sha256
        return BackupFile(path, sha256, sink.size, stored_sha256, modified)

    def take_over(self, one: BackupFile, before: Path) -> bool:
        """The same file of the backup before, as a second name where the disk knows such.

        False where it is not there any more.
        """
        source = Folder(before).stored(one.path, is_encrypted=self.is_encrypted)
        target = self.stored(one.path, is_encrypted=self.is_encrypted)
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

    def remove(self) -> None:
        with suppress(FileNotFoundError):
            shutil.rmtree(self.root)
