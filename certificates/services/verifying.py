"""Verification: of a code as printed, and of a file byte by byte; works offline."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet

from certificates.choices import CertificateState
from certificates.models import Certificate
from certificates.pdf import bearing


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
class Verification:
    """What a check found; the certificate is None for a stranger's file or code."""

    state: FileState
    certificate: Certificate | None = None


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
    digest = hashlib.sha256(content).hexdigest()
    found = _certificates().filter(sha256=digest).first()
    if found:
        return _of(found)
    code = bearing(content)
    named = _certificates().filter(verification_code=code).first() if code else None
    return Verification(FileState.ALTERED, named) if named else Verification(FileState.UNKNOWN)


def _certificates() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("completion", "superseded_by")


def _of(certificate: Certificate) -> Verification:
    return Verification(_OF_CERTIFICATE[str(certificate.public_state)], certificate)
