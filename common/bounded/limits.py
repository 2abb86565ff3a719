"""How much a file may cost to read."""

import os
import resource
import signal
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

MB: Final = 1_000_000
_SECONDS_AFTER_WALL: Final = 2
_OPEN_FILES: Final = 64


class Lane(StrEnum):
    """Files of one lane never wait for those of another."""

    PUBLIC = "public"
    STAFF = "staff"
    JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes for one call.

    ``cpu`` is processor time, ``wall`` what the clock shows from the start of the child, ``wait``
    how long a call waits for its turn before that. ``memory`` is what the child may take beyond
    the libraries; ``output`` what it may give back; ``files`` the size of a temporary file, which
    lies in a ``folder`` that is removed behind the child, or in memory.
    """

    cpu: int = 5
    wall: float = 8.0
    wait: float = 4.0
    memory: int = 128 * MB
    output: int = 16 * MB
    files: int = 0
    folder: bool = False
    lane: Lane = Lane.STAFF

    def apply(self) -> None:
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, taken + self.memory)
        _limit(resource.RLIMIT_FSIZE, self.files)
        _limit(resource.RLIMIT_NOFILE, _OPEN_FILES)
        _limit(resource.RLIMIT_CORE, 0)
        used = sum(os.times()[:2])
        seconds = int(used) + self.cpu
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        # The owner kills at ``wall``; this is for an owner that does not.
        signal.alarm(int(self.wall) + _SECONDS_AFTER_WALL)


def _limit(what: int, most: int) -> None:
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))
