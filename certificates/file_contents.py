"""What a PDF from anywhere says that it is: the facts in it, believed by nobody yet.

The files are parsed within the boundary (``parsers``); all of this may raise BoundedError.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import Any

from certificates import parsers
from certificates.credential import FILE_NAME
from common import bounded
from common.pdf_text import PdfText, is_pdf, read_text, refuse_large

CODE_KEY = "certificate-code="
_CODE = r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2,5}"
_IN_KEYWORDS = re.compile(re.escape(CODE_KEY) + f"({_CODE})")
_IN_TEXT = re.compile(rf"/verify/({_CODE})(?![0-9A-Z-])")


@dataclass(frozen=True, slots=True)
class SignatureReport:
    """One signature found in a file.

    ``intact``: what was signed is unchanged and the signature is the signer's; ``whole``: it
    covers the file to its last byte. ``fingerprint`` is the SHA-256 of the signer's
    certificate in hex: whether that is one to trust, the caller knows.
    """

    intact: bool
    whole: bool
    signer: str
    fingerprint: str
    signed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A file as it was read: ``words`` None where it has none, ``credential`` as it is attached."""

    words: PdfText | None = None
    credential: dict[str, Any] | None = None
    signatures: tuple[SignatureReport, ...] = ()

    @property
    def code(self) -> str | None:
        return _code_in(self.words)


def read_certificate(content: bytes) -> CertificateFile:
    """Read everything about a file in one parser call. Error: ``file_too_large``."""
    refuse_large(content)
    if not is_pdf(content):
        return CertificateFile()
    found = bounded.run(parsers.read_certificate, content, FILE_NAME)
    return CertificateFile(
        words=PdfText(*found["words"]) if found["words"] else None,
        credential=_document(found["credential"]),
        signatures=tuple(SignatureReport(**one) for one in found["signatures"]),
    )


def code_in(pdf: bytes) -> str | None:
    """The verification code in a PDF, altered or not; None where there is none.

    The keywords come first, then the printed text. Error: ``file_too_large``.
    """
    return _code_in(read_text(pdf))


def _code_in(words: PdfText | None) -> str | None:
    if words is None:
        return None
    found = _IN_KEYWORDS.search(words.keywords) or _IN_TEXT.search(words.text)
    return found[1] if found else None


def _document(content: bytes | None) -> dict[str, Any] | None:
    try:
        document = json.loads(content or b"null", object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a repeated key: two readers would understand the document differently."""
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a key is repeated")
    return found
