"""The owner's side: calls parsers, and turns whatever comes of it into a result or an error."""

import json
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from tempfile import TemporaryDirectory
from typing import Any, Final, ParamSpec, TypeVar

from common.bounded.codec import CodecError, decode, encode
from common.bounded.errors import CRASHED, TOO_LARGE, TOO_LONG, BoundedError
from common.bounded.limits import Limits
from common.bounded.protocol import (
    ENDED,
    ERROR,
    ITEM,
    REQUEST,
    RESULT,
    Channel,
    ClosedError,
    OverdueError,
    OverflowingError,
)
from common.bounded.registry import Parser, parser_of
from common.bounded.server_process import start_child
from common.bounded.slots import slot
from common.deferred_messages import message_from_json
from common.errors import DomainError

P = ParamSpec("P")
R = TypeVar("R")

_LONGEST_CODE: Final = 60
logger = logging.getLogger(__name__)


class Spool:
    """Holds what a parser yields in a memfd, outside this process's heap."""

    def __init__(self) -> None:
        self._file = os.fdopen(os.memfd_create("spool"), "w+b")
        self._lengths: list[int] = []

    def add(self, item: bytes) -> None:
        self._file.write(item)
        self._lengths.append(len(item))

    def __iter__(self) -> Iterator[bytes]:
        self._file.flush()
        start = 0
        for length in self._lengths:
            yield os.pread(self._file.fileno(), length, start)
            start += length


def run(function: Callable[P, R], *args: Any, limits: Limits | None = None) -> R:
    """Call a parser in a child process.

    ``limits`` replace the declared ones. Errors: those that the parser declares, and
    BoundedError.
    """
    result: R = _call(parser_of(function), args, limits, None)
    return result


def spool(
    function: Callable[P, Iterator[bytes]], *args: Any, limits: Limits | None = None
) -> Spool:
    collected = Spool()
    _call(parser_of(function), args, limits, collected)
    return collected


def _call(found: Parser, args: tuple[Any, ...], limits: Limits | None, into: Spool | None) -> Any:
    limits = limits or found.limits
    last = time.monotonic() + limits.wait + limits.wall
    with _folder(limits) as folder, slot(limits.lane, limits.wait):
        plain = asdict(limits) | {"lane": str(limits.lane)}
        request = encode({"args": args, "limits": plain, "folder": folder})
        child = start_child(found.name, last)
        until = min(time.monotonic() + limits.wall, last)
        try:
            channel = Channel(child.task, until, limits.output)
            channel.send(REQUEST, request)
            kind, content = _answer(channel, into)
        except OverdueError:
            raise _given_up(found, TOO_LONG, "wall clock") from None
        except OverflowingError:
            raise _given_up(found, TOO_LARGE, "output") from None
        except ClosedError:
            raise _given_up(found, CRASHED, "server") from None
        finally:
            child.end()
    try:
        return _outcome(found, kind, content)
    except CodecError as error:
        raise _given_up(found, CRASHED, str(error)) from None


def _folder(limits: Limits) -> AbstractContextManager[str | None]:
    return TemporaryDirectory(prefix="lms-parser.") if limits.folder else nullcontext()


def _answer(channel: Channel, into: Spool | None) -> tuple[bytes, bytes]:
    while True:
        kind, content = channel.receive()
        if kind != ITEM or into is None:
            return kind, content
        into.add(content)


def _outcome(found: Parser, kind: bytes, content: bytes) -> Any:
    if kind == RESULT:
        return decode(content)
    if kind == ERROR:
        raise _error(found, decode(content))
    if kind == ENDED:
        ended = json.loads(content)
        limits = (-signal.SIGXCPU, -signal.SIGALRM, -signal.SIGKILL)
        raise _given_up(found, TOO_LONG if ended["code"] in limits else CRASHED, str(ended))
    raise CodecError("no such message")


def _error(found: Parser, reported: Any) -> DomainError:
    try:
        if "limit" in reported:
            code = TOO_LARGE if reported["limit"] == TOO_LARGE else CRASHED
            return _given_up(found, code, str(reported.get("about"))[:200])
        kind = next(one for one in found.errors if one.__name__ == reported["type"])
        sentence = message_from_json(reported["sentence"])
        str(sentence)  # a sentence whose parameters do not fit is none
        return kind(str(reported["code"])[:_LONGEST_CODE], sentence)
    except (StopIteration, LookupError, TypeError, ValueError, AttributeError):
        raise CodecError("no such error") from None


def _given_up(found: Parser, code: str, why: str) -> BoundedError:
    logger.info("A file was given up: %s, %s (%r)", found.name, code, why)
    return BoundedError(code)
