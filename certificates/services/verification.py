"""Verification: of a code as printed, and of a file byte by byte; works offline.

The register's hash decides. Signature and credential say how a file relates to us where the
hash does not fit, and that it can be proved without us where it does.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Subquery, TextChoices
from django.utils.translation import gettext_lazy as _

from certificates.choices import CertificateState
from certificates.credential import has_valid_proof, proofs_of
from certificates.file_contents import CertificateFile, read_certificate
from certificates.models import Certificate, Duplicate, VerificationCount
from certificates.pdf import CertificateFields
from certificates.services import keys
from certificates.services.comparison import Difference, differences
from common import clock
from common.bounded import BoundedError
from common.prepared import Given, Prepared
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


# What a look-up shows, in the order of the model.
_SHOWN = (
    "id", "register", "year", "register_number", "verification_code", "printed", "state",
    "superseded_by_id", "revoked_at", "revocation_reason", "erased_at", "completion_id",
    "credential", "outside_signer", "trusted_by_id",
)  # fmt: skip

_COMPLETION: Any = Certificate._meta.get_field("completion")
_SUPERSEDES: Any = Certificate._meta.get_field("supersedes")


@Prepared
def _shown(by: str) -> Any:
    made = Duplicate.objects.filter(certificate=OuterRef("pk"), made_at__isnull=False)
    last_made = made.order_by("-number").values("number")[:1]
    related = "completion__voided_at", "supersedes", Subquery(last_made)
    rows = Certificate.objects.filter(**{by: Given("value")}).order_by("pk")
    return rows.values_list(*_SHOWN, *related)[:1]


def _with_code(code: str) -> Certificate | None:
    return _first("verification_code", code)


def _with_hash(sha256: str) -> Certificate | None:
    return _first("sha256", sha256)


def _duplicated(sha256: str) -> Certificate | None:
    return _first("duplicates__sha256", sha256)


def _first(by: str, value: str) -> Certificate | None:
    rows = _shown(by, value=value)
    if not rows:
        return None
    *columns, voided_at, predecessor, duplicates = rows[0]
    database = connection.alias
    found = Certificate.from_db(database, _SHOWN, columns)
    result = Completion.from_db(database, ("id", "voided_at"), (found.completion_id, voided_at))
    _COMPLETION.set_cached_value(found, result)
    if predecessor is None:
        _SUPERSEDES.set_cached_value(found, None)
    found.__dict__["duplicates_issued"] = duplicates or 0
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
