"""A log that legitimately ends before a stored head, as after a backup was restored."""

from django.utils.translation import gettext as _

from audit.errors import AuditError, AuditInputError
from audit.services import Actor, audit_details, audited, head_files


@audited("audit_heads_set_aside")
def accept_restored_log(*, by: Actor, reason: str) -> int:
    """Set the stored heads aside; the newest of them and the reason are audited.

    Raises AuditError: ``reason_missing``, ``nothing_kept``.
    """
    if not reason.strip():
        raise AuditInputError(
            "reason_missing", _("Give the reason why the audit log legitimately starts again.")
        )
    newest = head_files.newest_head_file()
    if newest is None:
        raise AuditError(
            "no_head_stored", _("No head of the audit log is stored outside the database.")
        )
    audit_details(
        reason=reason.strip()[:250],
        head=newest.hash,
        number=newest.number,
        length=newest.length,
        files=head_files.set_aside(),
    )
    return newest.length
