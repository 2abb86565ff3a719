"""Signatures in a returned file: whether intact, and which entered certificate vouches for them."""

import datetime as dt
import hashlib
import io
from typing import Any, Final

from common.bounded import unless_damaged

_LONGEST_NAME: Final = 250
_MOST_SIGNATURES: Final = 5
# Whoever has a certificate of an entered authority for a web server or for time stamps signs no
# documents. Vietnamese signers have those for mail and sign-in.
_FOR_DOCUMENTS: Final = frozenset({
    "email_protection", "client_auth", "any_extended_key_usage",
    "microsoft_document_signing", "1.3.6.1.4.1.311.10.3.12",
    "document_signing", "1.3.6.1.5.5.7.3.36",
    "adobe_authentic_documents_trust", "1.2.840.113583.1.1.5",
})  # fmt: skip


@unless_damaged(list[dict[str, Any]])
def read_signatures(
    pdf: bytes, signers: list[bytes], authorities: list[bytes]
) -> list[dict[str, Any]]:
    if b"/ByteRange" not in pdf:
        return []
    found = _reader(pdf).embedded_signatures[:_MOST_SIGNATURES]
    facts = [_facts(pdf, one, signers, authorities) for one in found]
    # Who certifies that nothing may be added (DocMDP) must be the last to add anything.
    for earlier in facts[:-1]:
        earlier["respected"] = not earlier.pop("closes")
    return facts


def revisions_of(pdf: bytes) -> int:
    return int(_reader(pdf).xrefs.total_revisions)


def _reader(pdf: bytes) -> Any:
    from pyhanko.pdf_utils.reader import PdfFileReader

    return PdfFileReader(io.BytesIO(pdf), strict=True)


def _facts(
    pdf: bytes, signature: Any, signers: list[bytes], authorities: list[bytes]
) -> dict[str, Any]:
    from asn1crypto import x509
    from pyhanko.sign.fields import MDPPerm

    certificate = signature.signer_cert
    signed_at = signature.self_reported_timestamp
    status = _status(signature, [certificate], signed_at)
    return {
        "intact": bool(status and status.intact and status.valid),
        "covers": _covers_all_but_itself(pdf, signature),
        "end": sum(_ranges(signature)[2:4]),
        "closes": signature.docmdp_level == MDPPerm.NO_CHANGES,
        "respected": True,
        "is_document_signature": str(signature.sig_object.get("/Type", "/Sig")) == "/Sig",
        "signer": certificate.subject.human_friendly[:_LONGEST_NAME],
        "fingerprint": _fingerprint(certificate),
        "signed_at": signed_at,
        "in_term": _in_term(certificate, signed_at),
        "revoked": _is_revoked(signature),
        "trusted_by": _trusted_by(
            signature,
            [x509.Certificate.load(one) for one in signers],
            [x509.Certificate.load(one) for one in authorities],
            signed_at,
        ),
    }


def _covers_all_but_itself(pdf: bytes, signature: Any) -> bool:
    """Whether the signed bytes are everything up to a revision's end but the signature's digits."""
    ranges = _ranges(signature)
    if len(ranges) != 4 or ranges[0] != 0 or min(ranges) < 0:
        return False
    _start, first, second, length = ranges
    gap = pdf[first:second]
    digits = gap[1:-1].strip().lower()
    is_gap = gap[:1] == b"<" and gap[-1:] == b">" and not digits.strip(b"0123456789abcdef")
    return is_gap and second + length <= len(pdf)


def _ranges(signature: Any) -> list[int]:
    return [int(number) for number in signature.byte_range]


def _in_term(certificate: Any, at: dt.datetime | None) -> bool:
    validity = certificate["tbs_certificate"]["validity"]
    moment = at or dt.datetime.now(dt.UTC)
    return bool(validity["not_before"].native <= moment <= validity["not_after"].native)


def _trusted_by(
    signature: Any, signers: list[Any], authorities: list[Any], at: dt.datetime | None
) -> str:
    """The fingerprint of the entered certificate that this signature rests on, or nothing."""
    own = signature.signer_cert.dump()
    for entered in signers:
        if entered.dump() == own:
            status = _status(signature, [entered], at)
            return _fingerprint(entered) if status and status.trusted else ""
    for entered in authorities:
        status = _status(signature, [entered], at, purposes=_FOR_DOCUMENTS)
        if status and status.trusted:
            return _fingerprint(entered)
    return ""


def _fingerprint(certificate: Any) -> str:
    return hashlib.sha256(certificate.dump()).hexdigest()


def _status(
    signature: Any, roots: list[Any], at: dt.datetime | None, *, purposes: Any = None
) -> Any:
    """What pyHanko says with these roots; nothing is fetched from anywhere.

    ``purposes``: what a certificate that says what it is for (extended key usage) may say.
    """
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.settings import KeyUsageConstraints
    from pyhanko_certvalidator import ValidationContext

    context = ValidationContext(
        trust_roots=roots,
        other_certs=signature.other_embedded_certs,
        allow_fetching=False,
        moment=at,
        best_signature_time=at,
    )
    for_signing = KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"},
        match_all_key_usages=False,
        extd_key_usage=purposes,
    )
    try:
        return validate_pdf_signature(
            signature,
            signer_validation_context=context,
            key_usage_settings=for_signing,
            skip_diff=True,  # ``additions`` looks closer
        )
    except SignatureValidationError:
        return None


def _is_revoked(signature: Any) -> bool:
    """Whether the lists and answers that came along say so.

    Who made them is not asked: nobody forges evidence against the own signature. Whether they
    are complete is not asked either: what the office learns, it enters by ending an entry.
    """
    from pyhanko.sign.general import CMSStructuralError, find_unique_cms_attribute

    try:
        found = find_unique_cms_attribute(
            signature.signer_info["signed_attrs"], "adobe_revocation_info_archival"
        )
    except (CMSStructuralError, LookupError, ValueError):
        return False
    serial = signature.signer_cert.serial_number
    listed = any(
        entry["user_certificate"].native == serial
        for crl in found["crl"] or []
        for entry in crl["tbs_cert_list"]["revoked_certificates"] or []
    )
    return listed or any(_denies(answer, serial) for answer in found["ocsp"] or [])


def _denies(answer: Any, serial: int) -> bool:
    return any(
        one["cert_status"].name == "revoked" and one["cert_id"]["serial_number"].native == serial
        for one in answer.response_data["responses"]
    )
