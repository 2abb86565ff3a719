"""What the office does in several steps, in one call for tests."""

import base64
import zlib
from typing import Any

from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import Actor
from certificates.models import Certificate, Duplicate, IssuingBody, Signer
from certificates.services import images
from certificates.services.duplicates import number_duplicate, write_duplicate
from certificates.services.issuance import IssueResult, register_certificates, write_files
from courses.models import CourseRun


def issue_for_run(*, by: Actor, run: CourseRun) -> IssueResult:
    """Number and print everything that the run still owes."""
    result = register_certificates(by=by, run=run)
    written = {certificate.pk: certificate for certificate in write_files(run)}
    result.issued = [written[certificate.pk] for certificate in result.issued]
    return result


def duplicate_of(certificate: Certificate, reason: str = "Mất") -> Duplicate:
    """A duplicate on record, and its file as the job makes it."""
    duplicate = number_duplicate(by=OFFICE, certificate=certificate, reason=reason)
    write_duplicate(duplicate)
    return duplicate


def upload_signature(signer: Signer, content: bytes) -> None:
    pictures = images.read_signature(signer.body, content)
    images.store_signature(by=OFFICE, signer=signer, pictures=pictures)


def upload_seal(body: IssuingBody, content: bytes) -> None:
    pictures = images.read_seal(body, content)
    images.store_seal(by=OFFICE, body=body, pictures=pictures)


def is_marked(listed: dict[str, Any], index: int) -> bool:
    """As a verifier reads a Bitstring Status List 1.0: base64url, gzip, the first bit is 0."""
    packed = base64.urlsafe_b64decode(listed["credentialSubject"]["encodedList"][1:] + "==")
    bits = zlib.decompress(packed, wbits=31)
    return bool(bits[index // 8] & 0x80 >> index % 8)
