"""The audit log: recording, sealing, verifying."""

from audit.services.actions import (
    PROGRAMME_OFFICE,
    SYSTEM,
    Actor,
    audit_details,
    audited,
    audited_action,
    digest,
)
from audit.services.exports import export_audit_log
from audit.services.seals import chain_length, is_as_sealed, newest_head, seal_pending
from audit.services.verification import verify

__all__ = [
    "PROGRAMME_OFFICE",
    "SYSTEM",
    "Actor",
    "audit_details",
    "audited",
    "audited_action",
    "chain_length",
    "digest",
    "export_audit_log",
    "is_as_sealed",
    "newest_head",
    "seal_pending",
    "verify",
]
