"""Documents signed outside: by token, HSM or the official signing programs.

The unsigned set goes out, the signed files come back. A file is accepted only if it is what was
issued, byte for byte, with nothing appended but invisible signatures over the whole, each by a
signer whose certificate is entered for the issuing body, and if its pages look the same as before
(``returned_files``).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited_action
from certificates.errors import CertificateError
from certificates.file_contents import code_in
from certificates.models import Certificate
from certificates.querysets import CertificateQuerySet
from certificates.services.bundles import archive_name
from certificates.services.issuance import CertificateBuilder, unsigned_form, write_file
from certificates.services.returned_files import (
    IssuedFile,
    required_signatures,
    required_trust,
)
from common import clock
from common.bounded.errors import BUSY, CRASHED, TOO_LARGE, TOO_LONG
from common.errors import DomainError
from courses.models import CourseRun

LARGEST_SIGNED = 3_000_000
# Each such file costs seconds: a form full of them would occupy a web thread for minutes.
_GIVEN_UP = {TOO_LONG, TOO_LARGE, CRASHED, BUSY}


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """The outcome for one returned file; ``code`` is empty where it was accepted."""

    name: str
    certificate: Certificate | None = None
    code: str = ""
    message: str = ""


def to_be_signed(run: CourseRun) -> CertificateQuerySet:
    waiting = Certificate.objects.awaiting_signature().exclude(unsigned_sha256="")
    return waiting.filter(completion__run=run).select_related("design").in_register_order()


def unsigned_set(run: CourseRun) -> Iterator[tuple[str, bytes]]:
    builder = CertificateBuilder()
    for certificate in to_be_signed(run):
        yield archive_name(certificate), unsigned_form(certificate, builder)


def accept_signed_files(*, by: Actor, files: Iterator[tuple[str, bytes]]) -> list[ReturnedFile]:
    """Check and store each file by itself: a wrong one holds up no other."""
    results: list[ReturnedFile] = []
    for name, content in files:
        if any(one.code in _GIVEN_UP for one in results):
            message = _(
                "It was not read, because a previous file used too many resources. Send it again."
            )
            results.append(ReturnedFile(name, code="not_read", message=message))
        else:
            results.append(_accept_one(name, content, by=by))
    return results


def _accept_one(name: str, content: bytes, *, by: Actor) -> ReturnedFile:
    try:
        return ReturnedFile(name, accept_signed_file(by=by, content=content))
    except DomainError as error:
        return ReturnedFile(name, code=error.code, message=error.message)


def accept_signed_file(
    *, by: Actor, content: bytes, expected: Certificate | None = None
) -> Certificate:
    """Store the signed form of a certificate that waits for it.

    Errors: ``file_too_large``, ``not_ours``, ``other_certificate`` (where ``expected`` is another
    one), ``not_waiting``, ``not_what_was_issued``, ``visible_signature``, ``not_signed``,
    ``unknown_signer``, ``signer_ended``, ``signer_expired``, ``signer_revoked``,
    ``wrong_moment``; BoundedError.
    """
    # All parsing comes before the transaction: it may take seconds.
    if len(content) > LARGEST_SIGNED:
        message = _("The file is larger than %(limit)d MB; certificates are always smaller.")
        raise CertificateError("file_too_large", message % {"limit": LARGEST_SIGNED // 10**6})
    certificate = _named_in(content)
    if expected is not None and certificate != expected:
        message = _("The file is certificate %(number)s, not %(expected)s.")
        values = {
            "number": certificate.register_label, "expected": expected.register_label
        }  # fmt: skip
        raise CertificateError("other_certificate", message % values)
    _require_waiting(certificate, Certificate.objects.all())
    signatures = required_signatures(_issued(certificate), content)
    with audited_action("signed_certificate_accepted", by=by):
        _require_waiting(certificate, Certificate.objects.select_for_update(of=("self",)))
        entered = [required_trust(_issued(certificate), signature) for signature in signatures]
        certificate.file, certificate.sha256 = write_file(certificate, content)
        certificate.signed_at, certificate.trusted_by = clock.now(), entered[-1]
        certificate.outside_signer = "; ".join(one["signer"] for one in signatures)[:250]
        fields = ["file", "sha256", "signed_at", "trusted_by", "outside_signer"]
        certificate.save(update_fields=fields)
        audit_details(
            register_number=certificate.register_label,
            sha256=certificate.sha256,
            signers=[one["fingerprint"] for one in signatures],
        )
    return certificate


def _require_waiting(certificate: Certificate, certificates: CertificateQuerySet) -> None:
    if not certificates.awaiting_signature().filter(pk=certificate.pk).exists():
        message = _("Certificate %(number)s is not waiting for a signature.")
        raise CertificateError("not_waiting", message % {"number": certificate.register_label})


def _issued(certificate: Certificate) -> IssuedFile:
    return IssuedFile(
        label=certificate.register_label,
        body=certificate.signer.body,
        sha256=certificate.unsigned_sha256,
        size=certificate.unsigned_size,
        issued_at=certificate.issued_at,
    )


def _named_in(content: bytes) -> Certificate:
    code = code_in(content)
    certificates = Certificate.objects.select_related("signer__body")
    found = certificates.filter(verification_code=code).first() if code else None
    if found is None:
        raise CertificateError(
            "not_ours", _("The file does not contain the code of any certificate issued here.")
        )
    return found
