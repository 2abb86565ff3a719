"""Keys: added, cached while they sign, retired, and published for good."""

import base64
import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from audit.services import Actor, audit_details, audited, audited_action
from certificates import key_parsers
from certificates.choices import KeyUse
from certificates.credential import (
    CredentialKey,
    did_document,
    did_web,
    did_web_key,
    public_from_multibase,
    public_multibase,
    self_issued_key,
)
from certificates.errors import CertificateError
from certificates.models import Key
from certificates.signing import (
    SigningKey,
    load_key,
    pem_of,
    read_certificates,
    require_strong,
    self_signed_pkcs12,
)
from certificates.tokens import MESSAGES, Token, load_token_key
from common import bounded, clock
from common.deferred_messages import DeferredMessage as _
from common.key_files import read_or_create
from common.time_stamps import time_stamper

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LARGEST_KEY_FILE = 200_000
DEVELOPMENT_FROM = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
_DEVELOPMENT_SIGNATURE, _DEVELOPMENT_CREDENTIAL = "development", "development-credential"


def add_signature_key(*, by: Actor, name: str, pkcs12: bytes, password: str, file: str = "") -> Key:
    """Store a PKCS#12 key to sign documents with; from now on it is the one that signs.

    With ``file`` only the password is stored (encrypted) in the database, the key in that file
    below ``settings.KEY_FOLDER``. Errors: ``wrong_password``, ``unusable_key``, ``weak_key``,
    ``key_known``.
    """
    _try_key(pkcs12, password)  # a hostile file takes seconds, which no transaction should last
    with audited_action("certificate_key_added", by=by):
        key = _signature_key(name, pkcs12, password, file)
        audit_details(key=name, fingerprint=key.fingerprint)
    return key


def add_token_key(
    *, by: Actor, name: str, label: str, certificates: Sequence["Certificate"] = ()
) -> Key:
    """Take the key of this label in the token of the settings to sign documents with.

    Its certificate and those of its authorities are read from the token if none are given.
    Errors: those of ``load_token_key``, ``token_missing``, ``weak_key``, ``key_known``.
    """
    loaded = load_token_key(_token(), label, certificates)
    require_strong(loaded.certificate)
    chain = [pem_of(one) for one in loaded.authorities]
    with audited_action("certificate_key_added", by=by):
        key = _keep_signature_key(name, loaded, {"token_key": label, "chain": "".join(chain)})
        audit_details(key=name, fingerprint=key.fingerprint)
    return key


def _token() -> Token:
    if not settings.SIGNING_TOKEN_MODULE:
        raise CertificateError("token_missing", MESSAGES["token_missing"])
    return Token(
        settings.SIGNING_TOKEN_MODULE, settings.SIGNING_TOKEN_LABEL, settings.SIGNING_TOKEN_PIN
    )


@audited("certificate_key_added")
def add_credential_key(*, by: Actor, name: str) -> Key:
    key = _credential_key_row(name, secrets.token_bytes(32))
    audit_details(key=name, public=key.public)
    return key


