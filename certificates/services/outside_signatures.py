"""Documents signed outside: by token, HSM or the official signing programs.

The unsigned set goes out, the signed files come back. A file is accepted only if it is what was
issued, byte for byte, with nothing appended but invisible signatures over the whole, each by a
signer whose certificate is entered for the issuing body, and if its pages look the same as before.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from certificates.errors import CertificateError, CertificateInputError
from certificates.file_contents import code_in
from certificates.models import Certificate, SignerCertificate
from certificates.querysets import CertificateQuerySet
from certificates.returned.parsers import inspect_returned
from certificates.services.bundles import archive_name
from certificates.services.issuance import CertificateBuilder, attach_file, unsigned_form
from certificates.services.signer_certificates import grouped
from common import bounded, clock, formats
from common.bounded.errors import BUSY, CRASHED, TOO_LARGE, TOO_LONG
from common.errors import DomainError
from courses.models import CourseRun

LARGEST_SIGNED = 3_000_000
# A drawn signature changes the page, and leaves drafts of its drawing behind.
_OF_A_VISIBLE_SIGNATURE = {"visible_signature", "drawn_otherwise", "loose_object"}
# Each such file costs seconds: a form full of them would occupy a web thread for minutes.
_GIVEN_UP = {TOO_LONG, TOO_LARGE, CRASHED, BUSY}
CLOCKS_DIFFER = dt.timedelta(minutes=10)


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
    signatures = _required_signatures(certificate, content)
    return _accept(by=by, certificate=certificate, content=content, signatures=signatures)


@audited("signed_certificate_accepted")
def _accept(
    *, by: Actor, certificate: Certificate, content: bytes, signatures: list[dict[str, Any]]
) -> Certificate:
    _require_waiting(certificate, Certificate.objects.select_for_update(of=("self",)))
    entered = [_required_trust(certificate, signature) for signature in signatures]
    attach_file(certificate, content)
    certificate.signed_at = clock.now()
    certificate.trusted_by = entered[-1]
    certificate.outside_signer = "; ".join(one["signer"] for one in signatures)[:250]
    certificate.save(update_fields=["file", "sha256", "signed_at", "trusted_by", "outside_signer"])
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


def _named_in(content: bytes) -> Certificate:
    code = code_in(content)
    certificates = Certificate.objects.select_related("signer__body")
    found = certificates.filter(verification_code=code).first() if code else None
    if found is None:
        raise CertificateError(
            "not_ours", _("The file does not contain the code of any certificate issued here.")
        )
    return found


# What was added ---------------------------------------------------------------------------


def _required_signatures(certificate: Certificate, content: bytes) -> list[dict[str, Any]]:
    """The file's signatures, once nothing else was found to be added."""
    values = {"number": certificate.register_label}
    issued = content[: certificate.unsigned_size]
    if hashlib.sha256(issued).hexdigest() != certificate.unsigned_sha256:
        message = _(
            "The file does not match what was issued as %(number)s: sign the file as "
            "downloaded, without saving it again."
        )
        raise CertificateError("not_what_was_issued", message % values)
    entries = list(SignerCertificate.objects.filter(body=certificate.signer.body))
    found = bounded.run(
        inspect_returned,
        content,
        certificate.unsigned_size,
        [bytes(one.der) for one in entries if not one.is_authority],
        [bytes(one.der) for one in entries if one.is_authority and not one.ended_at],
    )
    if not found["signatures"]:
        message = _("The file %(number)s is not signed.")
        raise CertificateError("not_signed", message % values)
    _require_nothing_else(found["changes"], values)
    if not all(map(_holds, found["signatures"])) or not _covers_whole(found, content):
        message = _(
            "The signature on %(number)s is not intact or does not cover the whole file. "
            "Sign the file as downloaded, and change nothing afterwards."
        )
        raise CertificateError("not_signed", message % values)
    signatures: list[dict[str, Any]] = found["signatures"]
    return signatures


def _holds(signature: dict[str, Any]) -> bool:
    needed = ("intact", "covers", "respected", "is_document_signature")
    return all(signature[name] for name in needed)


