"""How often somebody may try something that could be guessed or that costs much.

Every limit is a ``Limit`` in an app's ``limits.py`` and is listed in ``declared``. It names, for
each part of what is tried at, the function that brings it into the form that the rule compares:
another spelling of a name must not have a count of its own.
"""

import hashlib
import ipaddress
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.db import connection, transaction
from django.http import HttpRequest

logger = logging.getLogger(__name__)

# From what was typed, or a row that was found by it, to the form in which it is compared.
Canonical = Callable[[Any], str]

declared: dict[str, "Limit"] = {}
_COUNTS = 10**9


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a limit is used: ``reset`` seconds from now it is whole again."""

    limit: int
    remaining: int
    reset: int
    is_allowed: bool


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most ``times`` tries at one target within ``seconds``.

    ``target``: what is tried at, each part by its canonical form. ``by_visitor``: every visitor has
    a count of their own; without it a stranger can use up everybody's tries. ``is_guess``: counted
    where all processes see it (``allows_guess``). ``ipv6_prefix``: how large a network counts as
    one visitor.
    """

    name: str
    times: int | Callable[[], int]
    seconds: int
    by_visitor: bool
    target: tuple[Canonical, ...] = ()
    is_guess: bool = False
    ipv6_prefix: int = 64

    def __post_init__(self) -> None:
        if not self.by_visitor and not self.target:
            raise ValueError(f"the limit {self.name!r} counts nobody and nothing")
        if self.name in declared:
            raise ValueError(f"two limits are named {self.name!r}")
        declared[self.name] = self

    def allows(self, request: HttpRequest | None, *target: Any) -> bool:
        times = self.times() if callable(self.times) else self.times
        count = allows_guess if self.is_guess else allows
        whose = self.whose(request, *target)
        is_allowed = count(self.name, whose, times=times, seconds=self.seconds)
        if not is_allowed:
            self._log_refusal(request, whose)
        return is_allowed

    def use(self, request: HttpRequest, *target: Any) -> Usage:
        """Count this try and say how many are left; not for limits of guesses."""
        if self.is_guess:
            raise ValueError(f"how many guesses are left of {self.name!r} is nobody's business")
        times = self.times() if callable(self.times) else self.times
        whose = self.whose(request, *target)
        count, reset = counted(self.name, whose, seconds=self.seconds)
        if count > times:
            self._log_refusal(request, whose)
        return Usage(times, max(0, times - count), reset, count <= times)

    def _log_refusal(self, request: HttpRequest | None, whose: str) -> None:
        # Who and what was tried at stands there as a digest: it may be a name.
        sender = address(request) if request else "the server"
        logger.warning("too many %s from %s: %s", self.name, sender, _key(self.name, whose)[-12:])

    def whose(self, request: HttpRequest | None, *target: Any) -> str:
        parts = [canonical(value) for canonical, value in zip(self.target, target, strict=True)]
        if self.by_visitor and request is None:
            raise ValueError(f"the limit {self.name!r} counts visitors")
        sender = visitor(request, self.ipv6_prefix) if self.by_visitor and request else ""
        return json.dumps([sender, *parts])


def _store_error() -> type[Exception]:
    # Looked up only once something has failed: loading the library takes a tenth of a start.
    from redis.exceptions import RedisError

    return RedisError


def key_of_row(key: int | None) -> str:
    return str(key)


def allows(what: str, whose: str, *, times: int, seconds: int) -> bool:
    """Whether this is at most the ``times``-th try within ``seconds`` from the first.

    Counted in this process's memory, so n processes allow n times as many, unless CACHE_URL names
    a server that all share: enough for what costs much. What could be guessed is counted with
    ``allows_guess``.
    """
    return counted(what, whose, seconds=seconds)[0] <= times


def counted(what: str, whose: str, *, seconds: int) -> tuple[int, int]:
    """The number of this try within ``seconds`` from the first, and the seconds that remain."""
    try:
        return _counted(_key(what, whose), seconds)
    except _store_error() as error:  # what costs much is not worth refusing everybody
        logger.warning("%s are not counted: %s", what, error)
        return 1, seconds


def _counted(key: str, seconds: int) -> tuple[int, int]:
    calls, now = caches["calls"], int(time.time())
    # One number holds both, so that counting stays one atomic step: the end, then the count.
    first = (now + seconds) * _COUNTS + 1
    if calls.add(key, first, seconds):
        return 1, seconds
    try:
        end, count = divmod(calls.incr(key), _COUNTS)
    except ValueError:  # it ran out between the two calls
        calls.set(key, first, seconds)
        return 1, seconds
    return count, min(seconds, max(1, end - now))


def allows_guess(what: str, whose: str, *, times: int, seconds: int) -> bool:
    """Whether one of ``times`` slots is free; each is free again after ``seconds``.

    Counted in the cache that all processes share. Taking a slot is one atomic step, so two tries
    at the same moment cannot share one. ``times`` should be small: that many keys are read.
    """
    keys = [f"{_key(what, whose)}:{slot}" for slot in range(times)]
    try:
        with _serialized(keys[0]):
            taken = cache.get_many(keys)
            return any(cache.add(key, 1, seconds) for key in keys if key not in taken)
    except _store_error() as error:  # nobody guesses uncounted
        logger.warning("no %s: they cannot be counted: %s", what, error)
        return False


@contextmanager
def _serialized(key: str) -> Iterator[None]:
    """The database cache replaces and deletes expired keys in two steps, which may interleave.

    On SQLite the transaction itself admits one writer.
    """
    if not isinstance(caches["default"], DatabaseCache):
        yield
        return
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        yield


def _key(what: str, whose: str) -> str:
    return "throttle:" + hashlib.sha256(f"{what}:{whose}".encode()).hexdigest()


def visitor(request: HttpRequest, ipv6_prefix: int = 64) -> str:
    """Whom a try is counted against: an IPv4 address, or the network of an IPv6 one.

    A customer of IPv6 has 2^64 addresses at least, and up to 2^16 such networks (a /48). Behind a
    proxy see ``ProxyMiddleware``.
    """
    text = address(request)
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((int(found), ipv6_prefix), strict=False))


def address(request: HttpRequest) -> str:
    text = str(request.META.get("REMOTE_ADDR", ""))
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return text
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return str(mapped or found)
