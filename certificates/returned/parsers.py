"""What a returned file is, and what an uploaded signer's certificate says."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from certificates.errors import CertificateError
from certificates.returned.additions import Drawing, changes_between, drawings_of
from certificates.returned.signatures import read_signatures, revisions_of
from certificates.signing import require_strong
from common.bounded import MB, Limits, parser
from common.deferred_messages import DeferredMessage as _

# Two drawings of one page in a program of their own, and pyHanko over a certificate or two.
OF_RETURNED: Final = Limits(cpu=6, wall=7.0, wait=4.0, memory=240 * MB, output=2 * MB)
OF_CERTIFICATES: Final = Limits(cpu=2, wall=4.0, memory=64 * MB, output=1 * MB)
LARGEST_CERTIFICATE: Final = 64_000
_LIBRARIES: Final = ("pikepdf", "pyhanko.pdf_utils.reader", "pyhanko.sign.validation")


@parser(OF_RETURNED, preload=_LIBRARIES)
def inspect_returned(
    signed: bytes, issued_size: int, signers: list[bytes], authorities: list[bytes]
) -> dict[str, Any]:
    """What was appended to the first ``issued_size`` bytes, which the caller has checked.

    ``signers`` and ``authorities`` are certificates (DER) to look for. ``changes`` are words of
    ``additions``; ``signatures`` say by which of the certificates each is trusted.
    """
    issued = signed[:issued_size]
    found = read_signatures(signed, signers, authorities)
    if not found:
        return {"changes": [], "signatures": []}
    changes = set()
    if revisions_of(signed) - revisions_of(issued) != len(found):
        changes.add("unsigned_update")
    # What each signer saw, not only what the last one left.
    for end in sorted({one["end"] for one in found} | {len(signed)}):
        changes |= changes_between(issued, signed[:end], fields=len(found))
    with ThreadPoolExecutor(2) as both:
        before, after = both.map(drawings_of, (issued, signed))
    if Drawing.FAILED in (before, after) or before != after:
        changes.add("drawn_otherwise")
    return {"changes": sorted(changes), "signatures": found}


@parser(OF_CERTIFICATES, errors=(CertificateError,), preload=("cryptography.x509",))
def read_signer_certificate(content: bytes) -> dict[str, Any]:
    """An uploaded certificate (PEM or DER).

    Errors: ``not_a_certificate``, ``several_certificates``, ``holds_a_secret``, ``weak_key``,
    ``does_not_sign``.
    """
    from cryptography.hazmat.primitives.serialization import Encoding

    if b"PRIVATE KEY" in content:
        message = _("The file contains a private key. Upload only the certificate, never the key.")
        raise CertificateError("holds_a_secret", message)
    certificate = _only_one(content)
    authority = _is_authority(certificate)
    require_strong(certificate)
    _require_signing(certificate, authority=authority)
    der = certificate.public_bytes(Encoding.DER)
    return {
        "der": der,
        "fingerprint": hashlib.sha256(der).hexdigest(),
        "subject": _one_line(certificate.subject.rfc4514_string()),
        "issuer": _one_line(certificate.issuer.rfc4514_string()),
        "serial": f"{certificate.serial_number:x}",
        "valid_from": certificate.not_valid_before_utc,
        "valid_to": certificate.not_valid_after_utc,
        "is_authority": authority,
    }


def _only_one(content: bytes) -> Any:
    from cryptography import x509

    if content.count(b"-----BEGIN ") > 1:  # also those under older names, which would be skipped
        message = _("The file contains several certificates. Upload each one as a separate file.")
        raise CertificateError("several_certificates", message)
    is_pem = b"-----BEGIN CERTIFICATE-----" in content
    load = x509.load_pem_x509_certificate if is_pem else x509.load_der_x509_certificate
    try:
        certificate = load(content)
        certificate.extensions  # noqa: B018 - read here, so that a damaged one fails here
    except Exception:  # noqa: BLE001 - a damaged certificate fails in many ways
        message = _(
            "The file is not an X.509 certificate (.cer, .crt, .der, .pem). Export the "
            "signer's certificate from the token or the signing software."
        )
        raise CertificateError("not_a_certificate", message) from None
    return certificate


def _is_authority(certificate: Any) -> bool:
    from cryptography import x509

    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return bool(constraints.value.ca)


def _require_signing(certificate: Any, *, authority: bool) -> None:
    # A certificate that says what its key is for must say that it signs.
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    signs = usage.key_cert_sign if authority else usage.digital_signature
    if not signs and not (not authority and usage.content_commitment):
        message = _(
            "The key of this certificate is not intended for signing documents (key usage)."
        )
        raise CertificateError("does_not_sign", message)


def _one_line(name: str) -> str:
    return re.sub(r"\s+", " ", name)[:250]
