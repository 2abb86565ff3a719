"""PAdES signatures on certificates, made with a key of ours; ``file_contents`` reads them back.

A signature certifies the file (DocMDP: no change whatever), is invisible (a visible one
would break PDF/A and PDF/UA; the seal is drawn by the design), and keeps PDF 1.7. Pure
functions over bytes: where keys come from and which are trusted is the caller's business.
"""

import asyncio
import datetime as dt
import hashlib
import io
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from certificates.errors import CertificateError
from common.deferred_messages import DeferredMessage as _
from common.event_loops import outside_event_loop

if TYPE_CHECKING:
    from asn1crypto import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.x509 import Certificate

    PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey

logger = logging.getLogger(__name__)

FIELD = "Signature"
# Reserved in the file for the signature beside its certificates: attributes, time stamp.
BYTES_FOR_SIGNATURE = 3000
BYTES_FOR_TIME_STAMP = 8000
SELF_SIGNED_YEARS = 10
SMALLEST_RSA = 2048


class SigningKey:
    """A private key with its certificate chain; ``sign_raw`` signs bytes (SHA-256) with it."""

    def __init__(
        self,
        sign_raw: Callable[[bytes], bytes],
        certificate: "Certificate",
        chain: Sequence["Certificate"],
        *,
        is_in_token: bool = False,
    ) -> None:
        self.sign_raw, self.certificate = sign_raw, certificate
        # No forked process may use the session of this one.
        self.is_in_token = is_in_token
        self.valid_from = certificate.not_valid_before_utc
        self.valid_to = certificate.not_valid_after_utc
        self.subject = certificate.subject.rfc4514_string()
        self.pem = pem_of(certificate)
        self.fingerprint = hashlib.sha256(_der(certificate)).hexdigest()
        self.authorities = tuple(chain)
        self._signer = _signer(sign_raw, certificate, chain)
        self.bytes_reserved = BYTES_FOR_SIGNATURE + sum(
            len(_der(one)) for one in (certificate, *chain)
        )

    def sign(
        self,
        pdf: bytes,
        *,
        at: dt.datetime,
        reason: str = "",
        timestamper: Any = None,
        bytes_for_stamp: int = 0,
    ) -> bytes:
        """The file with a certification signature (PAdES B-B; B-T with a time stamper).

        ``at`` is the aware moment that the signature names. ``timestamper`` is one of
        pyHanko's; ``bytes_for_stamp`` are left for a token that comes later.

        Errors: ``signer_expired``, ``already_signed``, ``not_signable``.
        """
        self.require_in_force(at)
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.sign.general import SigningError
        from pyhanko.sign.timestamps import TimestampRequestError

        writer = _writer(pdf)
        reserved = self.bytes_reserved + (BYTES_FOR_TIME_STAMP if timestamper else bytes_for_stamp)
        try:
            # pyHanko counts hexadecimal digits, two to a byte, whatever its parameter is called.
            signer = _pdf_signer(self._signer, at, reason, timestamper)
            output = outside_event_loop(
                lambda: signer.sign_pdf(writer, bytes_reserved=2 * reserved)
            )
        except TimestampRequestError as error:
            logger.warning("no time stamp: %s", error)
            message = _(
                "The time-stamping authority did not issue a time stamp. Try again "
                "later; the reason is in the server's log."
            )
            raise CertificateError("no_time_stamp", message) from None
        except (PdfError, SigningError) as error:
            message = _("The file cannot be signed: %(reason)s")
            raise CertificateError("not_signable", message % {"reason": str(error)}) from None
        signed: bytes = output.getvalue()
        return signed

    def require_in_force(self, at: dt.datetime) -> None:
        """Error: ``signer_expired``."""
        if not self.valid_from <= at <= self.valid_to:
            message = _("The signing certificate is valid only from %(first)s to %(last)s.")
            values = {"first": f"{self.valid_from:%d/%m/%Y}", "last": f"{self.valid_to:%d/%m/%Y}"}
            raise CertificateError("signer_expired", message % values)

    def container(self, digest: bytes) -> Any:
        """A CMS (asn1crypto) with a signature over the digest of a file."""
        signer = self._signer
        return outside_event_loop(
            lambda: asyncio.run(signer.async_sign(digest, "sha256", use_pades=True))
        )


