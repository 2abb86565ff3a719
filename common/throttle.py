"""How often somebody may try something that could be guessed or that costs much."""

import hashlib

from django.core.cache import cache
from django.http import HttpRequest


def allows(what: str, whose: str, *, times: int, seconds: int) -> bool:
    """Whether this is at most the ``times``-th try within ``seconds`` from the first.

    Counted in the default cache: per process where that is local memory.
    """
    key = "throttle:" + hashlib.sha256(f"{what}:{whose}".encode()).hexdigest()
    if cache.add(key, 1, seconds):
        return True
    try:
        return cache.incr(key) <= times
    except ValueError:  # it ran out between the two calls
        cache.set(key, 1, seconds)
        return True


def visitor(request: HttpRequest) -> str:
    """The address that a try is counted against."""
    return str(request.META.get("REMOTE_ADDR", ""))
