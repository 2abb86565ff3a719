"""Putting entries into the chain of hashes, and signing its end."""

import hashlib
from functools import partial

import rfc8785
from django.conf import settings
from django.db import connection, transaction

from audit.errors import AuditError
from audit.models import AuditEntry, AuditHead, AuditSeal
from audit.services import head_files
from audit.signing import SignedHead, is_key_known, is_signature_valid, sign
from common import clock
from common.advisory_locks import lock_until_commit
from common.deferred_messages import DeferredMessage as _

SEAL_BATCH = 5_000
GENESIS = "00" * 32
_SEALING_LOCK = 699_2024


def link(previous: str, entry: AuditEntry) -> str:
    return hashlib.sha256(
        bytes.fromhex(previous) + rfc8785.dumps(entry.sealed_content())
    ).hexdigest()


def lock_sealing() -> None:
    lock_until_commit(_SEALING_LOCK)


@transaction.atomic
def seal_pending() -> int:
    """Append unsealed entries to the chain and sign its end; returns how many.

    Raises AuditError (see ``require_continuity``): a chain that was cut is not signed again.
    """
    lock_sealing()
    pending = list(AuditEntry.objects.filter(seal=None).order_by("id")[:SEAL_BATCH])
    if not pending:
        return 0
    last = newest_head()
    require_continuity(last)
    previous, seals = last.hash if last else GENESIS, []
    for entry in pending:
        previous = link(previous, entry)
        seals.append(AuditSeal(entry=entry, chain_hash=previous))
    # One by one in order: the position in the chain follows from the primary key.
    AuditSeal.objects.bulk_create(seals)
    head = sign(
        number=last.number + 1 if last else 1,
        length=(last.length if last else 0) + len(seals),
        chain_hash=previous,
        sealed_at=clock.now().astimezone(clock.UTC).isoformat(),
    )
    head.as_row().save(force_insert=True)
    transaction.on_commit(partial(head_files.write_head, head))
    return len(seals)


def newest_head() -> SignedHead | None:
    row = AuditHead.objects.order_by("-number").first()
    return SignedHead.of(row) if row else None


def head_for_documents() -> SignedHead | None:
    head = newest_head()
    if head is None:
        seal_pending()
        head = newest_head()
    return head


def require_continuity(last: SignedHead | None) -> None:
    """Refuse to continue from an end that is not the signed one.

    Raises AuditError: ``unsigned_end``, ``key_unknown``, ``signature_invalid``, ``log_cut``.
    """
    end = AuditSeal.objects.order_by("-id").values_list("chain_hash", flat=True).first()
    if end != (last.hash if last else None):
        message = _(
            "The end of the audit log does not match its last signed head: run verify_audit."
        )
        raise AuditError("unsigned_end", message)
    if last and not is_key_known(last):
        message = _(
            "The audit log was signed with the key %(key)s, which is unknown here: add "
            "it to AUDIT_PUBLIC_KEYS."
        )
        raise AuditError("key_unknown", message % {"key": last.key})
    if last and not is_signature_valid(last):
        message = _("The signature at the end of the audit log is not valid: run verify_audit.")
        raise AuditError("signature_invalid", message)
    _require_stored_head(last)


def _require_stored_head(last: SignedHead | None) -> None:
    stored = head_files.newest_head_file()
    if stored is None:
        return
    if is_new_development_database():
        head_files.set_aside()
        return
    if not AuditHead.objects.filter(number=stored.number, chain_hash=stored.hash).exists():
        message = _(
            "The audit log does not contain head number %(number)s, which is stored "
            "outside the database: run verify_audit."
        )
        raise AuditError("log_cut", message % {"number": stored.number})


def is_new_development_database() -> bool:
    """Never sealed before: with DEBUG=1 databases are made again and again."""
    if not settings.DEBUG or AuditSeal.objects.exists():
        return False
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT is_called FROM audit_auditseal_id_seq")
        else:
            cursor.execute("SELECT seq > 0 FROM sqlite_sequence WHERE name = 'audit_auditseal'")
        used = cursor.fetchone()
    return not (used and used[0])


# Reading --------------------------------------------------------------------------------


def chain_length() -> tuple[int, int]:
    return AuditSeal.objects.count(), AuditEntry.objects.filter(seal=None).count()


def is_as_sealed(entry: AuditEntry) -> bool | None:
    """None while unsealed. Needs ``with_links``."""
    seal: AuditSeal | None = getattr(entry, "seal", None)
    if seal is None:
        return None
    before: str = getattr(entry, "hash_before", None) or GENESIS
    return link(before, entry) == seal.chain_hash
