"""Signing keys that never leave a PKCS#11 token: a USB token, a smart card, an HSM.

The session stays open from one signature to the next. One that has ended, because the token was
pulled out or the HSM restarted, is opened again once for a signature; a PIN that was refused is
not sent a second time by the same process, since most tokens lock after a few.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from certificates.errors import CertificateError
from certificates.signing import SigningKey
from common.deferred_messages import DeferredMessage as _

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

logger = logging.getLogger(__name__)

_TRIAL = b"trial"
# The head of a SHA-256 in PKCS#1 v1.5 (RFC 8017, 9.2): every token can sign it, few can hash.
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
MESSAGES = {
    "token_missing": _(
        "The token with the signing key is not there. Plug it in, and check the settings "
        "SIGNING_TOKEN_MODULE and SIGNING_TOKEN_LABEL."
    ),
    "token_pin": _(
        "The token with the signing key refuses the PIN. Correct SIGNING_TOKEN_PIN and restart; "
        "until then it is not tried again, so that the token does not lock."
    ),
    "token_locked": _(
        "The token with the signing key is locked, or one wrong PIN away from it. Unlock it with "
        "the program of its manufacturer."
    ),
    "token_without_key": _("The token does not contain this signing key."),
    "token_failed": _(
        "The token with the signing key did not sign. Check that it is plugged in and try again; "
        "the reason is in the server's log."
    ),
}
# CKF_USER_PIN_FINAL_TRY and CKF_USER_PIN_LOCKED.
NEARLY_LOCKED = 0x20000 | 0x40000
# A PKCS#11 module has one state for the whole process.
_lock = Lock()
_refused: set["Token"] = set()
# The key with the open session of each module: to start a module again ends all its sessions, and
# the next ones get their numbers, under which another key would sign.
_in_use: dict[str, "TokenKey"] = {}


@dataclass(frozen=True, slots=True)
class Token:
    """``module`` is the path of the manufacturer's PKCS#11 library."""

    module: str
    label: str
    pin: str = field(repr=False)


class TokenKey:
    """A private key in a token, by its label there."""

    def __init__(self, token: Token, label: str) -> None:
        self._token, self._label = token, label
        self._sign: Callable[[bytes], bytes] | None = None

    def sign(self, data: bytes) -> bytes:
        """Errors: the codes of ``MESSAGES``."""
        from pkcs11.exceptions import PKCS11Error

        digest = hashlib.sha256(data).digest()
        with _lock:
            try:
                if self._sign and _in_use.get(self._token.module) is self:
                    return self._sign(digest)
            except PKCS11Error as error:
                logger.warning("the session of a token ended: %s", type(error).__name__)
            self._sign = None
            session = _open(self._token)
            try:
                sign = _operation(session, self._label)
                signature = sign(digest)
            except PKCS11Error as error:
                raise _refusal(error) from None
            self._sign, _in_use[self._token.module] = sign, self
        return signature


def load_token_key(
    token: Token, label: str, certificates: "Iterable[Certificate]" = ()
) -> SigningKey:
    """The key with its certificate, found among those given or, without any, in the token.

    Errors: the codes of ``MESSAGES``.
    """
    key = TokenKey(token, label)
    signature = key.sign(_TRIAL)
    found = list(certificates) or certificates_in(token)
    own = next((one for one in found if _is_signed_with(one, signature)), None)
    if own is None:
        raise CertificateError("token_without_key", MESSAGES["token_without_key"])
    return SigningKey(key.sign, own, _chain(own, found), is_in_token=True)


def certificates_in(token: Token) -> "list[Certificate]":
    from cryptography.x509 import load_der_x509_certificate
    from pkcs11 import Attribute, ObjectClass
    from pkcs11.exceptions import PKCS11Error

    with _lock:
        session = _session(token)
        try:
            objects = list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}))
            return [load_der_x509_certificate(one[Attribute.VALUE]) for one in objects]
        except PKCS11Error as error:
            raise _refusal(error) from None


def _open(token: Token) -> Any:
    """A session with what is plugged in now. Modules list their tokens once, when they start."""
    import pkcs11

    _in_use.pop(token.module, None)
    try:
        pkcs11.lib(token.module).reinitialize()
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise _refusal(error, "token_missing") from None
    return _session(token)


def _session(token: Token) -> Any:
    import pkcs11

    if token in _refused:
        raise CertificateError("token_pin", MESSAGES["token_pin"])
    try:
        found = pkcs11.lib(token.module).get_token(token_label=token.label)
        if found.flags & NEARLY_LOCKED:
            raise CertificateError("token_locked", MESSAGES["token_locked"])
        try:
            return found.open(user_pin=token.pin)
        except pkcs11.UserAlreadyLoggedIn:  # by another session of this process
            return found.open()
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as error:
        _refused.add(token)
        raise _refusal(error, "token_pin") from None
    except pkcs11.PinLocked as error:
        raise _refusal(error, "token_locked") from None
    except (pkcs11.NoSuchToken, pkcs11.TokenNotPresent) as error:
        raise _refusal(error, "token_missing") from None
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise _refusal(error) from None


def _operation(session: Any, label: str) -> Callable[[bytes], bytes]:
    from pkcs11 import KeyType, Mechanism, ObjectClass
    from pkcs11.util.ec import encode_ecdsa_signature

    key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)
    if key.key_type == KeyType.EC:
        return lambda digest: encode_ecdsa_signature(key.sign(digest, mechanism=Mechanism.ECDSA))
    return lambda digest: bytes(key.sign(_DIGEST_INFO + digest, mechanism=Mechanism.RSA_PKCS))


def _refusal(error: Exception, code: str = "token_failed") -> CertificateError:
    """The module's own words may name paths: they are for the log."""
    from pkcs11.exceptions import MultipleObjectsReturned, NoSuchKey

    if isinstance(error, NoSuchKey | MultipleObjectsReturned):
        code = "token_without_key"
    logger.warning("signing token: %s: %s", code, type(error).__name__)
    return CertificateError(code, MESSAGES[code])


def _is_signed_with(certificate: "Certificate", signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

    public = certificate.public_key()
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, _TRIAL, ec.ECDSA(hashes.SHA256()))
        elif isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, _TRIAL, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _chain(own: "Certificate", others: "Sequence[Certificate]") -> "list[Certificate]":
    """The authorities above a certificate, nearest first."""
    chain = [own]
    while chain[-1].issuer != chain[-1].subject:
        above = [one for one in others if one.subject == chain[-1].issuer and one not in chain]
        if not above:
            break
        chain.append(above[0])
    return chain[1:]
