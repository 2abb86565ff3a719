"""The audit log: recording, sealing, verifying."""

from audit.services.exporting import export_record
from audit.services.recording import (
    PROGRAMME_OFFICE,
    SYSTEM,
    Actor,
    audit_details,
    audited,
    digest,
)
from audit.services.sealing import chain_length, is_as_sealed, newest_head, seal_pending
from audit.services.verifying import verify

__all__ = [
    "PROGRAMME_OFFICE",
    "SYSTEM",
    "Actor",
    "audit_details",
    "audited",
    "chain_length",
    "digest",
    "export_record",
    "is_as_sealed",
    "newest_head",
    "seal_pending",
    "verify",
]
