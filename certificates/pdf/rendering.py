"""A certificate's bytes: fields and a design in, a PDF/A-3a + PDF/UA-1 file out.

Nothing here knows a request, a model or a clock. What is printed arrives complete in
``CertificateFields``, so that a certificate can never show what its record does not hold.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from certificates.errors import CertificateError
from certificates.pdf.fields import DESIGN_FIELDS, CertificateFields
from certificates.pdf.page import (
    LANDSCAPE,
    PORTRAIT,
    QR_MASK,
    densities,
    document_title,
    qr_png,
    values_of,
)
from common import clock
from common.deferred_messages import DeferredMessage as _
from common.fonts import characters, find_font, missing_from
from common.pdf import Asset, Attachment, Metadata, PdfError, Renderer
from common.sandboxed_templates import compile_template

DESIGNS = Path(__file__).parent.parent / "designs"
LONGEST_FIELD = 300

_CODE_KEY = "certificate-code="
_BACKGROUND = re.compile(r'<svg id="background".*?</svg>\s*', re.DOTALL)
_PORTRAIT = re.compile(r"@page[^}]*size:\s*A4 portrait")
_IN_TAGS = re.compile(r"\{[{%](.*?)[%}]\}", re.DOTALL)
# Whatever else it looks like, a certificate must say these; of a tuple, one suffices.
REQUIRED = (
    ("full_name", "name_lines"), ("course_title", "course_title_kept"), ("register_number",),
    ("issuing_body", "issuing_body_kept"),
    ("verification_code",), ("signer_name",), ("place_and_date",),
)  # fmt: skip
_FONT_FILE = re.compile(r"""url\(\s*["']?asset:([\w.-]+\.(?:ttf|otf))["']?\s*\)""")

_FACE = re.compile(r"@font-face\s*\{(.*?)\}", re.DOTALL)
_FAMILY = re.compile(r"font-family:\s*([^;}]+)")
_FONTS = re.compile(r"font(?:-family)?:\s*([^;}]+)")


class Design(Protocol):
    """A design's source: a ``CertificateDesign`` row or a file of ours.

    ``html`` is a closed template (``common.sandboxed_templates``) over ``DESIGN_FIELDS``; it may
    hold one ``<svg id="background">`` of solid shapes, which lies beneath the page. ``css``
    names its fonts as ``@font-face`` rules with ``url("asset:<file name>")``; the last one named
    is the font of the person's name. Pictures are ``asset:qr``, and where the fields have them
    ``asset:signature`` and ``asset:seal``.
    """

    @property
    def html(self) -> str: ...
    @property
    def css(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Appearance:
    """A design's source with its pictures. Hashable: equal ones share a renderer."""

    html: str
    css: str
    images: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class StarterDesign:
    slug: str
    version: int
    name: str
    html: str
    css: str
    is_default: bool


class DesignSource:
    """What a design's source says by itself; nothing is laid out. Error: ``design_invalid``."""

    def __init__(self, design: Design) -> None:
        _require_fields(design.html)
        self.fonts = tuple(dict.fromkeys(_FONT_FILE.findall(design.css)))
        if not self.fonts:
            raise CertificateError("design_invalid", _("The design does not specify a font."))
        self.digest = _digest(design)
        self.page_html = _BACKGROUND.sub("", design.html)
        self._layout = PORTRAIT if _PORTRAIT.search(design.css) else LANDSCAPE
        self._printable = _printable(design.css, self.fonts)

    def missing_glyphs(self, text: str) -> str:
        return missing_from(text, self._printable)

    def values(self, certificate: CertificateFields) -> dict[str, Any]:
        return values_of(certificate, self.fonts, self._layout)

    def fitted(self, certificate: CertificateFields) -> tuple[str, ...]:
        """Which of ``full_name`` and ``course_title`` are printed smaller than designed."""
        values = self.values(certificate)
        sizes = {"full_name": values["name_size"], "course_title": values["course_size"]}
        return tuple(name for name, size in sizes.items() if size)

    def metadata(self, certificate: CertificateFields) -> Metadata:
        content = json.dumps(certificate.to_json(), sort_keys=True).encode()
        return Metadata(
            title=document_title(certificate),
            created=clock.start_of_day(certificate.issued_on),
            identifier=hashlib.sha256(self.digest + content).digest()[:16],
            author=certificate.issuing_body,
            keywords=(_CODE_KEY + certificate.verification_code,),
        )

    def refuse_what_cannot_be_printed(self, certificate: CertificateFields) -> None:
        """Errors: ``does_not_fit``, ``missing_glyphs``."""
        for name, text in certificate.texts().items():
            if len(text) > LONGEST_FIELD:
                message = _("The field %(field)s is longer than %(limit)d characters.")
                raise CertificateError(
                    "does_not_fit", message % {"field": name, "limit": LONGEST_FIELD}
                )
            if missing := self.missing_glyphs(text):
                shown = ", ".join(f"{c} (U+{ord(c):04X})" for c in missing[:5])
                message = _("The certificate's fonts cannot print %(letters)s in “%(text)s”.")
                values = {"letters": shown, "text": text[:80]}
                raise CertificateError("missing_glyphs", message % values)


class CertificateRenderer(DesignSource):
    """Makes the certificates of one design and one signer; keep it for a batch.

    ``images`` are the baked JPEGs of ``signature`` and ``seal``. Errors: ``design_invalid``,
    ``blocked_resource``, ``font_missing``.
    """

    def __init__(self, design: Design, images: Mapping[str, bytes] | None = None) -> None:
        super().__init__(design)
        background = _BACKGROUND.search(design.html)
        self.page = compile_template(self.page_html, DESIGN_FIELDS)
        self.pages = Renderer(
            stylesheets=[design.css],
            assets={name: Asset(find_font(name).read_bytes(), "font/ttf") for name in self.fonts}
            | {name: Asset(image, "image/jpeg") for name, image in (images or {}).items()},
            background=background[0] if background else "",
        )

    def render(
        self,
        certificate: CertificateFields,
        *,
        attachments: Sequence[Attachment] = (),
        qr_mask: int | None = QR_MASK,
    ) -> bytes:
        """The file: one page, the same bytes for the same fields, design and attachments.

        ``qr_mask`` None lets the QR code choose, as release 1.0 did.
        Errors: ``missing_glyphs``, ``does_not_fit``, ``blocked_resource``.
        """
        self.refuse_what_cannot_be_printed(certificate)
        values = self.values(certificate)
        metadata = self.metadata(certificate)
        qr = {"qr": Asset(qr_png(certificate.verification_url, qr_mask), "image/png")}
        for density in densities(values):
            page = self.page(values | {"density": density})
            try:
                return self.pages.render(
                    page, metadata=metadata, assets=qr, attachments=attachments, max_pages=1
                )
            except PdfError as error:
                if error.code != "does_not_fit":
                    raise
        message = _("The certificate of %(name)s does not fit on one page.")
        raise CertificateError("does_not_fit", message % {"name": certificate.full_name[:80]})


@lru_cache(maxsize=32)  # one set for a design: ``missing_from`` compares others letter by letter
def _printable(css: str, fonts: tuple[str, ...]) -> frozenset[int]:
    """What every run can print, in its own face or in one that stands in for it.

    ``font: … Display, Text`` prints a letter that Display lacks in Text.
    """
    families: dict[str, list[str]] = {}
    for face in _FACE.findall(css):
        if (name := _FAMILY.search(face)) and (file := _FONT_FILE.search(face)):
            families.setdefault(name[1].strip("\"' "), []).append(file[1])
    faces = {name: _in_all(files) for name, files in families.items()}
    named = [
        [family.strip("\"' ").split(" ")[-1] for family in found.split(",")]
        for found in _FONTS.findall(_FACE.sub("", css))
    ]
    runs = [frozenset().union(*(faces.get(one, ()) for one in run)) for run in named]
    runs = [run for run in runs if run]
    return frozenset.intersection(*runs) if runs else _in_all(fonts)


def _in_all(files: Iterable[str]) -> frozenset[int]:
    return frozenset.intersection(*(characters(name) for name in files))


def _require_fields(html: str) -> None:
    tags = " ".join(_IN_TAGS.findall(html))
    names = set(re.findall(r"\w+", tags))
    missing = [group[0] for group in REQUIRED if names.isdisjoint(group)]
    if "asset:qr" not in html:
        missing.append("asset:qr")
    if missing:
        message = _("The design lacks %(fields)s, which every certificate must show.")
        raise CertificateError("design_invalid", message % {"fields": ", ".join(missing)})


# HTML and CSS of earlier versions that we shipped: sites go on issuing with them.
_EARLIER = frozenset({
    "9aa55fa7a5355304343fc267d3e148f6fd79544efef90809f0739f2ccfabd68f",
    "b7ec82856f98cb361078d694726b48e9825f44298865cd483d235477c09c03f7",
    "8f93d70692895df0e872a0f2cdca5b55dc56abbd08effe74e67e96932f88aec8",
    "cd68684df3c33926b46b2c25f28da50d9ccdaa32011ab25ba6a5649807a74fb7",
    "158ee4d499309cab184d1e2ffd6ad47637a5c03bf3062f70440f8e54c32bb4f5",
    "e18b50c8bc1ede47fceab0b31296249f71dc5e196b2a3d5f1c969714eee8be2d",
})  # fmt: skip


def is_shipped(design: Design) -> bool:
    """By content: a row loaded from a shipped design may have been edited since."""
    return _digest(design).hex() in _EARLIER | _shipped_now()


@lru_cache(maxsize=1)
def _shipped_now() -> frozenset[str]:
    return frozenset(_digest(design).hex() for design in starter_designs())


def _digest(design: Design) -> bytes:
    return hashlib.sha256(f"{design.html}\0{design.css}".encode()).digest()


def starter_designs() -> list[StarterDesign]:
    found = []
    for about in sorted(DESIGNS.glob("*/design.json")):
        data = json.loads(about.read_text("utf-8"))
        background = (about.parent / "background.svg").read_text("utf-8")
        own_page = about.parent / "page.html"
        html = (own_page if own_page.exists() else DESIGNS / "page.html").read_text("utf-8")
        found.append(
            StarterDesign(
                slug=data["slug"],
                version=data["version"],
                name=data["name"],
                html=html.replace("<body>\n", f"<body>\n{background}", 1),
                css=(about.parent / "page.css").read_text("utf-8"),
                is_default=data["is_default"],
            )
        )
    return sorted(found, key=lambda design: not design.is_default)
