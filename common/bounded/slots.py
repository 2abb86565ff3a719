"""How many files are read at once on this machine, whatever the number of processes.

A slot is a name of a Unix socket in the abstract namespace: only one process can have it, and the
kernel frees it when that process ends, however it ends.
"""

import hashlib
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from common.bounded.errors import BUSY, BoundedError
from common.bounded.limits import Lane

_SECONDS_BETWEEN_LOOKS: Final = 0.02


@contextmanager
def slot(lane: Lane, wait: float) -> Iterator[None]:
    """Error: BoundedError ``busy`` where none was free in time."""
    until = time.monotonic() + wait
    while (taken := _take(lane)) is None:
        if time.monotonic() >= until:
            raise BoundedError(BUSY)
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        taken.close()


def _take(lane: Lane) -> socket.socket | None:
    for number in range(settings.PARSERS_AT_ONCE):
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        with suppress(OSError):
            holder.bind(f"\0{_site()}-{lane}-{number}")
            return holder
        holder.close()
    return None


@cache
def _site() -> str:
    checkout = Path(__file__).resolve().parents[2]
    return "lms-" + hashlib.sha256(f"{checkout} {os.getuid()}".encode()).hexdigest()[:24]
