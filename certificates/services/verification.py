"""Verification: of a code as printed, and of a file byte by byte; works offline.

The register's hash decides. Signature and credential say how a file relates to us where the
hash does not fit, and that it can be proved without us where it does.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F, TextChoices
from django.utils.translation import gettext_lazy as _

from certificates.choices import CertificateState
from certificates.credential import has_valid_proof, proofs_of
from certificates.file_contents import CertificateFile, read_certificate
from certificates.models import Certificate, VerificationCount
from certificates.pdf import CertificateFields
from certificates.services import keys
from certificates.services.comparison import Difference, differences
from common import clock
from common.bounded import BoundedError
from common.tallies import Tally
from enrollment.models import Completion


class FileState(TextChoices):
    VALID = "valid", _("Valid")
    SUPERSEDED = "superseded", _("Superseded")
    REVOKED = "revoked", _("Revoked")
    UNKNOWN = "unknown", _("Unknown")
    ALTERED = "altered", _("Altered")


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
    """The result of a check; ``certificate`` is None where none of ours was recognised."""

    state: FileState
    certificate: Certificate | None = None
    evidence: Evidence | None = None
    differences: list[Difference] = field(default_factory=list)


def normalised_code(text: str) -> str:
    """Case, blanks and hyphens do not matter: ``7K3M-9QXB-TFW2-HD8P``."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())[:16]
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


def verify_code(text: str) -> Verification:
    found = _with_code(normalised_code(text))
    return _of(found) if found else Verification(FileState.UNKNOWN)


def verify_file(content: bytes) -> Verification:
    """The state of a file: ours byte for byte, ours but altered, or none of ours.

    Errors: ``file_too_large``, and BoundedError for what cannot be read within the limits.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    found = _with_hash(sha256) or _duplicated(sha256)
    try:
        file = read_certificate(content)
    except BoundedError:
        if found:  # its bytes are proof enough
            return _of(found, Evidence(hash_matches=True))
        raise
    evidence = _evidence(file, hash_matches=bool(found))
    if found:
        return _of(found, evidence)
    if named := _named_by(file):
        changes = differences(named, file.words)
        return Verification(FileState.ALTERED, named, evidence, changes)
    # No code of ours, but a proof or a signature that was: cut out of a certificate.
    ours = evidence.signature is not None or evidence.credential is not None
    return Verification(FileState.ALTERED if ours else FileState.UNKNOWN, None, evidence)


def count_look_up(*, how: str, found: Verification) -> None:
    # Count per hour, way and result; nothing else about the visit is stored.
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    look_ups.count((hour, how, str(found.state)))


def _store_look_ups(key: tuple[dt.datetime, str, str], visits: int) -> None:
    row: dict[str, Any] = dict(zip(("hour", "how", "state"), key, strict=True))
    rows = VerificationCount.objects.filter(**row)
    if not rows.update(visits=F("visits") + visits):
        VerificationCount.objects.get_or_create(**row)  # of two at once, one
        rows.update(visits=F("visits") + visits)


look_ups = Tally(_store_look_ups)


def is_birth_of(certificate: Certificate, birth: object) -> bool:
    printed = CertificateFields.from_json(certificate.printed).birth
    return printed is not None and birth == printed


def _named_by(file: CertificateFile) -> Certificate | None:
    return _with_code(file.code) if file.code else None


# What a look-up shows: to read all columns, or to build the query anew, takes half its time.
_SHOWN = (
    "id", "completion_id", "register", "year", "register_number", "verification_code", "printed",
    "credential", "state", "revoked_at", "revocation_reason", "erased_at", "outside_signer",
    "trusted_by_id", "superseded_by_id",
)  # fmt: skip
_LOOK_UP = f"""
SELECT {", ".join(f"c.{name}" for name in _SHOWN)}, result.voided_at AS result_voided_at,
    before.id AS predecessor_id,
    (SELECT MAX(copy.number) FROM certificates_duplicate copy WHERE copy.certificate_id = c.id)
        AS duplicates_issued
FROM certificates_certificate c
JOIN enrollment_completion result ON result.id = c.completion_id
LEFT JOIN certificates_certificate before ON before.superseded_by_id = c.id
WHERE c."""  # noqa: S608  # nosec B608  # of literals
_VOIDED_AT = Completion._meta.get_field("voided_at").get_col("result")


def _with_code(code: str) -> Certificate | None:
    return _first(_LOOK_UP + "verification_code = %s", code)


def _with_hash(sha256: str) -> Certificate | None:
    return _first(_LOOK_UP + "sha256 = %s ORDER BY c.id LIMIT 1", sha256)


def _duplicated(sha256: str) -> Certificate | None:
    of = "id = (SELECT d.certificate_id FROM certificates_duplicate d WHERE d.sha256 = %s LIMIT 1)"
    return _first(_LOOK_UP + of, sha256)


def _first(statement: str, value: str) -> Certificate | None:
    rows: list[Any] = list(Certificate.objects.raw(statement, [value]))
    if not rows:
        return None
    found: Certificate = rows[0]
    voided_at = rows[0].result_voided_at
    for convert in connection.ops.get_db_converters(_VOIDED_AT):
        voided_at = convert(voided_at, _VOIDED_AT, connection)
    known = ("id", "voided_at"), (found.completion_id, voided_at)
    found.completion = Completion.from_db(found._state.db, *known)
    if rows[0].predecessor_id is None:
        Certificate._meta.get_field("supersedes").set_cached_value(found, None)
    return found


def _of(certificate: Certificate, evidence: Evidence | None = None) -> Verification:
    state = certificate.public_state
    is_valid = state == CertificateState.ISSUED
    return Verification(FileState.VALID if is_valid else FileState(state), certificate, evidence)


def _evidence(file: CertificateFile, *, hash_matches: bool) -> Evidence:
    trusted = keys.trusted_fingerprints() if file.signatures else frozenset()
    report = next((one for one in file.signatures if one.fingerprint in trusted), None)
    signed_at = report.signed_at if report else None
    return Evidence(
        hash_matches=hash_matches,
        signature=report.intact and report.whole if report else None,
        credential=_has_our_proof(file.credential) if file.credential else None,
        signer=report.signer if report else "",
        signed_at=signed_at.isoformat() if signed_at else "",
    )


def _has_our_proof(document: dict[str, Any]) -> bool | None:
    """None for a credential that names no key of ours."""
    trusted = keys.trusted_credential_keys()
    methods = [
        one.get("verificationMethod") for one in proofs_of(document) if isinstance(one, dict)
    ]
    is_ours = any(isinstance(method, str) and method in trusted for method in methods)
    return has_valid_proof(document, trusted) if is_ours else None
