"""Several visitors at the same moment, each with a connection of their own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

A = TypeVar("A")
R = TypeVar("R")


def at_once(do: Callable[[A], R], arguments: Sequence[A]) -> list[R]:
    """What ``do`` answers to each argument; all begin together."""
    all_there = Barrier(len(arguments))

    def one(argument: A) -> R:
        all_there.wait()
        try:
            return do(argument)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(arguments)) as threads:
        return list(threads.map(one, arguments))
