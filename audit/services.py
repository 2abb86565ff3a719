"""Recording deeds: one entry per outermost deed, in the deed's own transaction."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import rfc8785
from django.db import connection, transaction

from audit.models import AuditEntry, AuditSeal
from common.encryption import keyed_digest

P = ParamSpec("P")
R = TypeVar("R")

SEAL_BATCH = 5_000
_SEALING_LOCK = 699_2024


@dataclass(frozen=True)
class Actor:
    """Who does a deed, as the record keeps it."""

    id: int | None
    label: str


PROGRAMME_OFFICE = Actor(None, "programme office (command line)")
SYSTEM = Actor(None, "system")

# The notes of the deeds under way, outermost first.
_under_way: ContextVar[tuple[dict[str, Any], ...]] = ContextVar("deeds_under_way", default=())


@contextmanager
def _notes() -> Iterator[tuple[dict[str, Any], bool]]:
    outer = _under_way.get()
    notes: dict[str, Any] = {}
    token = _under_way.set((*outer, notes))
    try:
        yield notes, not outer
    finally:
        _under_way.reset(token)


def deed(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service atomic and put one entry on record if it is the outermost deed.

    The service takes ``by: Actor`` as a keyword and calls ``note`` for the details.
    A batch is one deed: the services that it calls add no entries of their own.
    """

    def decorate(service: Callable[P, R]) -> Callable[P, R]:
        @wraps(service)
        def performed(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = kwargs["by"]
            assert isinstance(actor, Actor)
            with _notes() as (notes, outermost), transaction.atomic():
                result = service(*args, **kwargs)
                if outermost:
                    AuditEntry.objects.create(
                        deed=name, actor_id=actor.id, actor_label=actor.label, details=notes
                    )
            return result

        performed.deed = name  # type: ignore[attr-defined]
        return performed

    return decorate


def note(**details: str | int | bool | list[Any] | None) -> None:
    """Add details to the entry of the deed under way; personal values only as digests."""
    if under_way := _under_way.get():
        under_way[-1].update(details)


def digest(value: str) -> str:
    """What stands in the record for a personal value: comparable, not readable."""
    return keyed_digest("audit", value)[:32]


def _link(previous: str, entry: AuditEntry) -> str:
    return hashlib.sha256(
        bytes.fromhex(previous) + rfc8785.dumps(entry.sealed_content())
    ).hexdigest()


_GENESIS = "00" * 32


@transaction.atomic
def seal_pending() -> int:
    """Put every entry without a seal at the end of the chain; how many were sealed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEALING_LOCK])
    last = AuditSeal.objects.order_by("-id").values_list("chain_hash", flat=True).first()
    previous = last or _GENESIS
    seals = []
    for entry in AuditEntry.objects.filter(seal=None).order_by("id")[:SEAL_BATCH]:
        previous = _link(previous, entry)
        seals.append(AuditSeal(entry=entry, chain_hash=previous))
    # One by one in order: the position in the chain is the primary key.
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


@dataclass(frozen=True)
class Verification:
    """What walking the chain found; ``broken_at`` is the id of the first bad entry.

    ``head`` is the last good hash: who keeps it elsewhere notices even a rewritten chain.
    """

    sealed: int
    unsealed: int
    broken_at: int | None
    head: str


def verify() -> Verification:
    """Recompute the whole chain from its first seal."""
    previous, sealed, broken_at = _GENESIS, 0, None
    for seal in AuditSeal.objects.select_related("entry").order_by("id").iterator():
        expected = _link(previous, seal.entry)
        if seal.chain_hash != expected:
            broken_at = seal.entry_id
            break
        previous, sealed = expected, sealed + 1
    unsealed = AuditEntry.objects.filter(seal=None).count()
    return Verification(sealed, unsealed, broken_at, previous if sealed else "")
