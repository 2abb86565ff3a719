"""How often somebody may try something that could be guessed or that costs much."""

import hashlib

from django.core.cache import cache, caches
from django.http import HttpRequest


def allows(what: str, whose: str, *, times: int, seconds: int) -> bool:
    """Whether this is at most the ``times``-th try within ``seconds`` from the first.

    Counted in this process's memory, so n processes allow n times as many, unless CACHE_URL names
    a server that all share: enough for what costs much. What could be guessed is counted with
    ``allows_guess``.
    """
    calls, key = caches["calls"], _key(what, whose)
    if calls.add(key, 1, seconds):
        return True
    try:
        return calls.incr(key) <= times
    except ValueError:  # it ran out between the two calls
        calls.set(key, 1, seconds)
        return True


def allows_guess(what: str, whose: str, *, times: int, seconds: int) -> bool:
    """Whether one of ``times`` places for a try is free; each is free again after ``seconds``.

    Counted in the cache that all processes share. Taking a place is one atomic step, so tries at
    the same moment cannot share one. ``times`` should be small: that many keys are looked at.
    """
    keys = [f"{_key(what, whose)}:{place}" for place in range(times)]
    taken = cache.get_many(keys)
    return any(cache.add(key, 1, seconds) for key in keys if key not in taken)


def _key(what: str, whose: str) -> str:
    return "throttle:" + hashlib.sha256(f"{what}:{whose}".encode()).hexdigest()


def visitor(request: HttpRequest) -> str:
    """The address that a try is counted against; behind a proxy see ``ProxyMiddleware``."""
    return str(request.META.get("REMOTE_ADDR", ""))
