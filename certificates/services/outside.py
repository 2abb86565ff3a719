"""Documents signed outside: by token, HSM or the official signing programs.

The unsigned set goes out, the signed files come back. A file is taken only if it is what was
issued, byte for byte, with nothing appended but an intact signature over the whole.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from certificates.errors import CertificateError
from certificates.models import Certificate
from certificates.querysets import CertificateQuerySet
from certificates.reading import added_only_signatures, bearing, signatures_of
from certificates.services.bundles import named_file
from certificates.services.issuing import Press, keep_file, unsigned_form
from common import clock
from common.errors import DomainError
from courses.models import CourseRun

LARGEST_SIGNED = 3_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file that came back; ``code`` is empty where it was taken."""

    name: str
    certificate: Certificate | None = None
    code: str = ""
    message: str = ""


def to_be_signed(run: CourseRun) -> CertificateQuerySet:
    """The run's certificates that wait for a signature from outside."""
    waiting = Certificate.objects.waiting_for_a_signature().exclude(unsigned_sha256="")
    return waiting.filter(completion__run=run).select_related("design").in_register_order()


def unsigned_set(run: CourseRun) -> Iterator[tuple[str, bytes]]:
    """Names and unsigned forms, made again one by one."""
    press = Press()
    for certificate in to_be_signed(run):
        yield named_file(certificate), unsigned_form(certificate, press)


def take_signed_files(*, by: Actor, files: Iterator[tuple[str, bytes]]) -> list[Taken]:
    """Take signed files back, each by itself: a wrong one holds up no other."""
    return [_take_one(name, content, by=by) for name, content in files]


def _take_one(name: str, content: bytes, *, by: Actor) -> Taken:
    try:
        return Taken(name, take_signed_file(by=by, content=content))
    except DomainError as error:
        return Taken(name, code=error.code, message=error.message)


@deed("signed_certificate_taken")
def take_signed_file(
    *, by: Actor, content: bytes, expected: Certificate | None = None
) -> Certificate:
    """Store the signed form of a certificate that waits for it.

    Errors: ``not_ours``, ``other_certificate`` (where ``expected`` is another one),
    ``not_waiting``, ``not_what_was_issued``, ``not_signed``, ``file_too_large``.
    """
    if len(content) > LARGEST_SIGNED:
        message = _("The file has more than %(limit)d MB; a certificate never has.")
        raise CertificateError("file_too_large", message % {"limit": LARGEST_SIGNED // 10**6})
    certificate = _named_in(content)
    if expected is not None and certificate != expected:
        message = _("The file is the certificate %(number)s, not %(expected)s.")
        values = {
            "number": certificate.register_label, "expected": expected.register_label
        }  # fmt: skip
        raise CertificateError("other_certificate", message % values)
    locked = Certificate.objects.waiting_for_a_signature().select_for_update(of=("self",))
    if not locked.filter(pk=certificate.pk).exists():
        message = _("The certificate %(number)s does not wait for a signature.")
        raise CertificateError("not_waiting", message % {"number": certificate.register_label})
    _require_what_was_issued(certificate, content)
    with transaction.atomic():
        keep_file(certificate, content)
        certificate.signed_at = clock.now()
        certificate.save(update_fields=["file", "sha256", "signed_at"])
    note(register_number=certificate.register_label, sha256=certificate.sha256)
    return certificate


def _named_in(content: bytes) -> Certificate:
    code = bearing(content)
    found = Certificate.objects.filter(verification_code=code).first() if code else None
    if found is None:
        raise CertificateError("not_ours", _("The file bears no code of a certificate of ours."))
    return found


def _require_what_was_issued(certificate: Certificate, content: bytes) -> None:
    values = {"number": certificate.register_label}
    issued = content[: certificate.unsigned_size]
    if hashlib.sha256(issued).hexdigest() != certificate.unsigned_sha256:
        message = _(
            "The file is not what was issued as %(number)s: sign the file as it was downloaded, "
            "without saving it anew."
        )
        raise CertificateError("not_what_was_issued", message % values)
    reports = signatures_of(content)
    if not reports:
        raise CertificateError("not_signed", _("The file %(number)s bears no signature.") % values)
    if not (reports[-1].whole and all(report.intact for report in reports)):
        message = _("The signature on %(number)s is not intact or does not cover the whole file.")
        raise CertificateError("not_signed", message % values)
    if not added_only_signatures(issued, content):
        message = _("More than a signature was added to %(number)s.")
        raise CertificateError("not_what_was_issued", message % values)
