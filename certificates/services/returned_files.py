"""What comes back from a signer outside: the issued file, with trusted signatures alone added."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from certificates.errors import CertificateError, CertificateInputError
from certificates.models import IssuingBody, SignerCertificate
from certificates.models.keys import grouped
from certificates.returned.parsers import inspect_returned
from common import bounded, clock, formats

# A drawn signature changes the page, and leaves drafts of its drawing behind.
_OF_A_VISIBLE_SIGNATURE = {"visible_signature", "drawn_otherwise", "loose_object"}
CLOCKS_DIFFER = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """A file as it went out to be signed: hash and size of its bytes, and in whose name."""

    label: str
    body: IssuingBody
    sha256: str
    size: int
    issued_at: dt.datetime


def required_signatures(issued: IssuedFile, content: bytes) -> list[dict[str, Any]]:
    """A returned file's signatures, once nothing else was found to be added.

    Errors: ``not_what_was_issued``, ``not_signed``, ``visible_signature``; BoundedError.
    """
    values = {"number": issued.label}
    _require_issued_bytes(issued, content)
    entries = list(SignerCertificate.objects.filter(body=issued.body))
    found = bounded.run(
        inspect_returned,
        content,
        issued.size,
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


def _require_issued_bytes(issued: IssuedFile, content: bytes) -> None:
    # A signature is appended: what went out is still the beginning of what comes back.
    if hashlib.sha256(content[: issued.size]).hexdigest() != issued.sha256:
        message = _(
            "The file does not match what was issued as %(number)s: sign the file as "
            "downloaded, without saving it again."
        )
        raise CertificateError("not_what_was_issued", message % {"number": issued.label})


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
            "signature field: the document already shows who signs it."
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


def required_trust(issued: IssuedFile, signature: dict[str, Any]) -> SignerCertificate:
    """The entered certificate that vouches for a signature.

    Errors: ``unknown_signer``, ``signer_ended``, ``signer_expired``, ``signer_revoked``,
    ``wrong_moment``.
    """
    values = {
        "number": issued.label,
        "signer": signature["signer"],
        "body": issued.body.name,
        "fingerprint": grouped(signature["fingerprint"]),
    }
    entries = SignerCertificate.objects.filter(body=issued.body)
    ended = entries.filter(fingerprint=signature["fingerprint"], ended_at__isnull=False)
    open_entries = entries.in_force()
    if ended.exists() and not open_entries.filter(fingerprint=signature["fingerprint"]).exists():
        _refuse_ended(ended[0], values)
    _require_valid_certificate(signature, values)
    entry = open_entries.filter(fingerprint=signature["trusted_by"] or "-").first()
    if entry is None:
        message = _(
            "%(number)s was signed by %(signer)s, whose certificate has not been added "
            "for %(body)s. Verify its fingerprint by telephone and add it under Issuing "
            "bodies and signers: %(fingerprint)s."
        )
        raise CertificateInputError("unknown_signer", message % values)
    _require_moment(issued, signature["signed_at"], values)
    return entry


def _require_valid_certificate(signature: dict[str, Any], values: dict[str, str]) -> None:
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


def _refuse_ended(entry: SignerCertificate, values: dict[str, str]) -> None:
    message = _(
        "%(number)s was signed by %(signer)s with a certificate no longer trusted for "
        "%(body)s since %(day)s: %(reason)s. Have it signed with another one."
    )
    facts = {"day": formats.instant(entry.ended_at), "reason": entry.end_reason}
    raise CertificateError("signer_ended", message % (values | facts))


def _require_moment(
    issued: IssuedFile, signed_at: dt.datetime | None, values: dict[str, str]
) -> None:
    if signed_at is None:
        return
    if not issued.issued_at - CLOCKS_DIFFER <= signed_at <= clock.now() + CLOCKS_DIFFER:
        message = _(
            "According to the signature of %(signer)s, %(number)s was signed on %(day)s, "
            "which is before it was created or in the future. Set the clock of the "
            "signing computer and sign again."
        )
        facts = {"day": formats.instant(signed_at)}
        raise CertificateError("wrong_moment", message % (values | facts))
