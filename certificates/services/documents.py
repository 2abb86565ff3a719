"""Documents from frozen data: the one place that joins design, credential and signature.

No database, clock or request: the same source gives the same unsigned bytes in twenty years, in
any process.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from certificates import design_parsers
from certificates.credential import FILE_NAME
from certificates.errors import CertificateError
from certificates.pdf import (
    Appearance,
    CertificateFields,
    CertificateRenderer,
    is_shipped,
)
from certificates.pdf.page import QR_MASK
from certificates.signing import SigningKey
from common import bounded
from common.bounded import BoundedError
from common.errors import DomainError
from common.pdf import Attachment

RENDERED = "rendered"
CREDENTIAL_ABOUT = "Open Badges 3.0 / W3C Verifiable Credential (eddsa-jcs-2022)"


class DocumentError(CertificateError):
    """This one document cannot be made; others may."""


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """All that one document is built from. ``sign_at`` is an aware datetime, or None."""

    id: int
    appearance: Appearance
    printed: dict[str, Any]
    credential: dict[str, Any] | None
    sign_at: dt.datetime | None = None
    # How a document that is made again was made (``Certificate.made_with``); None: a new one.
    made_with: str | None = None


@dataclass(frozen=True, slots=True)
class BuiltDocument:
    """Hash and size of the unsigned form, and the bytes to store, signed if ``sign_at`` was set."""

    id: int
    made_with: str
    unsigned_sha256: str
    unsigned_size: int
    content: bytes
    signed_at: dt.datetime | None


@lru_cache(maxsize=8)
def renderer_for(appearance: Appearance) -> CertificateRenderer:
    # Cached: fonts, styles, pictures and background are read once.
    return CertificateRenderer(appearance, dict(appearance.images))


def render(
    appearance: Appearance,
    fields: CertificateFields,
    attachments: Sequence[Attachment] = (),
    qr_mask: int | None = QR_MASK,
) -> bytes:
    """The unsigned file: rendered in a bounded process, unless the design is one that we ship.

    Errors: DocumentError, with the codes of ``CertificateRenderer.render`` and ``design_invalid``
    where the design costs too much with these fields.
    """
    try:
        if is_shipped(appearance):
            return renderer_for(appearance).render(fields, attachments=attachments, qr_mask=qr_mask)
        return bounded.run(
            design_parsers.render_document,
            appearance.html,
            appearance.css,
            dict(appearance.images),
            fields.to_json(),
            [asdict(attachment) for attachment in attachments],
            qr_mask,
        )
    except BoundedError as error:
        raise DocumentError(*_reason(error)) from None
    except DomainError as error:
        raise DocumentError(error.code, error.sentence) from error


def _reason(error: BoundedError) -> tuple[str, Any]:
    return (error.code, error.sentence) if error.is_busy else ("design_invalid", too_costly())


def too_costly() -> str:
    return _(
        "The design cannot be rendered: it is nested too deeply, or takes too "
        "much time or memory. Simplify it."
    )


@dataclass(frozen=True, slots=True)
class DocumentBuilder:
    key: SigningKey | None = None
    stamper: Any = None

    def unsigned(self, source: DocumentSource) -> bytes:
        fields = CertificateFields.from_json(source.printed)
        attachments = [_attachment(source.credential)] if source.credential else []
        # Release 1.0 recorded nothing, and let each QR code choose its mask.
        qr_mask = None if source.made_with == "" else QR_MASK
        return render(source.appearance, fields, attachments, qr_mask)

    def build(self, source: DocumentSource) -> BuiltDocument:
        content = unsigned = self.unsigned(source)
        signed_at = source.sign_at if self.key else None
        if self.key and signed_at:
            content = self.key.sign(unsigned, at=signed_at, timestamper=self.stamper)
        return BuiltDocument(
            id=source.id,
            made_with=RENDERED,
            unsigned_sha256=hashlib.sha256(unsigned).hexdigest(),
            unsigned_size=len(unsigned),
            content=content,
            signed_at=signed_at,
        )


def _attachment(credential: dict[str, Any]) -> Attachment:
    # Whitespace is no part of what the proof covers, the order of keys neither.
    text = json.dumps(credential, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Attachment(FILE_NAME, text.encode(), CREDENTIAL_ABOUT, "Data")
