"""Walking the whole chain: is every entry, seal and signed head as it was, and is none missing?"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.db.models import Count, Max, Min

from audit.models import AuditEntry, AuditHead, AuditSeal
from audit.services.seals import GENESIS, is_new_development_database, link
from audit.services.stored_heads import Comparison, StoredHead, compare, stored_heads_found
from audit.signing import SignedHead, is_key_known, is_signature_valid
from common import clock
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.time_stamps import covers

# A long action writes its entry at its end, and sealing follows within seconds.
SEALED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Problem:
    code: str
    message: DeferredMessage

    def to_json(self) -> dict[str, str]:
        return {"code": self.code, "message": str(self.message)}


@dataclass(frozen=True, slots=True)
class Verification:
    """Result of walking the chain; ``broken_at`` is the id of the first bad entry.

    ``overdue`` entries have waited too long for their seal, which is no proof of a change.
    """

    sealed: int
    unsealed: int
    broken_at: int | None
    head: str
    overdue: int = 0
    signed: SignedHead | None = None
    problems: tuple[Problem, ...] = ()
    compared: tuple[Comparison, ...] = ()

    @property
    def intact(self) -> bool:
        return not self.problems


@dataclass(slots=True)
class _Walk:
    sealed: int = 0
    head: str = GENESIS
    broken_at: int | None = None
    last_entry: int = 0
    hash_at: dict[int, str] = field(default_factory=dict)
    position_of: dict[str, int] = field(default_factory=dict)


def verify(*, stored: Sequence[StoredHead] = (), every_signature: bool = True) -> Verification:
    """Recompute the chain from its first seal and compare it with every stored head.

    ``stored`` are heads that somebody provides. Without ``every_signature`` only the last one is
    verified: it covers all entries before it.
    """
    # In this order: what is written meanwhile is not missed, since a batch commits as a whole.
    own = [] if is_new_development_database() else list(stored_heads_found())
    outside = [*own, *stored]
    end = AuditSeal.objects.aggregate(end=Max("id"))["end"] or 0
    heads = [SignedHead.of(row) for row in AuditHead.objects.order_by("number")]
    wanted: list[SignedHead | StoredHead] = [*heads, *outside]
    walk = _walk(end, {head.length for head in wanted}, {head.hash for head in wanted})
    total = AuditSeal.objects.count()
    compared = [compare(one, walk.hash_at, walk.position_of, total) for one in outside]
    problems = [
        *_changed(walk),
        *_missing(heads),
        *_of_heads(heads, walk, total),
        *_unsigned_end(heads, walk),
        *_signatures(heads if every_signature else heads[-1:]),
        *(_time_stamps() if every_signature else ()),
        *_of_entries(walk, heads),
        *_of_stored_heads(compared[: len(own)]),
    ]
    waiting = AuditEntry.objects.filter(seal=None)
    late = waiting.filter(at__lt=clock.now() - SEALED_WITHIN).count() if walk.sealed else 0
    return Verification(
        sealed=walk.sealed,
        unsealed=waiting.count(),
        broken_at=walk.broken_at,
        head=walk.head if walk.sealed else "",
        overdue=late,
        signed=heads[-1] if heads else None,
        problems=tuple(problems),
        compared=tuple(compared[len(own) :]),
    )


def _walk(end: int, positions: Container[int | None], hashes: Container[str]) -> _Walk:
    # Of a chain of millions, only what a head names is remembered.
    walk = _Walk()
    seals = AuditSeal.objects.filter(pk__lte=end).select_related("entry").order_by("id")
    for seal in seals.iterator():
        expected = link(walk.head, seal.entry)
        if seal.chain_hash != expected:
            walk.broken_at = seal.entry_id
            break
        walk.head, walk.sealed = expected, walk.sealed + 1
        walk.last_entry = max(walk.last_entry, seal.entry_id)
        if walk.sealed in positions:
            walk.hash_at[walk.sealed] = expected
        if expected in hashes:
            walk.position_of[expected] = walk.sealed
    return walk


def _changed(walk: _Walk) -> Iterable[Problem]:
    if walk.broken_at is not None:
        message = _("The audit log was changed: entry %(entry)s does not match its seal.")
        yield Problem("entry_changed", message % {"entry": walk.broken_at})


def _missing(heads: Sequence[SignedHead]) -> Iterable[Problem]:
    for expected, head in enumerate(heads, start=1):
        if head.number != expected:
            message = _("The signed head number %(number)s is missing.")
            yield Problem("head_missing", message % {"number": expected})
            return


def _of_heads(heads: Sequence[SignedHead], walk: _Walk, total: int) -> Iterable[Problem]:
    for head in heads:
        what = {"number": head.number, "length": head.length, "sealed": total}
        if head.length > total:
            message = _(
                "The audit log was cut: head number %(number)s covers %(length)s "
                "entries, but only %(sealed)s are left."
            )
            yield Problem("log_cut", message % what)
            return
        if walk.hash_at.get(head.length, head.hash) != head.hash:
            message = _(
                "The audit log was rebuilt: after %(length)s entries the chain does not "
                "match signed head number %(number)s."
            )
            yield Problem("head_differs", message % what)
            return


def _unsigned_end(heads: Sequence[SignedHead], walk: _Walk) -> Iterable[Problem]:
    signed = max((head.length for head in heads), default=0)
    if walk.broken_at is None and walk.sealed > signed:
        message = _("Sealed entries at the end that no signed head covers: %(count)s.")
        yield Problem("unsigned_end", message % {"count": walk.sealed - signed})


def _signatures(heads: Sequence[SignedHead]) -> Iterable[Problem]:
    for head in heads:
        what: dict[str, str | int] = {"number": head.number, "key": head.key}
        if not is_key_known(head):
            message = _("Head number %(number)s is signed with the unknown key %(key)s.")
            yield Problem("key_unknown", message % what)
            return
        if not is_signature_valid(head):
            message = _("The signature of head number %(number)s is not valid.")
            yield Problem("signature_invalid", message % what)
            return


def _time_stamps() -> Iterable[Problem]:
    for row in AuditHead.objects.exclude(time_stamp=None).order_by("number"):
        if not covers(bytes(row.time_stamp or b""), SignedHead.of(row).digest()):
            message = _("The time stamp of head number %(number)s belongs to something else.")
            yield Problem("time_stamp_differs", message % {"number": row.number})
            return


def _of_entries(walk: _Walk, heads: Sequence[SignedHead]) -> Iterable[Problem]:
    """No entry is missing, and none was skipped while later ones were sealed."""
    found = AuditEntry.objects.aggregate(first=Min("id"), last=Max("id"), rows=Count("id"))
    # PostgreSQL leaves gaps where an action was rolled back, SQLite takes the numbers back.
    if connection.vendor == "sqlite" and found["rows"]:
        missing = found["last"] - found["first"] + 1 - found["rows"]
        if missing:
            message = _("Entry numbers missing from the audit log: %(count)s.")
            yield Problem("entries_missing", message % {"count": missing})
    if heads:
        since = AuditHead.objects.order_by("-number").values_list("sealed_at", flat=True)[0]
        left_out = AuditEntry.objects.filter(
            seal=None, pk__lt=walk.last_entry, at__lt=since - SEALED_WITHIN
        )
        if entry := left_out.order_by("pk").values_list("pk", flat=True).first():
            message = _("Entry %(entry)s was skipped when later entries were sealed.")
            yield Problem("entry_left_out", message % {"entry": entry})


def _of_stored_heads(compared: Iterable[Comparison]) -> Iterable[Problem]:
    for one in compared:
        if not one.is_present:
            yield Problem(f"kept_head_{one.state}", one.message)
