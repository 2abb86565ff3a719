"""The certificate as data that proves itself: an Open Badges 3.0 credential.

A W3C Verifiable Credential (data model 2.0) with a Data Integrity proof, cryptosuite
``eddsa-jcs-2022``: canonical JSON (RFC 8785), SHA-256, Ed25519. Pure functions over
dictionaries: where keys live and which are trusted is the caller's business. Numbers stand
as text, since canonical JSON ends at 2^53.
"""

import base64
import datetime as dt
import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from certificates.errors import CertificateError
from certificates.pdf import CertificateFields
from common import clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

Document = dict[str, Any]

FILE_NAME = "credential.json"
CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
DID = "https://www.w3.org/ns/did/v1"
MULTIKEY = "https://w3id.org/security/multikey/v1"
SUITE = "eddsa-jcs-2022"
# 16 KB of bits: the least that keeps single holders apart (Bitstring Status List 1.0).
STATUS_LIST_LENGTH = 131_072

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"


@dataclass(frozen=True, slots=True)
class Issuer:
    did: str
    name: str


class CredentialKey:
    """An Ed25519 key and the DID URL at which verifiers find its public half."""

    def __init__(self, key: "Ed25519PrivateKey", method: str) -> None:
        self.method = method
        self.public = key.public_key()
        self._key = key

    def sign(self, document: Document, *, created: dt.datetime) -> Document:
        """The document with a proof; ``created`` is the aware moment that it names."""
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        options = {
            "type": "DataIntegrityProof",
            "cryptosuite": SUITE,
            "created": _moment(created),
            "verificationMethod": self.method,
            "proofPurpose": "assertionMethod",
            "@context": unsigned["@context"],
        }
        signature = self._key.sign(_digest(options) + _digest(unsigned))
        return unsigned | {"proof": options | {"proofValue": _multibase(signature)}}


def did_web_key(key: "Ed25519PrivateKey", did: str, fragment: str) -> CredentialKey:
    return CredentialKey(key, f"{did}#{fragment}")


def self_issued_key(key: "Ed25519PrivateKey") -> CredentialKey:
    """A key that is its own issuer (``did:key:…``), for demo and tests."""
    name = public_multibase(key.public_key())
    return CredentialKey(key, f"did:key:{name}#{name}")


def did_web(host: str, path: str = "") -> str:
    """``did:web`` of a host (a port is allowed) and path: ``did:web:example.gov.vn``."""
    parts = [host.replace(":", "%3A"), *(quote(part) for part in path.split("/") if part)]
    return "did:web:" + ":".join(parts)


def did_document(did: str, keys: Mapping[str, "Ed25519PublicKey"]) -> Document:
    """What ``did:web`` serves: every key by its fragment, retired ones too.

    A retired key stays published, so that what it signed goes on verifying.
    """
    methods = [
        {
            "id": f"{did}#{fragment}",
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": public_multibase(key),
        }
        for fragment, key in keys.items()
    ]
    return {
        "@context": [DID, MULTIKEY],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def credential(
    certificate: CertificateFields, *, issuer: Issuer, status_list: str, status_index: int
) -> Document:
    """The unsigned credential of a certificate.

    ``status_list`` is the address of the list that says whether it is revoked,
    ``status_index`` the certificate's index in it. The credential
    holds nothing that the page does not print.
    """
    subject: Document = {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityType": "name",
                "identityHash": certificate.full_name,
            }
        ],
        "licenseNumber": certificate.register_number,
        "achievement": _achievement(certificate),
    }
    for name, day in (
        ("activityStartDate", certificate.starts_on),
        ("activityEndDate", certificate.ends_on),
    ):
        if day:
            subject[name] = _moment(clock.start_of_day(day))
    if certificate.grade:
        subject["result"] = [{"type": ["Result"], "value": certificate.grade}]
    return {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": certificate.verification_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{certificate.title} {certificate.register_number}",
        "issuer": {"id": issuer.did, "type": ["Profile"], "name": issuer.name},
        "validFrom": _moment(clock.start_of_day(certificate.issued_on)),
        "credentialSubject": subject,
        "credentialStatus": {
            "id": f"{status_list}#{status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(status_index),
            "statusListCredential": status_list,
        },
    }


def status_list(
    address: str, *, issuer: Issuer, revoked: Iterable[int], valid_from: dt.datetime
) -> Document:
    """The unsigned list of what is revoked, a bit for each certificate's index.

    Error: ``status_index`` where an index lies outside the list.
    """
    bits = bytearray(STATUS_LIST_LENGTH // 8)
    for index in revoked:
        if not 0 <= index < STATUS_LIST_LENGTH:
            message = _("The index %(index)d is outside the status list.")
            raise CertificateError("status_index", message % {"index": index})
        bits[index // 8] |= 0x80 >> index % 8
    return {
        "@context": [CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.did,
        "validFrom": _moment(valid_from),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": "u" + _base64url(_gzip(bytes(bits))),
        },
    }


def has_valid_proof(document: Document, keys: Mapping[str, "Ed25519PublicKey"]) -> bool:
    """Whether the document's proof is good and made by one of the keys.

    ``keys`` are those trusted, by verification method. Says nothing about revocation.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        options = dict(document["proof"])
        signature = _from_multibase(options.pop("proofValue"))
        if not _is_ours(options, unsigned):
            return False
        key = keys[options["verificationMethod"]]
        key.verify(signature, _digest(options) + _digest(unsigned))
    except (InvalidSignature, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return False
    return True


def public_multibase(key: "Ed25519PublicKey") -> str:
    """The public key as Multikey text: ``z6Mk…``."""
    return _multibase(_ED25519 + key.public_bytes_raw())


def public_from_multibase(text: str) -> "Ed25519PublicKey":
    """The key in a Multikey text. Error: ValueError."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = _from_multibase(text)
    if not raw.startswith(_ED25519):
        raise ValueError("not an Ed25519 Multikey")
    return Ed25519PublicKey.from_public_bytes(raw.removeprefix(_ED25519))


def _achievement(certificate: CertificateFields) -> Document:
    english = f" / {certificate.course_title_en}" if certificate.course_title_en else ""
    length = f" ({certificate.periods} tiết)" if certificate.periods else ""
    return {
        "id": f"{certificate.verification_url}#achievement",
        "type": ["Achievement"],
        "achievementType": "Certificate",
        "name": certificate.course_title,
        "description": f"{certificate.course_title}{english}{length}",
        "criteria": {"narrative": f"{certificate.statement}: {certificate.course_title}"},
    }


def _is_ours(options: Document, unsigned: Document) -> bool:
    issuer = unsigned.get("issuer")
    did = issuer["id"] if isinstance(issuer, dict) else str(issuer)
    own = not did.startswith("did:") or options["verificationMethod"].startswith(f"{did}#")
    return (
        own
        and options.get("type") == "DataIntegrityProof"
        and options.get("cryptosuite") == SUITE
        and options.get("proofPurpose") == "assertionMethod"
        and options.get("@context", unsigned["@context"]) == unsigned["@context"]
    )


def _digest(document: Document) -> bytes:
    import rfc8785

    return hashlib.sha256(rfc8785.dumps(document)).digest()


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _gzip(content: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=31)  # no time stamp inside, unlike the gzip module
    return packer.compress(content) + packer.flush()


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _multibase(content: bytes) -> str:
    number, text = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "z" + "1" * zeros + text


def _from_multibase(text: str) -> bytes:
    if not text.startswith("z") or len(text) > 200:
        raise ValueError("not base58 in multibase")
    digits, number = text[1:], 0
    for digit in digits:
        number = number * 58 + _ALPHABET.index(digit)
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
