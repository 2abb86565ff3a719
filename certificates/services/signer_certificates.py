"""Certificates of signers outside: read, entered for an issuing body, ended."""

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates.errors import CertificateError, CertificateInputError
from certificates.models import IssuingBody, SignerCertificate
from certificates.returned.parsers import LARGEST_CERTIFICATE, read_signer_certificate
from common import bounded, clock, formats
from common.constraints import violation_as


def read_certificate(content: bytes) -> SignerCertificate:
    """The certificate in an uploaded file (PEM or DER) as an unsaved row, which nobody trusts.

    Errors: ``file_too_large``, ``certificate_expired``, those of ``read_signer_certificate``;
    BoundedError.
    """
    if len(content) > LARGEST_CERTIFICATE:
        raise CertificateError(
            "file_too_large", _("The file is larger than 64 kB; certificates are always smaller.")
        )
    found = SignerCertificate(**bounded.run(read_signer_certificate, content))
    if found.valid_to < clock.now():
        message = _("This certificate expired on %(day)s. Ask the signer for the current one.")
        values = {"day": formats.instant(found.valid_to)}
        raise CertificateError("certificate_expired", message % values)
    return found


@audited("signer_certificate_entered")
def enter_certificate(
    *, by: Actor, body: IssuingBody, certificate: SignerCertificate
) -> SignerCertificate:
    """Trust a signer's certificate, or an authority's, to sign for an issuing body outside.

    Error: ``already_entered``.
    """
    certificate.body, certificate.entered_by = body, by.label[:200]
    certificate.entered_at = clock.now()
    already = _("This certificate has already been added for %(body)s.") % {"body": body.name}
    with violation_as(CertificateError, "already_entered", already), transaction.atomic():
        certificate.save(force_insert=True)
    audit_details(
        body=body.pk, fingerprint=certificate.fingerprint, authority=certificate.is_authority
    )
    return certificate


@audited("signer_certificate_ended")
def end_certificate(*, by: Actor, entry: SignerCertificate, reason: str) -> SignerCertificate:
    """Trust a certificate no longer; files accepted with it stay valid.

    Errors: ``reason_missing``, ``already_ended``.
    """
    if not reason.strip():
        message = _("Give the reason why the certificate is no longer trusted.")
        raise CertificateInputError("reason_missing", message)
    ended = SignerCertificate.objects.in_force().filter(pk=entry.pk)
    facts = {"ended_at": clock.now(), "ended_by": by.label[:200], "end_reason": reason.strip()}
    if not ended.update(**facts):
        raise CertificateError("already_ended", _("This certificate is already no longer trusted."))
    entry.refresh_from_db()
    audit_details(body=entry.body_id, fingerprint=entry.fingerprint, reason=entry.end_reason)
    return entry
