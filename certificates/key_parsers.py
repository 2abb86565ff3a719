"""PKCS#12 files, opened for the first time within the boundary (``common.bounded``).

Such a file says itself how many rounds its password is worth: two thousand million, if it likes.
"""

from certificates.errors import CertificateError
from certificates.signing import load_key
from common.bounded import MB, Limits, parser


@parser(
    Limits(cpu=5, wall=8.0, wait=5.0, memory=96 * MB, output=1 * MB),
    errors=(CertificateError,),
    preload=("cryptography.hazmat.primitives.serialization.pkcs12", "pyhanko.sign.signers"),
)
def try_key(pkcs12: bytes, password: str) -> None:
    """Errors: ``wrong_password``, ``unusable_key``."""
    load_key(pkcs12, password)