def _covers_whole(found: dict[str, Any], content: bytes) -> bool:
    return bool(found["signatures"][-1]["end"] == len(content))


def _require_nothing_else(changes: list[str], values: dict[str, str]) -> None:
    if not changes:
        return
    if "visible_signature" in changes and set(changes) <= _OF_A_VISIBLE_SIGNATURE:
        message = _(
            "The signature on %(number)s is visible on the page. Sign without a visible "
            "signature field: the certificate already shows signature and seal."
        )
        raise CertificateError("visible_signature", message % values)
    words = _words_of_changes()
    what = ", ".join(dict.fromkeys(words[change] for change in changes))
    message = _(
        "More than a signature was added to %(number)s (%(what)s). Download the file "
        "again and sign it without any other change."
    )
    raise CertificateError("not_what_was_issued", message % (values | {"what": what}))


def _words_of_changes() -> dict[str, str]:
    added, file = _("other fields or actions"), _("the structure of the file")
    return {
        "active": added,
        "catalog": file,
        "damaged": file,
        "drawn_otherwise": _("the appearance of the page"),
        "form": added,
        "information": _("title or keywords"),
        "loose_object": _("hidden content"),
        "object": _("the content of the document"),
        "page": _("the page"),
        "unsigned_update": _("an unsigned change"),
        "visible_signature": _("a visible signature"),
    }


# Who signed -------------------------------------------------------------------------------


def _required_trust(certificate: Certificate, signature: dict[str, Any]) -> SignerCertificate:
    """The entered certificate that vouches for a signature."""
    values = {
        "number": certificate.register_label,
        "signer": signature["signer"],
        "body": certificate.signer.body.name,
        "fingerprint": grouped(signature["fingerprint"]),
    }
    entries = SignerCertificate.objects.filter(body=certificate.signer.body)
    ended = entries.filter(fingerprint=signature["fingerprint"], ended_at__isnull=False)
    open_entries = entries.in_force()
    if ended.exists() and not open_entries.filter(fingerprint=signature["fingerprint"]).exists():
        _refuse_ended(ended[0], values)
    entry = open_entries.filter(fingerprint=signature["trusted_by"] or "-").first()
    if not signature["in_term"]:
        message = _(
            "%(number)s was signed by %(signer)s on a day when that certificate was not "
            "valid. Sign it again with a valid one."
        )
        raise CertificateError("signer_expired", message % values)
    if signature["revoked"]:
        message = _(
            "%(number)s was signed by %(signer)s with a certificate that its authority has "
            "revoked. Have it signed with another one."
        )
        raise CertificateError("signer_revoked", message % values)
    if entry is None:
        message = _(
            "%(number)s was signed by %(signer)s, whose certificate has not been added "
            "for %(body)s. Verify its fingerprint by telephone and add it under Issuing "
            "bodies and signers: %(fingerprint)s."
        )
        raise CertificateInputError("unknown_signer", message % values)
    _require_moment(certificate, signature["signed_at"], values)
    return entry


def _refuse_ended(entry: SignerCertificate, values: dict[str, str]) -> None:
    message = _(
        "%(number)s was signed by %(signer)s with a certificate no longer trusted for "
        "%(body)s since %(day)s: %(reason)s. Have it signed with another one."
    )
    facts = {"day": formats.instant(entry.ended_at), "reason": entry.end_reason}
    raise CertificateError("signer_ended", message % (values | facts))


def _require_moment(
    certificate: Certificate, signed_at: dt.datetime | None, values: dict[str, str]
) -> None:
    """Refuse a signing time before the certificate was issued, or in the future."""
    if signed_at is None:
        return
    if not certificate.issued_at - CLOCKS_DIFFER <= signed_at <= clock.now() + CLOCKS_DIFFER:
        message = _(
            "According to the signature of %(signer)s, %(number)s was signed on %(day)s, "
            "which is before it was created or in the future. Set the clock of the "
            "signing computer and sign again."
        )
        facts = {"day": formats.instant(signed_at)}
        raise CertificateError("wrong_moment", message % (values | facts))
