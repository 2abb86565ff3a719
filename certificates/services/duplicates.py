"""A duplicate of a certificate that was lost: it repeats, where a reissue corrects."""

import hashlib
from dataclasses import replace

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited_action
from certificates.choices import CertificateState
from certificates.errors import CertificateError
from certificates.models import Certificate, Duplicate
from certificates.services.corrections import require_reason
from certificates.services.documents import DocumentBuilder
from certificates.services.issuance import CertificateBuilder
from common import clock, formats
from common.dates import format_date


def issue_duplicate(*, by: Actor, certificate: Certificate, reason: str) -> Duplicate:
    """The certificate as it was issued, marked “Bản cấp lại lần N” on the paper.

    Signed with today's key where the first one was signed with ours; else to be signed by hand.
    Errors: ``reason_missing``, ``not_live``, ``another_duplicate``, those of ``render`` and
    of the signing key.
    """
    require_reason(reason, _("Say how the certificate was lost."))
    _require_in_force(certificate)
    # Laying the page out takes a second: it comes before the transaction.
    duplicate = Duplicate(
        certificate=certificate,
        number=certificate.duplicates.count() + 1,
        reason=reason.strip()[:250],
        issued_at=clock.now(),
        issued_by=by.label,
    )
    content = _built(duplicate)
    duplicate.sha256 = hashlib.sha256(content).hexdigest()
    with audited_action("certificate_duplicated", by=by):
        locked = Certificate.objects.select_for_update(of=("self",)).select_related("completion")
        _require_in_force(locked.get(pk=certificate.pk))
        if certificate.duplicates.count() >= duplicate.number:
            message = _("Somebody issued another duplicate at the same moment; look at it first.")
            raise CertificateError("another_duplicate", message)
        duplicate.file.name = _stored(duplicate, content)
        duplicate.save()
        audit_details(
            register_number=certificate.register_label,
            number=duplicate.number,
            reason=duplicate.reason,
        )
    return duplicate


def may_repeat(certificate: Certificate) -> bool:
    is_made = bool(certificate.sha256) and certificate.erased_at is None
    return is_made and certificate.public_state == CertificateState.ISSUED


def _require_in_force(certificate: Certificate) -> None:
    if not may_repeat(certificate):
        message = _("Only a valid certificate whose file was made can be duplicated.")
        raise CertificateError("not_live", message)


def _built(duplicate: Duplicate) -> bytes:
    certificate, builder = duplicate.certificate, CertificateBuilder()
    key_id, source = builder.key_id(certificate), builder.source(certificate)
    sign_at = duplicate.issued_at if source.sign_at else None
    source = replace(source, mark=_mark(duplicate), sign_at=sign_at)
    return DocumentBuilder(key=builder.builders()[key_id].key).build(source).content


def _mark(duplicate: Duplicate) -> str:
    day = format_date(formats.local_day(duplicate.issued_at))
    return f"BẢN CẤP LẠI LẦN {duplicate.number}, NGÀY {day}"


def _stored(duplicate: Duplicate, content: bytes) -> str:
    certificate = duplicate.certificate
    name = f"certificates/{certificate.year}/{duplicate.file_name}"
    # A try that was interrupted may have left this file: replace it, else storage adds a suffix.
    default_storage.delete(name)
    return str(default_storage.save(name, ContentFile(content)))
