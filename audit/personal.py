"""What the audit log holds about people, column by column."""

from common.personal_fields import Impersonal

PERSONAL = (
    Impersonal(
        "audit.AuditEntry",
        "never rewritten: values enter as keyed digests, trainees by code or number, "
        "whoever acts in office by name",
    ),
    Impersonal("audit.AuditSeal", "hashes"),
    Impersonal("audit.AuditHead", "hashes and signatures"),
)
