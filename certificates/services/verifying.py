"""Verification: of a code as printed, and of a file byte by byte; works offline.

The register's hash decides. Signature and credential say how a file relates to us where the
hash does not fit, and that it can be proved without us where it does.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import QuerySet

from audit.services import Actor, deed, digest, note
from certificates.choices import CertificateState
from certificates.credential import FILE_NAME, proves
from certificates.models import Certificate
from certificates.pdf import CertificateFields, bearing
from certificates.services import keys
from certificates.services.comparing import Difference, differences
from certificates.signing import SignatureReport, signatures_of
from common.pdf_text import attached_json

# A certificate has about 100 KB; what is much larger is not parsed for signatures.
LARGEST_PARSED = 3_000_000


class FileState(StrEnum):
    VALID = "valid"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    ALTERED = "altered"


_OF_CERTIFICATE = {
    CertificateState.ISSUED.value: FileState.VALID,
    CertificateState.SUPERSEDED.value: FileState.SUPERSEDED,
    CertificateState.REVOKED.value: FileState.REVOKED,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a file was checked. None: there was nothing of this kind to check.

    ``signature``: it is intact, covers the whole file, and was made with a key of ours;
    ``credential``: its proof is good and by a key of ours; ``signer`` and ``signed_at`` are what
    the signature says of itself.
    """

    hash_matches: bool = False
    signature: bool | None = None
    credential: bool | None = None
    signer: str = ""
    signed_at: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check found; the certificate is None for a stranger's file or code."""

    state: FileState
    certificate: Certificate | None = None
    evidence: Evidence | None = None
    differences: list[Difference] = field(default_factory=list)


def normalised_code(text: str) -> str:
    """A code as typed, read without blanks, hyphens and case: ``7K3M-9QXB-TFW2-HD8P``."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())[:16]
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def verify_code(text: str) -> Verification:
    """The state of the certificate that bears this code."""
    found = _certificates().filter(verification_code=normalised_code(text)).first()
    return _of(found) if found else Verification(FileState.UNKNOWN)


def verify_file(content: bytes) -> Verification:
    """The state of a file: ours byte for byte, ours but altered, or none of ours."""
    sha256 = hashlib.sha256(content).hexdigest()
    found = _certificates().filter(sha256=sha256).first()
    named = found or _named_by(content)
    evidence = _evidence(content, hash_matches=bool(found))
    if found:
        return _of(found, evidence)
    if named:
        return Verification(FileState.ALTERED, named, evidence, differences(named, content))
    # No code of ours, but a proof or a signature that was: cut out of a certificate.
    ours = evidence.signature is not None or evidence.credential is not None
    return Verification(FileState.ALTERED if ours else FileState.UNKNOWN, None, evidence)


@deed("certificate_verified")
def record_look_up(*, by: Actor, how: str, found: Verification, visitor: str) -> None:
    """Put a look-up on record: what was asked and answered, the visitor as a digest only."""
    certificate = found.certificate
    note(
        how=how,
        state=str(found.state),
        register_number=certificate.register_label if certificate else None,
        visitor=digest(visitor),
    )


def is_birth_of(certificate: Certificate, birth: object) -> bool:
    """Whether a birth date (or bare year) is the one that the certificate prints."""
    printed = CertificateFields.from_json(certificate.printed).birth
    return printed is not None and birth == printed


def _named_by(content: bytes) -> Certificate | None:
    code = bearing(content)
    return _certificates().filter(verification_code=code).first() if code else None


def _certificates() -> QuerySet[Certificate]:
    return Certificate.objects.select_related(
        "completion", "superseded_by", "supersedes", "signing_key"
    )


def _of(certificate: Certificate, evidence: Evidence | None = None) -> Verification:
    state = _OF_CERTIFICATE[str(certificate.public_state)]
    return Verification(state, certificate, evidence)


def _evidence(content: bytes, *, hash_matches: bool) -> Evidence:
    if len(content) > LARGEST_PARSED or b"%PDF-" not in content[:1024]:
        return Evidence(hash_matches=hash_matches)
    report = _signature_of_ours(content)
    signed_at = report.signed_at if report else None
    return Evidence(
        hash_matches=hash_matches,
        signature=report.intact and report.whole if report else None,
        credential=_credential_of_ours(content),
        signer=report.signer if report else "",
        signed_at=signed_at.isoformat() if signed_at else "",
    )


def _signature_of_ours(content: bytes) -> SignatureReport | None:
    if b"/ByteRange" not in content:
        return None
    trusted = keys.trusted_fingerprints()
    return next((one for one in signatures_of(content) if one.fingerprint in trusted), None)


def _credential_of_ours(content: bytes) -> bool | None:
    """None where there is none that names a key of ours."""
    document = attached_json(content, FILE_NAME)
    if not isinstance(document, dict):
        return None
    trusted = keys.trusted_credential_keys()
    proof = document.get("proof")
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    return proves(document, trusted) if method in trusted else None
