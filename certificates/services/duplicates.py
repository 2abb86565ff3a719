"""A duplicate of a certificate that was lost: it repeats, where a reissue corrects.

Its number first, in one transaction; its file afterwards, by a job: it may need a time stamp.
"""

from dataclasses import replace

from django.db import transaction

from accounts.models import User
from audit.services import Actor, audit_details, audited_action
from certificates.choices import CertificateState, DuplicateState
from certificates.errors import CertificateError
from certificates.job_types import WRITE_DUPLICATE, DuplicatePayload
from certificates.models import Certificate, Duplicate
from certificates.services.corrections import require_reason
from certificates.services.documents import BuiltDocument, DocumentError
from certificates.services.issuance import CertificateBuilder, write_under
from certificates.services.stamping import with_time_stamps
from common import clock, formats
from common.dates import format_date
from common.deferred_messages import DeferredMessage as _
from jobs import services as jobs


def issue_duplicate(
    *, by: Actor, certificate: Certificate, reason: str, owner: User | None
) -> Duplicate:
    """Number what ``number_duplicate`` does; a job makes its file. Errors: the same."""
    with transaction.atomic():
        duplicate = number_duplicate(by=by, certificate=certificate, reason=reason)
        payload = DuplicatePayload(duplicate=duplicate.pk)
        duplicate.job = jobs.start(
            WRITE_DUPLICATE, payload=payload, owner=owner, by=by, ends_with_rights=False
        )
        duplicate.save(update_fields=["job"])
    return duplicate


def number_duplicate(*, by: Actor, certificate: Certificate, reason: str) -> Duplicate:
    """The next duplicate on record; or the last one, as it was recorded, if it has no file.

    Errors: ``not_live``, ``being_made`` while a job makes the last one, ``reason_missing``, those
    of the signing key.
    """
    _require_in_force(certificate)
    CertificateBuilder().key_id(certificate)
    with transaction.atomic():
        locked = _locked(certificate)
        last = locked.duplicates.select_related("job").last()
        if last is None or last.made_at:
            return _numbered(by, locked, reason)
        if last.state == DuplicateState.BEING_MADE:
            message = _("Duplicate %(number)s is still being made.") % {"number": last.number}
            raise CertificateError("being_made", message)
        return last


def may_repeat(certificate: Certificate) -> bool:
    is_made = bool(certificate.sha256) and certificate.erased_at is None
    return is_made and certificate.public_state == CertificateState.ISSUED


def _locked(certificate: Certificate) -> Certificate:
    """Error: ``not_live``, where it is no longer."""
    rows = Certificate.objects.select_for_update(of=("self",)).select_related("completion")
    locked = rows.get(pk=certificate.pk)
    _require_in_force(locked)
    return locked


def _require_in_force(certificate: Certificate) -> None:
    if not may_repeat(certificate):
        message = _("Only a valid certificate whose file was made can be duplicated.")
        raise CertificateError("not_live", message)


def _numbered(by: Actor, certificate: Certificate, reason: str) -> Duplicate:
    require_reason(reason, _("Say how the certificate was lost."))
    with audited_action("certificate_duplicated", by=by):
        duplicate = Duplicate.objects.create(
            certificate=certificate,
            number=certificate.duplicates.count() + 1,
            reason=reason.strip()[:250],
            issued_by=by.label,
        )
        audit_details(
            register_number=certificate.register_label,
            number=duplicate.number,
            reason=duplicate.reason,
        )
    return duplicate


# The file -------------------------------------------------------------------------------


def write_duplicate(duplicate: Duplicate) -> None:
    """Make and store the file, marked “Bản cấp lại lần N”, unless it is made already.

    Signed with today's key where the first one was signed with ours; else to be signed by hand.
    Errors: ``not_live``, those of ``render``, of the signing key and of ``with_time_stamps``.
    """
    if duplicate.made_at:
        return
    ((certificate, built),) = with_time_stamps([(duplicate.certificate, _built(duplicate))])
    if isinstance(built, DocumentError):
        raise built
    with transaction.atomic():
        _locked(certificate)
        duplicate.refresh_from_db()
        if duplicate.made_at:
            return  # somebody else was faster
        name = f"certificates/{certificate.year}/{duplicate.file_name}"
        duplicate.file.name, duplicate.sha256 = write_under(name, built.content)
        duplicate.made_at = clock.now()
        duplicate.save(update_fields=["file", "sha256", "made_at"])


def _built(duplicate: Duplicate) -> BuiltDocument:
    certificate, builder = duplicate.certificate, CertificateBuilder()
    _require_in_force(certificate)
    key_id = builder.key_id(certificate)
    source = replace(builder.source(certificate), mark=_mark(duplicate))
    return builder.builders()[key_id].build(source)


def _mark(duplicate: Duplicate) -> str:
    day = format_date(formats.local_day(duplicate.issued_at))
    return f"BẢN CẤP LẠI LẦN {duplicate.number}, NGÀY {day}"