def load_key(pkcs12: bytes, password: str) -> SigningKey:
    """The key in a PKCS#12 file. Errors: ``wrong_password``, ``unusable_key``."""
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        store = load_pkcs12(pkcs12, password.encode() or None)
    except ValueError:
        # OpenSSL does not tell a wrong password from a damaged file.
        message = _("The password of the signing key is wrong, or the file is not a PKCS#12 file.")
        raise CertificateError("wrong_password", message) from None
    key = store.key
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey) or store.cert is None:
        message = _("The PKCS#12 file must contain an RSA or EC key together with its certificate.")
        raise CertificateError("unusable_key", message)
    chain = [other.certificate for other in store.additional_certs]
    return SigningKey(_operation(key), store.cert.certificate, chain)


def _operation(key: "PrivateKey") -> Callable[[bytes], bytes]:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    if isinstance(key, ec.EllipticCurvePrivateKey):
        curve = key
        return lambda data: curve.sign(data, ec.ECDSA(hashes.SHA256()))
    number = key
    return lambda data: number.sign(data, padding.PKCS1v15(), hashes.SHA256())


def require_strong(certificate: "Certificate") -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    key = certificate.public_key()
    strong = isinstance(key, ed25519.Ed25519PublicKey) or (
        key.key_size >= SMALLEST_RSA
        if isinstance(key, rsa.RSAPublicKey)
        else isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= 256
    )
    if not strong:
        message = _("The key of this certificate is too weak to be trusted (RSA below 2048 bits).")
        raise CertificateError("weak_key", message)


def self_signed_pkcs12(name: str, password: str, *, valid_from: dt.datetime) -> bytes:
    """A new P-256 key with a certificate of its own, for development, demo and tests."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
    from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_from + dt.timedelta(days=365 * SELF_SIGNED_YEARS))
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(password.encode())
    return serialize_key_and_certificates(name.encode(), key, certificate, None, encryption)


# pyHanko, bent to our needs -------------------------------------------------------------


def _der(certificate: "Certificate") -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.DER)


def pem_of(certificate: "Certificate") -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode()


def read_certificates(pem: bytes) -> "list[Certificate]":
    """Error: ``unusable_key``."""
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(pem)
    except ValueError:
        message = _("The file does not contain certificates in PEM format.")
        raise CertificateError("unusable_key", message) from None


def _parsed(certificate: "Certificate") -> "x509.Certificate":
    from asn1crypto import x509

    return x509.Certificate.load(_der(certificate))


def _signer(
    sign: Callable[[bytes], bytes], certificate: "Certificate", chain: Sequence["Certificate"]
) -> Any:
    from asn1crypto.cms import CMSAttributes
    from pyhanko.sign.signers import ExternalSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class LoadedKeySigner(ExternalSigner):
        """pyHanko's own signer loads and checks the key again for every file: 75 ms."""

        async def async_sign_raw(
            self, data: bytes, digest_algorithm: str, dry_run: bool = False
        ) -> bytes:
            return sign(data)

        async def signed_attrs(self, *arguments: Any, **options: Any) -> CMSAttributes:
            # Parsed from bytes: otherwise each use encodes the whole tree again.
            attributes = await super().signed_attrs(*arguments, **options)
            return CMSAttributes.load(attributes.dump())

    store = SimpleCertificateStore()
    store.register_multiple([_parsed(one) for one in chain])
    return LoadedKeySigner(signing_cert=_parsed(certificate), cert_registry=store)


def _pdf_signer(signer: Any, at: dt.datetime, reason: str, timestamper: Any) -> Any:
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    class DatedPdfSigner(PdfSigner):
        def init_signing_session(self, *arguments: Any, **options: Any) -> Any:
            session = super().init_signing_session(*arguments, **options)
            session.system_time = at
            return session

    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        subfilter=SigSeedSubFilter.PADES,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason=reason or None,
    )
    return DatedPdfSigner(metadata, signer=signer, timestamper=timestamper)


def pdf_writer(pdf: bytes) -> Any:
    """pyHanko's writer of updates, which leaves alone what it would change beside them."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Pdf17(IncrementalPdfFileWriter):
        def ensure_output_version(self, version: tuple[int, int]) -> None:
            """PAdES asks for PDF 2.0, PDF/A-3 forbids it; signatures are the same in both."""

        def _update_meta(self) -> None:
            """A signature changes nothing that the file says of itself."""

    return Pdf17(io.BytesIO(pdf))


def _writer(pdf: bytes) -> Any:
    from pyhanko.pdf_utils.misc import PdfError

    try:
        writer = pdf_writer(pdf)
        signed = bool(writer.prev.embedded_signatures)
    except (PdfError, ValueError) as error:
        message = _("The file cannot be signed: %(reason)s")
        raise CertificateError("not_signable", message % {"reason": str(error)}) from None
    if signed:
        raise CertificateError("already_signed", _("The file is already signed."))
    return writer
