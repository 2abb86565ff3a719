"""Parsers of files that any library may choke on."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def unless_damaged(answer: Callable[[], R]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give ``answer()`` instead of whatever a library raises over a damaged file.

    Too little memory is not the library's to answer: the boundary says ``too_large``.
    """

    def decorate(read: Callable[P, R]) -> Callable[P, R]:
        @wraps(read)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return read(*args, **kwargs)
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - a damaged file fails anywhere, in any way
                return answer()

        return guarded

    return decorate
