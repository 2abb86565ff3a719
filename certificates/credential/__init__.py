"""The certificate as data that proves itself: an Open Badges 3.0 credential.

A W3C Verifiable Credential (data model 2.0) with a Data Integrity proof in each of two
cryptosuites: ``eddsa-jcs-2022`` and ``eddsa-rdfc-2022``. Pure functions over dictionaries: where
keys live and which are trusted is the caller's business.
"""

from certificates.credential.baking import badge_png, badge_svg, baked_png, baked_svg
from certificates.credential.documents import (
    FILE_NAME,
    STATUS_LIST_LENGTH,
    CourseVersion,
    Issuer,
    StatusPurpose,
    TaughtCompetency,
    achievement,
    credential,
    did_document,
    did_web,
    status_list,
)
from certificates.credential.proofs import (
    CredentialKey,
    Document,
    did_web_key,
    has_valid_proof,
    proofs_of,
    public_from_multibase,
    public_multibase,
    self_issued_key,
)

__all__ = [
    "FILE_NAME",
    "STATUS_LIST_LENGTH",
    "CourseVersion",
    "CredentialKey",
    "Document",
    "Issuer",
    "StatusPurpose",
    "TaughtCompetency",
    "achievement",
    "badge_png",
    "badge_svg",
    "baked_png",
    "baked_svg",
    "credential",
    "did_document",
    "did_web",
    "did_web_key",
    "has_valid_proof",
    "proofs_of",
    "public_from_multibase",
    "public_multibase",
    "self_issued_key",
    "status_list",
]
