"""Bytes from frozen data: the one place that joins look, credential and signature.

No database, no clock, no request: so the same source gives the same unsigned bytes in twenty
years, and any process may do the work.
"""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from certificates.credential import FILE_NAME
from certificates.pdf import CertificateFields, CertificateRenderer, prepare
from certificates.signing import SigningKey
from common.pdf import Attachment

CREDENTIAL_ABOUT = "Open Badges 3.0 / W3C Verifiable Credential (eddsa-jcs-2022)"


@dataclass(frozen=True, slots=True)
class Appearance:
    """A design's source with the pictures that go into it; equal looks share a renderer."""

    html: str
    css: str
    images: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """One certificate to be made. ``sign_at`` is the aware moment of signing, or None."""

    id: int
    appearance: Appearance
    printed: dict[str, Any]
    credential: dict[str, Any] | None
    sign_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class BuiltDocument:
    """The unsigned form's hash and size, and the bytes to store: signed where asked for."""

    id: int
    unsigned_sha256: str
    unsigned_size: int
    content: bytes
    signed_at: dt.datetime | None


@lru_cache(maxsize=8)
def renderer_for(appearance: Appearance) -> CertificateRenderer:
    """The renderer of a look: fonts, styles, pictures and background are read once."""
    return prepare(appearance, dict(appearance.images))


@dataclass(frozen=True, slots=True)
class DocumentBuilder:
    """Makes certificates one after the other, signed with the key if there is one."""

    key: SigningKey | None = None
    stamper: Any = None

    def unsigned(self, source: DocumentSource) -> bytes:
        """The form before signing; the same bytes whenever it is asked for."""
        fields = CertificateFields.from_json(source.printed)
        attachments = [_attachment(source.credential)] if source.credential else []
        return renderer_for(source.appearance).render(fields, attachments=attachments)

    def build(self, source: DocumentSource) -> BuiltDocument:
        """The file, signed where the source says when and a key is at hand."""
        content = unsigned = self.unsigned(source)
        signed_at = source.sign_at if self.key else None
        if self.key and signed_at:
            content = self.key.sign(unsigned, at=signed_at, timestamper=self.stamper)
        return BuiltDocument(
            id=source.id,
            unsigned_sha256=hashlib.sha256(unsigned).hexdigest(),
            unsigned_size=len(unsigned),
            content=content,
            signed_at=signed_at,
        )


def _attachment(credential: dict[str, Any]) -> Attachment:
    # Whitespace is no part of what the proof covers, the order of keys neither.
    text = json.dumps(credential, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Attachment(FILE_NAME, text.encode(), CREDENTIAL_ABOUT, "Data")