def _try_key(pkcs12: bytes, password: str) -> None:
    if len(pkcs12) > LARGEST_KEY_FILE:
        message = _("The file is larger than %(limit)d KB; key files are always smaller.")
        raise CertificateError("unusable_key", message % {"limit": LARGEST_KEY_FILE // 1000})
    bounded.run(key_parsers.try_key, pkcs12, password)


def _signature_key(name: str, pkcs12: bytes, password: str, file: str = "") -> Key:
    secret = {"password": password} | ({} if file else {"pkcs12": _text(pkcs12)})
    return _keep_signature_key(name, load_key(pkcs12, password), secret, file)


def _keep_signature_key(
    name: str, loaded: SigningKey, secret: dict[str, str], file: str = ""
) -> Key:
    return _keep(
        use=KeyUse.SIGNATURE,
        name=name,
        public=loaded.pem,
        fingerprint=loaded.fingerprint,
        subject=loaded.subject[:250],
        secret=secret,
        secret_file=file,
        valid_from=loaded.valid_from,
        valid_to=loaded.valid_to,
    )


def _credential_key_row(name: str, seed: bytes) -> Key:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return _keep(
        use=KeyUse.CREDENTIAL,
        name=name,
        public=public_multibase(public),
        fingerprint=hashlib.sha256(public.public_bytes_raw()).hexdigest(),
        secret={"seed": _text(seed)},
    )


def _keep(**values: Any) -> Key:
    if Key.objects.filter(fingerprint=values["fingerprint"]).exists():
        raise CertificateError("key_known", _("This key already exists."))
    if Key.objects.filter(name=values["name"]).exists():
        raise CertificateError("key_known", _("A key named %(name)s already exists.") % values)
    return Key.objects.create(**values)


@audited("certificate_key_retired")
def retire_key(*, by: Actor, key: Key) -> Key:
    """Delete the secret; what the key signed stays valid."""
    key.retired_at, key.secret, key.secret_file = clock.now(), None, ""
    key.save(update_fields=["retired_at", "secret", "secret_file"])
    audit_details(key=key.name, fingerprint=key.fingerprint)
    return key


# Signing --------------------------------------------------------------------------------


def signature_key(at: dt.datetime) -> tuple[Key, SigningKey] | None:
    """The key that signs documents at an instant, loaded; None where there is none.

    Errors: ``wrong_password``, ``unusable_key``, ``key_file_missing``, ``signer_expired`` where
    the only keys are out of their term.
    """
    row = Key.objects.signing(KeyUse.SIGNATURE, at).defer("secret").first()
    if row is None:
        expired = Key.objects.filter(use=KeyUse.SIGNATURE, retired_at=None).first()
        if expired is not None:
            message = _("The signing key %(name)s is valid only from %(first)s to %(last)s.")
            raise CertificateError("signer_expired", message % _term(expired))
        return None
    return row, _loaded(row.pk, row.fingerprint)


def _term(key: Key) -> dict[str, str]:
    return {
        "name": key.name,
        "first": f"{key.valid_from:%d/%m/%Y}",
        "last": f"{key.valid_to:%d/%m/%Y}",
    }


# The fingerprint is in the cache key: after a restore, the same id may be another key.
@lru_cache(maxsize=8)
def _loaded(key_id: int, _fingerprint: str) -> SigningKey:
    row = Key.objects.get(pk=key_id)
    secret = row.secret or {}
    if label := secret.get("token_key"):
        certificates = read_certificates((row.public + secret["chain"]).encode())
        return load_token_key(_token(), label, certificates)
    if not row.secret_file:
        return load_key(base64.b64decode(secret.get("pkcs12", "")), secret.get("password", ""))
    path = Path(settings.KEY_FOLDER) / Path(row.secret_file).name
    try:
        return load_key(path.read_bytes(), secret.get("password", ""))
    except OSError:
        message = _("The file of the signing key %(name)s cannot be read.") % {"name": row.name}
        raise CertificateError("key_file_missing", message) from None


def stamper() -> Any:
    return time_stamper(settings.TSA_URL) if settings.TSA_URL else None


def credential_key() -> tuple[CredentialKey, str] | None:
    """The key that proves credentials, with the DID of the issuer; None where there is none."""
    row = Key.objects.signing(KeyUse.CREDENTIAL, clock.now()).defer("secret").first()
    return _credential_key(row.pk, row.fingerprint, own_did()) if row else None


@lru_cache(maxsize=8)
def _credential_key(key_id: int, _fingerprint: str, did: str) -> tuple[CredentialKey, str]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    row = Key.objects.get(pk=key_id)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode((row.secret or {})["seed"]))
    key = did_web_key(private, did, row.name) if did else self_issued_key(private)
    return key, did or key.method.partition("#")[0]


def own_did() -> str:
    """``did:web`` of the site where it is reached by https; empty (``did:key``) for demo."""
    site = urlsplit(settings.SITE_URL)
    return did_web(site.netloc, site.path) if site.scheme == "https" else ""


def trusted_credential_keys() -> dict[str, Any]:
    # Public keys, by every verification method under which they ever signed.
    found: dict[str, Any] = {}
    for row in Key.objects.filter(use=KeyUse.CREDENTIAL):
        key = public_from_multibase(row.public)
        found[f"did:key:{row.public}#{row.public}"] = key
        if did := own_did():
            found[f"{did}#{row.name}"] = key
    return found


def trusted_fingerprints() -> frozenset[str]:
    keys = Key.objects.filter(use=KeyUse.SIGNATURE)
    return frozenset(keys.values_list("fingerprint", flat=True))


def published_did() -> dict[str, Any]:
    """The DID document with every credential key, retired ones too: their proofs stay valid."""
    site = urlsplit(settings.SITE_URL)
    rows = Key.objects.filter(use=KeyUse.CREDENTIAL).order_by("id")
    keys = {row.name: public_from_multibase(row.public) for row in rows}
    return did_document(did_web(site.netloc, site.path), keys)


def published_certificates() -> str:
    rows = Key.objects.filter(use=KeyUse.SIGNATURE).order_by("id")
    return "".join(row.public for row in rows)


# Development ----------------------------------------------------------------------------


def add_development_keys() -> tuple[int, int]:
    """Keys from ``settings.KEY_FOLDER`` for development: how many created, how many present.

    Writes no entry of the audit log: it is part of loading the reference data.
    """
    if not settings.DEVELOPMENT_SIGNING:
        return 0, 0
    uses = set(Key.objects.values_list("use", flat=True))
    if KeyUse.SIGNATURE not in uses:
        password, pkcs12 = _development_pkcs12()
        _signature_key(_DEVELOPMENT_SIGNATURE, pkcs12, password)
    if KeyUse.CREDENTIAL not in uses:
        folder = Path(settings.KEY_FOLDER)
        seed = read_or_create(folder / "credential.seed", lambda: secrets.token_bytes(32))
        _credential_key_row(_DEVELOPMENT_CREDENTIAL, seed)
    return 2 - len(uses), len(uses)


def _development_pkcs12() -> tuple[str, bytes]:
    folder = Path(settings.KEY_FOLDER)
    password = read_or_create(
        folder / "signature.password", lambda: secrets.token_urlsafe(20).encode()
    )
    text = password.decode()
    pkcs12 = read_or_create(
        folder / "signature.p12",
        lambda: self_signed_pkcs12("699 development", text, valid_from=DEVELOPMENT_FROM),
    )
    return text, pkcs12


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
