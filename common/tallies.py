"""Counts that many visitors raise at once: written once a second, not once a visitor."""

import atexit
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Any

from django.db import Error as DatabaseError

SECONDS = 1.0

logger = logging.getLogger(__name__)


class Tally:
    """Counts in memory; whoever counts when a second has passed writes them, one after another.

    What one visitor adds is written at once. A process that is killed in a rush loses the counts
    of its last second: for statistics, not for what must be right.
    """

    def __init__(self, write: Callable[[Any, int], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._counts: Counter[Hashable] = Counter()
        self._next = 0.0
        atexit.register(self.write)

    def count(self, key: Hashable) -> None:
        with self._lock:
            self._counts[key] += 1
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + SECONDS
        self.write()

    def write(self) -> None:
        """What cannot be written is kept for the next time; no visitor is refused for it."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        while counts:
            key, visits = counts.popitem()
            try:
                self._write(key, visits)
            except DatabaseError as error:
                logger.warning("counts wait for the database: %s", error)
                with self._lock:
                    self._counts.update({**counts, key: visits})
                return
