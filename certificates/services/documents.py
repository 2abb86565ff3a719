"""Documents from frozen data: the one place that joins design, credential and signature.

No database, clock or request: the same source gives the same unsigned bytes in twenty years, in
any process.
"""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from certificates import design_parsers
from certificates.compiled import CompiledDesign, Reason, Store, UnusualError, Written, signature
from certificates.compiled.compiling import Compiler
from certificates.credential import FILE_NAME
from certificates.errors import CertificateError
from certificates.pdf import (
    Appearance,
    CertificateFields,
    CertificateRenderer,
    DesignSource,
    is_shipped,
)
from certificates.pdf.comparing import differences
from certificates.pdf.marks import marked
from certificates.pdf.page import QR_MASK
from certificates.signing import BYTES_FOR_TIME_STAMP, SigningKey
from common import bounded
from common.bounded import BoundedError
from common.errors import DomainError
from common.pdf import Attachment

# One in so many is made both ways and compared.
COMPARED = 1_000
RENDERED = "rendered"
MARKED = f"{RENDERED}:marked"
TEMPLATE_LENGTH = 64
CREDENTIAL_ABOUT = "Open Badges 3.0 / W3C Verifiable Credential (eddsa-jcs-2022)"


logger = logging.getLogger(__name__)


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
    # Printed beside what the design prints; a marked document is always rendered.
    mark: str = ""


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


def source_of(appearance: Appearance) -> DesignSource:
    """What is known without laying anything out; designs of others must be able to be rendered."""
    return _source(appearance) if is_shipped(appearance) else renderer_for(appearance)


@lru_cache(maxsize=8)
def _source(appearance: Appearance) -> DesignSource:
    return DesignSource(appearance)


def render(
    appearance: Appearance,
    fields: CertificateFields,
    attachments: Sequence[Attachment] = (),
    qr_mask: int | None = QR_MASK,
    mark: str = "",
) -> bytes:
    """The unsigned file: rendered in a bounded process, unless the design is one that we ship.

    Errors: DocumentError, with the codes of ``CertificateRenderer.render`` and ``design_invalid``
    where the design costs too much with these fields.
    """
    is_ours = is_shipped(appearance)
    if mark:
        appearance = marked(appearance, mark)
    try:
        if is_ours:
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


@lru_cache(maxsize=8)
def compiled_for(appearance: Appearance) -> CompiledDesign:
    # Cached: its templates stay in memory.
    if is_shipped(appearance):
        compile_ = [lambda *a: _compiler(appearance).skeleton(*a),
                    lambda *a: _compiler(appearance).template(*a)]  # fmt: skip
    else:
        source = (appearance.html, appearance.css, dict(appearance.images))
        compile_ = [partial(bounded.run, design_parsers.compile_skeleton, *source),
                    partial(bounded.run, design_parsers.compile_template, *source)]  # fmt: skip
    return CompiledDesign(appearance, Store(Path(settings.COMPILED_DESIGNS)), *compile_)


def compile_for(appearance: Appearance, fields: CertificateFields) -> None:
    """Keep what certificates like this one need. Errors: UnusualError; those of ``render``."""
    compiled_for(appearance).make(fields, _attachment({}))


@lru_cache(maxsize=8)
def _compiler(appearance: Appearance) -> Compiler:
    return Compiler(renderer_for(appearance))


def too_costly() -> str:
    return _(
        "The design cannot be rendered: it is nested too deeply, or takes too "
        "much time or memory. Simplify it."
    )


@dataclass(frozen=True, slots=True)
class DocumentBuilder:
    key: SigningKey | None = None
    # Whether a token will be put in.
    is_stamped: bool = False

    def unsigned(self, source: DocumentSource) -> bytes:
        """Errors: as of ``render``."""
        return self._unsigned(source).content

    def build(self, source: DocumentSource) -> BuiltDocument:
        """Errors: as of ``render`` and ``SigningKey.sign``."""
        unsigned = self._unsigned(source)
        content = unsigned.content
        signed_at = source.sign_at if self.key else None
        if self.key and signed_at:
            content = self._signed(self.key, unsigned, signed_at)
        return BuiltDocument(
            id=source.id,
            made_with=unsigned.made_with,
            unsigned_sha256=unsigned.sha256,
            unsigned_size=len(unsigned.content),
            content=content,
            signed_at=signed_at,
        )

    def _signed(self, key: SigningKey, unsigned: "_Unsigned", at: dt.datetime) -> bytes:
        bytes_for_stamp = BYTES_FOR_TIME_STAMP if self.is_stamped else 0
        if unsigned.written:
            return signature.sign(unsigned.written, key, at, bytes_for_stamp)
        return key.sign(unsigned.content, at=at, bytes_for_stamp=bytes_for_stamp)

    def _unsigned(self, source: DocumentSource) -> "_Unsigned":
        if source.mark:
            return _rendered(source, MARKED)
        if source.made_with is not None and len(source.made_with) != TEMPLATE_LENGTH:
            return _rendered(source, source.made_with)
        try:
            return _compiled(source)
        except UnusualError as unusual:
            return _rendered(source, f"{RENDERED}:{unusual.reason}")


@dataclass(frozen=True, slots=True)
class _Unsigned:
    content: bytes
    sha256: str
    made_with: str
    written: Written | None = None


def _rendered(source: DocumentSource, made_with: str) -> _Unsigned:
    fields, attachment = _printed(source)
    # Release 1.0 recorded nothing, and let each QR code choose its mask.
    qr_mask = QR_MASK if made_with else None
    attachments = [attachment] if attachment else []
    content = render(source.appearance, fields, attachments, qr_mask, source.mark)
    return _Unsigned(content, hashlib.sha256(content).hexdigest(), made_with)


def _compiled(source: DocumentSource) -> _Unsigned:
    """Errors: UnusualError; DocumentError for what no way can print."""
    fields, attachment = _printed(source)
    try:
        design = compiled_for(source.appearance)
        if source.made_with:
            written = design.make_again(source.made_with, fields, attachment)
        else:
            written = design.make(fields, attachment)
    except DomainError as error:
        raise DocumentError(error.code, error.sentence) from error
    made = _Unsigned(written.content, written.sha256, written.template.sha256, written)
    if source.made_with is None and int(made.sha256[:8], 16) % COMPARED == 0:
        _compare(source, made)
    return made


def _compare(source: DocumentSource, made: _Unsigned) -> None:
    """Error: UnusualError, where the rendered file draws or says anything else."""
    if differs := differences(made.content, _rendered(source, RENDERED).content):
        logger.error(
            "certificate %d: compiled with %s it differs in %s",
            source.id, made.made_with, ", ".join(differs),
        )  # fmt: skip
        raise UnusualError(Reason.DIFFERENT)


def _printed(source: DocumentSource) -> tuple[CertificateFields, Attachment | None]:
    fields = CertificateFields.from_json(source.printed)
    return fields, _attachment(source.credential) if source.credential else None


def _attachment(credential: dict[str, Any]) -> Attachment:
    # Whitespace is no part of what the proof covers, the order of keys neither.
    text = json.dumps(credential, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Attachment(FILE_NAME, text.encode(), CREDENTIAL_ABOUT, "Data")
