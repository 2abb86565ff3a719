"""Recording deeds: one entry per outermost deed, in the deed's own transaction."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import rfc8785
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.errors import RecordError
from audit.models import AuditEntry, AuditSeal
from audit.querysets import AuditEntryQuerySet
from audit.sheets import record_columns, record_rows
from common.encryption import keyed_digest
from common.spreadsheets import write_csv, write_xlsx
from common.steps import step

P = ParamSpec("P")
R = TypeVar("R")

SEAL_BATCH = 5_000
MOST_EXPORTED = 1_000_000  # a sheet of a workbook holds 1,048,576 rows
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
            with _notes() as (notes, outermost), step():
                result = service(*args, **kwargs)
                if outermost:
                    AuditEntry.objects.create(
                        deed=name, actor_id=actor.id, actor_label=actor.label, details=notes
                    )
            return result

        performed.deed = name  # type: ignore[attr-defined]  # a mark put on the function
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


# Reading --------------------------------------------------------------------------------


def chain_length() -> tuple[int, int]:
    """How many entries are sealed and how many wait, without walking the chain."""
    return AuditSeal.objects.count(), AuditEntry.objects.filter(seal=None).count()


def is_as_sealed(entry: AuditEntry) -> bool | None:
    """Whether an entry (of ``with_links``) still is what was sealed; None: it is not sealed yet."""
    seal: AuditSeal | None = getattr(entry, "seal", None)
    if seal is None:
        return None
    before: str = getattr(entry, "hash_before", None) or _GENESIS
    return _link(before, entry) == seal.chain_hash


@deed("audit_exported")
def export_record(
    *, by: Actor, entries: AuditEntryQuerySet, asked: dict[str, str], form: str
) -> Iterable[bytes]:
    """Entries as the pieces of a file; ``form`` is ``xlsx`` or ``csv``.

    The export goes on record with the question (its actor and object as digests: they may hold
    personal values) and the number of rows, which it does not hold itself.
    Raises RecordError ``too_many_rows``.
    """
    last = entries.aggregate(last=Max("pk"))["last"] or 0
    fixed = entries.filter(pk__lte=last).order_by("pk")
    rows = fixed.count()
    if rows > MOST_EXPORTED:
        raise RecordError(
            "too_many_rows",
            _("These are %(rows)s entries; an export holds %(most)s. Choose fewer days.")
            % {"rows": rows, "most": MOST_EXPORTED},
        )
    hidden = {name: digest(asked[name]) for name in ("actor", "about") if name in asked}
    note(rows=rows, form=form, **(asked | hidden))
    table = record_rows(fixed.select_related("seal").iterator(chunk_size=2_000))
    if form == "csv":
        return write_csv(record_columns(), table)
    return write_xlsx(record_columns(), table, sheet_name=_("Record of deeds"))
