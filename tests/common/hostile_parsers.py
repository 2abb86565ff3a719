"""Parsers that behave as those do that a hostile file has got hold of."""

import ctypes
import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

from common.bounded import MB, Limits, parser
from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError

QUICK = Limits(cpu=2, wall=3.0, wait=1.0, memory=64 * MB, output=1 * MB)


class OddError(DomainError):
    """What a parser may raise."""


@parser(QUICK)
def echo(*args: Any) -> Any:
    return list(args)


@parser(QUICK)
def burn() -> None:
    while True:
        pass


@parser(QUICK)
def sleep(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


@parser(QUICK)
def swell() -> int:
    return len(bytearray(500 * MB))


@parser(QUICK)
def talk() -> bytes:
    return bytes(3 * MB)


@parser(QUICK)
def fall() -> None:
    ctypes.string_at(0)


@parser(QUICK)
def leave() -> None:
    os._exit(0)


@parser(QUICK, errors=(OddError,))
def complain(name: str) -> None:
    raise OddError("odd", _("The file is larger than %(limit)d MB.") % {"limit": len(name)})


@parser(QUICK)
def complain_undeclared() -> None:
    raise OddError("odd", "x")


@parser(QUICK)
def recurse() -> Any:
    return recurse()


@parser(QUICK)
def write_file(path: str) -> None:
    with open(path, "w") as file:  # noqa: PTH123
        file.write("x")
        file.flush()


@parser(QUICK)
def environment() -> dict[str, str]:
    return dict(os.environ)


@parser(QUICK)
def descriptors() -> list[str]:
    kinds = []
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            kinds.append(os.readlink(f"/proc/self/fd/{number}").partition(":")[0])  # noqa: PTH115
        except OSError:
            continue
    return kinds


@parser(QUICK)
def call_out(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), timeout=1)


@parser(QUICK)
def leave_a_program(seconds: str) -> int:
    return os.posix_spawnp("sleep", ["sleep", seconds], os.environ)


@parser(QUICK)
def outlive_alarm() -> None:
    signal.alarm(0)
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    time.sleep(60)


@parser(QUICK)
def count(most: int) -> Iterator[bytes]:
    for number in range(most):
        yield str(number).encode()


@parser(QUICK)
def count_and_fall(most: int) -> Iterator[bytes]:
    yield from count(most)
    ctypes.string_at(0)


def undeclared() -> None:
    """No parser."""
