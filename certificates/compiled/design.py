"""A compiled design: fields in, an unsigned file out, or UnusualError with the reason why not."""

import datetime as dt
import hashlib
import logging
import threading
import zlib
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from html import escape
from importlib.metadata import version

from certificates.compiled.compiling import AttachmentKind, flat
from certificates.compiled.library import Compile, Known, Library, digest
from certificates.compiled.make_up import MakeUp, make_up_of
from certificates.compiled.reading_back import Expected, Reader
from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.shaping import harfbuzz_version
from certificates.compiled.skeleton import Page
from certificates.compiled.store import Store
from certificates.compiled.writing import Template, Written, pdf_string
from certificates.pdf import Appearance, CertificateFields
from certificates.pdf.page import densities
from certificates.pdf.rendering import DesignSource
from common.fonts import find_font
from common.pdf import Attachment, Metadata

logger = logging.getLogger(__name__)

# Changes with the code of this package that decides about bytes.
VERSION = 2
_LIBRARIES = ("weasyprint", "pydyf", "segno", "pillow")


class CompiledDesign:
    """One appearance; keep it. The two functions do what the methods of ``Compiler`` do."""

    def __init__(
        self, appearance: Appearance, store: Store, skeleton: Compile, template: Compile
    ) -> None:
        self._source = DesignSource(appearance)
        self._library = Library(store, skeleton, template)
        self._identity = _identity(appearance, self._source)
        self._make_up: MakeUp | None = None
        with suppress(UnusualError):
            self._make_up = make_up_of(self._source.page_html)
        self._readers: dict[str, Reader] = {}
        self._lock = threading.Lock()

    @property
    def compiled(self) -> int:
        """How often WeasyPrint was asked."""
        return self._library.compiled

    def make(self, fields: CertificateFields, attachment: Attachment | None) -> Written:
        """The unsigned file, read back. Errors: UnusualError; CertificateError as of a renderer."""
        self._source.refuse_what_cannot_be_printed(fields)
        with self._lock:
            return self._written(*self._found(fields, attachment), fields, attachment)

    def make_again(
        self, sha256: str, fields: CertificateFields, attachment: Attachment | None
    ) -> Written:
        """The file from the template that made it. Error: UnusualError, where that is lost."""
        with self._lock:
            if recorded := self._library.recorded(sha256):
                template, known = recorded
                texts = flat(self._source.values(fields))
                page = known.skeleton.fill(texts, known.fillings)
            else:  # the same libraries and fonts compile the same template
                known, template, page, texts = self._found(fields, attachment)
            if template.sha256 != sha256 or page.pattern != template.pattern:
                raise UnusualError(Reason.DIFFERENT)
            return self._written(known, template, page, texts, fields, attachment)

    def _found(
        self, fields: CertificateFields, attachment: Attachment | None
    ) -> tuple[Known, Template, Page, dict[str, str]]:
        if self._make_up is None:
            raise UnusualError(Reason.DESIGN)
        values, url, kind = self._source.values(fields), fields.verification_url, _kind(attachment)
        stand_in = "x" * len(url)
        for density in densities(values):
            values["density"] = density
            names = self._make_up.holes(values)
            literals = repr(self._make_up.literals(values))
            key = (self._identity, kind, tuple(names), len(url), literals)
            common = self._make_up.common(values)
            known = self._library.skeleton(key, common, names, stand_in, kind)
            if not known.skeleton.fits:
                continue
            texts = flat(values)
            page = known.skeleton.fill(texts, known.fillings)
            try:
                template = self._library.template(known, page, values, stand_in, kind)
                return known, template, page, texts
            except UnusualError as unusual:
                if unusual.reason != Reason.PAGE:
                    raise
        raise UnusualError(Reason.PAGE)

    def _written(
        self, known: Known, template: Template, page: Page, texts: Mapping[str, str],
        fields: CertificateFields, attachment: Attachment | None,
    ) -> Written:  # fmt: skip
        content = attachment.content if attachment else b""
        about, url = self._source.metadata(fields), fields.verification_url
        written = template.write(page.holes, texts, _words(about, content), url)
        expected = Expected(
            texts=(texts["full_name"], fields.register_number, fields.verification_code),
            paragraphs=tuple(["".join(one.texts(texts)) for one in known.skeleton.paragraphs]),
            url=url,
            title=about.title,
            keywords=about.keywords[0],
            attachment=content,
        )
        if template.sha256 not in self._readers:
            self._readers[template.sha256] = Reader(written)
        if differs := self._readers[template.sha256].differs(written, expected):
            logger.error("a compiled certificate did not read back: %s", differs)
            raise UnusualError(Reason.READ_BACK)
        return written


def _words(about: Metadata, attachment: bytes) -> dict[str, bytes]:
    created, packed = about.created.astimezone(dt.UTC), zlib.compress(attachment, 1)
    named = {"title": about.title, "author": about.author, "keywords": about.keywords[0]}
    checksum = hashlib.md5(attachment, usedforsecurity=False).hexdigest()
    return {
        **{name: pdf_string(text) for name, text in named.items()},
        **{f"xml_{name}": escape(text, quote=False).encode() for name, text in named.items()},
        "created": created.strftime("D:%Y%m%d%H%M%SZ").encode(),
        "xml_created": created.strftime("%Y-%m-%dT%H:%M:%SZ").encode(),
        # WeasyPrint writes an attachment's local hour with a Z.
        "file_created": about.created.strftime("D:%Y%m%d%H%M%SZ").encode(),
        "file": packed,
        "length": str(len(packed)).encode(),
        "checksum": checksum.encode(),
        "size": str(len(attachment)).encode(),
        "identifier": about.identifier,
    }


def _kind(attachment: Attachment | None) -> AttachmentKind:
    if attachment is None:
        return None
    return attachment.name, attachment.description, attachment.relationship


def _identity(appearance: Appearance, source: DesignSource) -> str:
    """What a compiled design depends on beside its make-up."""
    pictures = [[name, hashlib.sha256(image).hexdigest()] for name, image in appearance.images]
    fonts = [_font_digest(name) for name in source.fonts]
    return digest([VERSION, _versions(), source.digest.hex(), pictures, fonts])


@lru_cache(maxsize=1)
def _versions() -> list[str]:
    return [harfbuzz_version(), *(version(name) for name in _LIBRARIES)]


@lru_cache(maxsize=64)
def _font_digest(name: str) -> str:
    return hashlib.sha256(find_font(name).read_bytes()).hexdigest()
