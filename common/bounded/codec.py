"""Plain data as bytes: JSON beside blobs, so that nothing from a child is ever unpickled."""

import datetime as dt
import json
import struct
from collections.abc import Callable
from typing import Any, Final

_LENGTH: Final = struct.Struct("!Q")
# An object with this key stands for something that JSON has not.
_MARK: Final = "$"


class CodecError(Exception):
    pass


def encode(value: Any) -> list[bytes]:
    """Several parts, large ones uncopied; TypeError for anything but plain data."""
    blobs: list[bytes] = []
    text = json.dumps(_out(value, blobs), ensure_ascii=True, separators=(",", ":")).encode()
    return [one for part in (text, *blobs) for one in (_LENGTH.pack(len(part)), part)]


def decode(content: bytes) -> Any:
    """Tuples come back as lists. Error: CodecError."""
    try:
        text, *blobs = _parts(content)
        return _in(json.loads(text), blobs)
    except (ValueError, TypeError, KeyError, IndexError, struct.error, RecursionError) as error:
        raise CodecError(str(error)[:200]) from None


def _parts(content: bytes) -> list[bytes]:
    parts, at, view = [], 0, memoryview(content)
    while at < len(view):
        (length,) = _LENGTH.unpack_from(view, at)
        at += _LENGTH.size
        if length > len(view) - at:
            raise ValueError("a part is cut off")
        parts.append(bytes(view[at : at + length]))
        at += length
    return parts


def _out(value: Any, blobs: list[bytes]) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        blobs.append(bytes(value))
        return {_MARK: "bytes", "at": len(blobs) - 1}
    if isinstance(value, dt.datetime):
        return {_MARK: "datetime", "is": value.isoformat()}
    if isinstance(value, dt.date):
        return {_MARK: "date", "is": value.isoformat()}
    if isinstance(value, list | tuple):
        return [_out(one, blobs) for one in value]
    if isinstance(value, dict):
        pairs = [[_out(key, blobs), _out(one, blobs)] for key, one in value.items()]
        if all(isinstance(key, str) and key != _MARK for key in value):
            return dict(pairs)
        return {_MARK: "dict", "is": pairs}
    raise TypeError(f"{type(value).__name__} is no plain data")


_MARKED: Final[dict[str, Callable[[dict[str, Any], list[bytes]], Any]]] = {
    "bytes": lambda found, blobs: blobs[found["at"]],
    "datetime": lambda found, blobs: dt.datetime.fromisoformat(found["is"]),
    "date": lambda found, blobs: dt.date.fromisoformat(found["is"]),
    "dict": lambda found, blobs: {_in(key, blobs): _in(one, blobs) for key, one in found["is"]},
}


def _in(value: Any, blobs: list[bytes]) -> Any:
    if isinstance(value, str):
        # Half a character is none: neither the database nor a page could take it.
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_in(one, blobs) for one in value]
    if isinstance(value, dict):
        if _MARK in value:
            return _MARKED[value[_MARK]](value, blobs)
        return {_in(key, blobs): _in(one, blobs) for key, one in value.items()}
    return value
