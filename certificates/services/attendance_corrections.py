"""Confirmations of attendance after issuing: revoke, replace, find by code or file."""

import datetime as dt
import hashlib

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited, audited_action
from certificates.choices import Register
from certificates.errors import CertificateError
from certificates.models import AttendanceConfirmation
from certificates.querysets import ConfirmationQuerySet
from certificates.services.attendance import entitled, numbered, signer_of, start_writing
from certificates.services.corrections import end, require_reason, retire
from certificates.services.printed_numbers import NumberKind, PrintedNumber, is_holder
from certificates.services.register_numbers import locked_year
from certificates.services.verification import normalised_code
from enrollment.services.completion import AttendanceRecord, attendance_records


@audited("attendance_confirmation_revoked")
def revoke_confirmation(
    *, by: Actor, confirmation: AttendanceConfirmation, reason: str
) -> AttendanceConfirmation:
    """Errors: ``reason_missing``, ``not_live``."""
    require_reason(reason, _("Give the reason for revoking the confirmation."))
    end(AttendanceConfirmation.objects.filter(pk=confirmation.pk), reason)
    confirmation.refresh_from_db()
    audit_details(register_number=confirmation.register_label)
    return confirmation


def replace_confirmation(
    *, by: Actor, confirmation: AttendanceConfirmation, reason: str, owner: User | None = None
) -> AttendanceConfirmation:
    """Issue a corrected one under a new number, from today's attendance; each names the other.

    Errors: ``reason_missing``, ``not_live``, ``nothing_attended``, those of ``entitled`` and
    ``issuing_signer``.
    """
    require_reason(reason, _("State what is being corrected."))
    run = confirmation.enrollment.run
    signer = signer_of(run)
    with audited_action("attendance_confirmation_replaced", by=by):
        with locked_year(Register.CONFIRMATIONS) as counter:
            retire(AttendanceConfirmation.objects.filter(pk=confirmation.pk), reason)
            successor = numbered(_present_record(confirmation), counter, signer)
            successor.save()
        AttendanceConfirmation.objects.filter(pk=confirmation.pk).update(superseded_by=successor)
        audit_details(superseded=confirmation.register_label, successor=successor.register_label)
    start_writing(by=by, run=run, owner=owner)
    return successor


def _present_record(confirmation: AttendanceConfirmation) -> AttendanceRecord:
    """As a batch asks for it: marks and results may have changed since."""
    rows = entitled(confirmation.enrollment.run).filter(pk=confirmation.enrollment_id)
    for record in attendance_records(rows):
        return record
    message = _(
        "This person attended no session of the class, completed it, or was erased: there is "
        "nothing to confirm. Revoke this confirmation instead."
    )
    raise CertificateError("nothing_attended", message)


def confirmation_with_code(text: str) -> AttendanceConfirmation | None:
    return _shown().filter(verification_code=normalised_code(text)).first()


def confirmation_with_number(
    number: PrintedNumber, *, full_name: str, birth: dt.date | int
) -> AttendanceConfirmation | None:
    """As ``verify_number``: only where number, name and birth fit together."""
    if number.kind != NumberKind.REGISTER:
        return None
    found = _shown().filter(number.wanted).first()
    return found if is_holder(found.printed if found else {}, full_name, birth) else None


def confirmation_of_file(content: bytes) -> AttendanceConfirmation | None:
    return _shown().filter(sha256=hashlib.sha256(content).hexdigest()).first()


def _shown() -> ConfirmationQuerySet:
    return AttendanceConfirmation.objects.select_related("superseded_by", "supersedes")
