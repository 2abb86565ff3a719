"""PKCS#12 files, opened for the first time within the boundary (``common.bounded``).

Such a file says itself how many rounds its password is worth: two thousand million, if it likes.
"""

from certificates.errors import CertificateError
from certificates.signing import load_key, require_strong
from common.bounded import MB, Limits, parser
from common.deferred_messages import DeferredMessage as _

# All of them are written into every document that the key signs.
MOST_AUTHORITIES = 10


@parser(
    Limits(cpu=5, wall=8.0, wait=5.0, memory=96 * MB, output=1 * MB),
    errors=(CertificateError,),
    preload=("cryptography.hazmat.primitives.serialization.pkcs12", "pyhanko.sign.signers"),
)
def try_key(pkcs12: bytes, password: str) -> None:
    """Errors: ``wrong_password``, ``unusable_key``, ``weak_key``."""
    key = load_key(pkcs12, password)
    require_strong(key.certificate)
    if len(key.authorities) > MOST_AUTHORITIES:
        message = _(
            "The PKCS#12 file contains more than %(limit)d certificates beside that of the key. "
            "Export the key with its own certificate chain only."
        )
        raise CertificateError("unusable_key", message % {"limit": MOST_AUTHORITIES})
