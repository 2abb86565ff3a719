"""A small disk of its own that can be full or read-only, and a clock that can jump."""

import errno
import os
import random
import subprocess
import sys
import time
from pathlib import Path

SIZE = 256 << 20
SECONDS_AHEAD = 180


class Disk:
    """A tmpfs, which root alone may mount."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "disk"
        self.path.mkdir()
        self._mount(f"size={SIZE},mode=755", "-t", "tmpfs", "tmpfs")

    def fill(self) -> None:
        """Not a byte is free for some seconds."""
        filler = self.path / "filler"
        with filler.open("wb") as file:
            _write_until_full(file.fileno())
        time.sleep(random.uniform(4, 10))
        filler.unlink()

    def freeze(self) -> None:
        """Read-only for some seconds; not while somebody writes a file at this very moment."""
        for _attempt in range(200):
            if self._mount("remount,ro").returncode == 0:
                break
            time.sleep(0.05)
        time.sleep(random.uniform(4, 10))
        self._mount("remount,rw")

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", self.path], check=False)

    def _mount(self, options: str, *what: str) -> subprocess.CompletedProcess[bytes]:
        command = ["mount", *what, str(self.path), "-o", options]
        return subprocess.run(command, capture_output=True, check=bool(what))


def _write_until_full(file: int) -> None:
    piece = b"\0" * (1 << 16)
    while piece:
        try:
            os.write(file, piece)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            piece = piece[: len(piece) // 2]


class Clock:
    """That of one worker; it jumps there and back, as with a wrong time server."""

    def __init__(self, folder: Path) -> None:
        self._offset = folder / "clock"
        self._set("0")

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.chaos.worker_with_clock", str(self._offset)]

    def jump(self) -> None:
        self._set(random.choice(["", "-"]) + str(SECONDS_AHEAD))
        time.sleep(random.uniform(4, 10))
        self._set("0")

    def _set(self, seconds: str) -> None:
        draft = self._offset.with_suffix(".new")
        draft.write_text(seconds)
        draft.replace(self._offset)
