"""A log that rightly ends earlier than a kept head, as after a backup was restored."""

from django.utils.translation import gettext as _

from audit.errors import RecordError, RecordInputError
from audit.services import outside
from audit.services.recording import Actor, audit_details, audited


@audited("audit_heads_set_aside")
def begin_again(*, by: Actor, reason: str) -> int:
    """Put the heads kept outside aside; the newest of them and the reason go on record.

    Raises RecordError: ``reason_missing``, ``nothing_kept``.
    """
    if not reason.strip():
        raise RecordInputError("reason_missing", _("Say why the audit log rightly begins again."))
    newest = outside.newest_outside()
    if newest is None:
        raise RecordError("nothing_kept", _("No head of the audit log is kept outside."))
    audit_details(
        reason=reason.strip()[:250],
        head=newest.hash,
        number=newest.number,
        length=newest.length,
        files=outside.set_aside(),
    )
    return newest.length
