"""Signed heads of the audit log: how long it was and where its chain of hashes ended.

The key lies outside the database (``AUDIT_KEY``), so nobody rebuilds the chain with the
database alone. Former keys verify what they signed (``AUDIT_PUBLIC_KEYS``).
"""

import base64
import binascii
import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from audit.models import AuditHead
from common import clock

KIND = "audit-log-head-1"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """``hash`` seals ``length`` entries; heads are numbered without a gap."""

    number: int
    length: int
    hash: str
    sealed_at: str
    key: str
    signature: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, row: AuditHead) -> "SignedHead":
        return cls(
            number=row.number,
            length=row.length,
            hash=row.chain_hash,
            sealed_at=row.sealed_at.astimezone(clock.UTC).isoformat(),
            key=row.key_id,
            signature=row.signature,
        )

    def as_row(self) -> AuditHead:
        return AuditHead(
            number=self.number,
            length=self.length,
            chain_hash=self.hash,
            sealed_at=dt.datetime.fromisoformat(self.sealed_at),
            key_id=self.key,
            signature=self.signature,
        )

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "SignedHead":
        """Raises KeyError, TypeError or ValueError for what is no head."""
        return cls(
            number=int(plain["number"]),
            length=int(plain["length"]),
            hash=str(plain["hash"]).lower(),
            sealed_at=str(plain["sealed_at"]),
            key=str(plain["key"]),
            signature=str(plain["signature"]),
        )

    def signed_content(self) -> bytes:
        """Canonical JSON (RFC 8785) of all but the signature."""
        content = {name: value for name, value in asdict(self).items() if name != "signature"}
        return rfc8785.dumps({"kind": KIND, **content})

    def digest(self) -> bytes:
        return hashlib.sha256(rfc8785.dumps({"kind": KIND, **asdict(self)})).digest()


def sign(*, number: int, length: int, chain_hash: str, sealed_at: str) -> SignedHead:
    key, key_id = _private_key(settings.AUDIT_KEY)
    head = SignedHead(number, length, chain_hash, sealed_at, key_id)
    signature = key.sign(head.signed_content())
    return replace(head, signature=base64.b64encode(signature).decode())


def public_keys() -> dict[str, str]:
    present = _private_key(settings.AUDIT_KEY)[0].public_key()
    keys = [present.public_bytes_raw(), *map(_decoded, settings.AUDIT_PUBLIC_KEYS)]
    return {_key_id(raw): base64.b64encode(raw).decode() for raw in keys}


def is_key_known(head: SignedHead) -> bool:
    return head.key in public_keys()


def is_signature_valid(head: SignedHead) -> bool:
    public = public_keys().get(head.key)
    if public is None:
        return False
    try:
        signature = base64.b64decode(head.signature, validate=True)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public))
        key.verify(signature, head.signed_content())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=4)
def _private_key(seed: str) -> tuple[Ed25519PrivateKey, str]:
    key = Ed25519PrivateKey.from_private_bytes(_decoded(seed))
    return key, _key_id(key.public_key().public_bytes_raw())


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:16]


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.strip().replace("-", "+").replace("_", "/"))
