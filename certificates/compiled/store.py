"""Compiled designs on disk, in plain formats: ``objects`` by the SHA-256 of their content, and
``names`` that say which object answers a key. Several processes may write at once; what is
truncated, foreign or damaged counts as missing.
"""

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any

from common.bounded.codec import CodecError, decode, encode

_NAME_LENGTH = 64
_STREAM = re.compile(rb"(?<=stream\n)")
_SHARED_FROM = 2_000


class Store:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def named(self, key: str) -> str:
        """The SHA-256 of the object that answers a key; empty where there is none."""
        try:
            sha256 = (self._folder / "names" / key).read_text("ascii")
        except (OSError, ValueError):
            return ""
        return sha256 if (self._read(sha256) or {}).get("key") == key else ""

    def object(self, sha256: str) -> dict[str, Any] | None:
        found = self._read(sha256)
        return found["plain"] if found else None

    def bytes_of(self, sha256: str) -> bytes | None:
        if len(sha256) != _NAME_LENGTH or not sha256.isalnum():
            return None
        try:
            content = self._path(sha256).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def put(self, key: str, plain: dict[str, Any]) -> str:
        """Keep an object as the one that answers a key; returns its SHA-256. Error: OSError."""
        sha256 = self.add(b"".join(encode({"key": key, "plain": plain})))
        self._write(self._folder / "names" / key, sha256.encode())
        return sha256

    def add(self, content: bytes) -> str:
        """Error: OSError."""
        sha256 = hashlib.sha256(content).hexdigest()
        if self.bytes_of(sha256) is None:
            self._write(self._path(sha256), content)
        return sha256

    def shared(self, file: bytes) -> list[Any]:
        """The file in pieces; large streams (fonts, pictures, the frame) are put aside and named,
        and kept once whatever templates use them. Error: OSError.
        """
        pieces = _STREAM.split(file)
        return [self.add(one) if len(one) >= _SHARED_FROM else one for one in pieces]

    def joined(self, pieces: list[Any]) -> bytes | None:
        whole = [one if isinstance(one, bytes) else self.bytes_of(one) for one in pieces]
        return b"".join([one for one in whole if one is not None]) if None not in whole else None

    def _read(self, sha256: str) -> dict[str, Any] | None:
        try:
            found = decode(self.bytes_of(sha256) or b"")
        except CodecError:
            return None
        return found if isinstance(found, dict) and found.keys() == {"key", "plain"} else None

    def _path(self, sha256: str) -> Path:
        return self._folder / "objects" / sha256[:2] / sha256

    def _write(self, path: Path, content: bytes) -> None:
        # Whole or not at all: another process may be reading, and this one may be killed.
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        draft.replace(path)
