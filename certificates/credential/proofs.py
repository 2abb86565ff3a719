"""Data Integrity proofs with Ed25519, in the two cryptosuites that verifiers know.

``eddsa-jcs-2022`` signs canonical JSON (RFC 8785), where numbers stand as text since it ends at
2^53; ``eddsa-rdfc-2022`` signs the statements that the document makes.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from certificates.credential.canonical import canonical

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

Document = dict[str, Any]

JCS, RDFC = "eddsa-jcs-2022", "eddsa-rdfc-2022"

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_ED25519 = b"\xed\x01"


class CredentialKey:
    """An Ed25519 key and the DID URL at which verifiers find its public half."""

    def __init__(self, key: "Ed25519PrivateKey", method: str) -> None:
        self.method = method
        self.public = key.public_key()
        self._key = key

    def sign(self, document: Document, *, created: dt.datetime) -> Document:
        """The document with its proofs; ``created`` is the aware moment that they name."""
        unsigned = _without_proof(document)
        return unsigned | {"proof": [self._proof(suite, unsigned, created) for suite in _DIGESTS]}

    def _proof(self, suite: str, unsigned: Document, created: dt.datetime) -> Document:
        moment = f"{created.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
        options, digest = _options(suite, moment, self.method, tuple(unsigned["@context"]))
        signature = self._key.sign(digest + _OWN_DIGESTS[suite](unsigned))
        return options | {"proofValue": _multibase(signature)}


def did_web_key(key: "Ed25519PrivateKey", did: str, fragment: str) -> CredentialKey:
    return CredentialKey(key, f"{did}#{fragment}")


def self_issued_key(key: "Ed25519PrivateKey") -> CredentialKey:
    """A key that is its own issuer (``did:key:…``), for demo and tests."""
    name = public_multibase(key.public_key())
    return CredentialKey(key, f"did:key:{name}#{name}")


def proofs_of(document: Document) -> list[Any]:
    """The proofs, of whatever kind. Before version 1.1 there was one, not in a list."""
    found = document.get("proof")
    return found if isinstance(found, list) else [found]


def has_valid_proof(document: Document, keys: Mapping[str, "Ed25519PublicKey"]) -> bool:
    """Whether every proof of the document is good and made by one of the keys.

    ``keys`` are those trusted, by verification method. Says nothing about revocation.
    """
    from cryptography.exceptions import InvalidSignature

    try:
        unsigned = _without_proof(document)
        proofs = {proof["cryptosuite"]: dict(proof) for proof in proofs_of(document)}
        if JCS not in proofs or len(proofs) < len(proofs_of(document)):
            return False
        # That of the JSON comes first: only what we wrote is read as linked data.
        for _suite, proof in sorted(proofs.items()):
            _verify(proof, unsigned, keys)
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


def _verify(options: Document, unsigned: Document, keys: Mapping[str, "Ed25519PublicKey"]) -> None:
    """Errors: InvalidSignature, ValueError and what wrong types raise."""
    signature = _from_multibase(options.pop("proofValue"))
    issuer = unsigned.get("issuer")
    did = issuer["id"] if isinstance(issuer, dict) else str(issuer)
    method = options["verificationMethod"]
    is_own = not did.startswith("did:") or method.startswith(f"{did}#")
    if not is_own or options != {
        "type": "DataIntegrityProof",
        "cryptosuite": options["cryptosuite"],
        "created": options["created"],
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    } | ({"@context": unsigned["@context"]} if "@context" in options else {}):
        raise ValueError("not a proof of ours")
    suite = options["cryptosuite"]
    keys[method].verify(signature, _signed_bytes(suite, options, unsigned))


def _without_proof(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "proof"}


@lru_cache(maxsize=16)  # those of one second are the same
def _options(
    suite: str, created: str, method: str, contexts: tuple[str, ...]
) -> tuple[Document, bytes]:
    """What a proof says beside its value, and the digest of that."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    context = {"@context": list(contexts)}
    digest = _OWN_DIGESTS[suite](options | context)
    return (options | context if suite == JCS else options), digest


def _signed_bytes(suite: str, options: Document, unsigned: Document) -> bytes:
    digest = _DIGESTS[suite]
    context = {"@context": unsigned["@context"]} if suite == RDFC else {}
    return digest(options | context) + digest(unsigned)


def _json_digest(document: Document) -> bytes:
    import rfc8785

    return hashlib.sha256(rfc8785.dumps(document)).digest()


def _own_json_digest(document: Document) -> bytes:
    # The same for documents of ours, whose keys are ASCII and whose values are texts, four times
    # faster: whoever verifies them uses the library.
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _statements_digest(document: Document) -> bytes:
    return hashlib.sha256(canonical(document).encode()).digest()


Digests = Mapping[str, Callable[[Document], bytes]]
_DIGESTS: Digests = {JCS: _json_digest, RDFC: _statements_digest}
_OWN_DIGESTS: Digests = {JCS: _own_json_digest, RDFC: _statements_digest}


def _multibase(content: bytes) -> str:
    number, pairs = int.from_bytes(content, "big"), []
    while number:
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(pairs)).lstrip("1")


def _from_multibase(text: str) -> bytes:
    if not text.startswith("z") or len(text) > 200:
        raise ValueError("not base58 in multibase")
    digits, number = text[1:], 0
    for digit in digits:
        number = number * 58 + _ALPHABET.index(digit)
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
