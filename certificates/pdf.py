"""A certificate's bytes: fields and a design in, a PDF/A-3a + PDF/UA-1 file out.

Nothing here knows a request, a model or a clock. What is printed arrives complete in
``CertificateFields``, so that a certificate can never show what its record does not hold.
"""

import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from certificates.errors import CertificateError
from common.closed_templates import compile_template
from common.fonts import find_font, line_width, missing_from
from common.pdf import Asset, Attachment, Metadata, PdfError, Renderer
from common.pdf_text import read_text
from common.vietnamese import nfc

DESIGNS = Path(__file__).parent / "designs"
HANOI_OFFSET = dt.timezone(dt.timedelta(hours=7))
LONGEST_FIELD = 300

# Widths in mm that a line may take on the starter designs' page, and the sizes to try.
NAME_LINE, NAME_SIZES = 238.0, {"": 34.0, "smaller": 28.0, "small": 24.0}
NAME_SIZES_ON_TWO_LINES = {"small": 24.0, "smallest": 18.0}
COURSE_LINE, COURSE_SIZES = 440.0, {"": 18.0, "smaller": 15.5, "small": 13.5}
AIRY, *DENSITIES = "airy", "", "tight", "tighter"
FEW_LINES = 3

_CODE_KEY = "certificate-code="
_CODE = r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2,5}"
_IN_KEYWORDS = re.compile(re.escape(_CODE_KEY) + f"({_CODE})")
_IN_TEXT = re.compile(rf"/verify/({_CODE})(?![0-9A-Z-])")
_BACKGROUND = re.compile(r'<svg id="background".*?</svg>\s*', re.DOTALL)
_FONT_FILE = re.compile(r"""url\(\s*["']?asset:([\w.-]+\.(?:ttf|otf))["']?\s*\)""")


class Design(Protocol):
    """A design's source: a ``CertificateDesign`` row or a file of ours.

    ``html`` is a closed template (``common.closed_templates``) over ``DESIGN_FIELDS``; it may
    hold one ``<svg id="background">`` of solid shapes, which lies beneath the page. ``css``
    names its fonts as ``@font-face`` rules with ``url("asset:<file name>")``; the last one named
    is the font of the person's name.
    """

    @property
    def html(self) -> str: ...
    @property
    def css(self) -> str: ...


@dataclass(frozen=True, slots=True)
class StarterDesign:
    """A design that ships with the product, for ``load_reference``."""

    slug: str
    version: int
    name: str
    html: str
    css: str
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFields:
    """Everything that a certificate prints, as plain text and dates."""

    issuing_body: str
    full_name: str
    course_title: str
    register_number: str
    issued_on: dt.date
    signer_name: str
    verification_code: str
    verification_url: str
    parent_body: str = ""
    birth: dt.date | int | None = None
    position: str = ""
    unit: str = ""
    agency: str = ""
    course_title_en: str = ""
    run_code: str = ""
    periods: int | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    grade: str = ""
    serial_number: str = ""
    decision_number: str = ""
    decision_date: dt.date | None = None
    place: str = ""
    authority: tuple[str, ...] = ()
    nation: str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    motto: str = "Độc lập - Tự do - Hạnh phúc"
    title: str = "GIẤY CHỨNG NHẬN"
    title_en: str = "Certificate of Completion"
    salutation: str = "Chứng nhận ông/bà"
    statement: str = "Đã hoàn thành chương trình bồi dưỡng"

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; dates in ISO form."""
        plain = asdict(self)
        for name, value in plain.items():
            if isinstance(value, dt.date):
                plain[name] = value.isoformat()
        return plain | {"authority": list(self.authority)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "CertificateFields":
        """The fields that ``to_json`` made; keys of other versions are left out."""
        known = {field.name for field in fields(cls)}
        values = {name: value for name, value in plain.items() if name in known}
        for name in ("issued_on", "birth", "starts_on", "ends_on", "decision_date"):
            if isinstance(values.get(name), str):
                values[name] = dt.date.fromisoformat(values[name])
        values["authority"] = tuple(values.get("authority", ()))
        return cls(**values)

    def texts(self) -> dict[str, str]:
        """Every text, in NFC, by field; the authority's lines joined."""
        plain = {name: value for name, value in asdict(self).items() if isinstance(value, str)}
        plain["authority"] = "".join(self.authority)
        return {name: nfc(text) for name, text in plain.items()}


# What a design may print: every text field, and these, made from the others.
_MADE = (
    "authority", "birth_date", "birth_year", "course_size", "decision", "density",
    "document_title", "name_lines", "name_size", "periods", "place_and_date", "qr_alt", "time",
    "workplace",
)  # fmt: skip
DESIGN_FIELDS = frozenset(
    [field.name for field in fields(CertificateFields) if field.type in ("str", str)] + list(_MADE)
)


class CertificateRenderer:
    """Makes the certificates of one design; keep it for a batch."""

    def __init__(self, design: Design) -> None:
        self.fonts = tuple(dict.fromkeys(_FONT_FILE.findall(design.css)))
        if not self.fonts:
            raise CertificateError("design_invalid", _("The design names no font."))
        self._design_digest = hashlib.sha256(f"{design.html}\0{design.css}".encode()).digest()
        background = _BACKGROUND.search(design.html)
        self._page = compile_template(_BACKGROUND.sub("", design.html), DESIGN_FIELDS)
        self._renderer = Renderer(
            stylesheets=[design.css],
            assets={name: Asset(find_font(name).read_bytes(), "font/ttf") for name in self.fonts},
            background=background[0] if background else "",
        )

    def missing_glyphs(self, text: str) -> str:
        """The characters of the text that the design's fonts cannot draw, each once."""
        return missing_from(text, self.fonts)

    def render(
        self, certificate: CertificateFields, *, attachments: Sequence[Attachment] = ()
    ) -> bytes:
        """The file: one page, the same bytes for the same fields, design and attachments.

        Errors: ``missing_glyphs``, ``does_not_fit``, ``blocked_resource``.
        """
        self._refuse_what_cannot_be_printed(certificate)
        values = _values(certificate, self.fonts)
        metadata = self._metadata(certificate)
        qr = {"qr": Asset(_qr_png(certificate.verification_url), "image/png")}
        for density in _densities(values):
            page = self._page(values | {"density": density})
            try:
                return self._renderer.render(
                    page, metadata=metadata, assets=qr, attachments=attachments, max_pages=1
                )
            except PdfError as error:
                if error.code != "does_not_fit":
                    raise
        message = _("The certificate of %(name)s does not fit on one page.")
        raise CertificateError("does_not_fit", message % {"name": certificate.full_name[:80]})

    def _refuse_what_cannot_be_printed(self, certificate: CertificateFields) -> None:
        for name, text in certificate.texts().items():
            if len(text) > LONGEST_FIELD:
                message = _("The field %(field)s has more than %(limit)d characters.")
                raise CertificateError(
                    "does_not_fit", message % {"field": name, "limit": LONGEST_FIELD}
                )
            if missing := self.missing_glyphs(text):
                shown = ", ".join(f"{c} (U+{ord(c):04X})" for c in missing[:5])
                message = _("The certificate's fonts cannot print %(letters)s in “%(text)s”.")
                values = {"letters": shown, "text": text[:80]}
                raise CertificateError("missing_glyphs", message % values)

    def _metadata(self, certificate: CertificateFields) -> Metadata:
        content = json.dumps(certificate.to_json(), sort_keys=True).encode()
        issued = dt.datetime.combine(certificate.issued_on, dt.time(), tzinfo=HANOI_OFFSET)
        return Metadata(
            title=_document_title(certificate),
            created=issued,
            identifier=hashlib.sha256(self._design_digest + content).digest()[:16],
            author=certificate.issuing_body,
            keywords=(_CODE_KEY + certificate.verification_code,),
        )


def prepare(design: Design) -> CertificateRenderer:
    """A renderer for many certificates of one design.

    Errors: ``design_invalid``, ``blocked_resource``, ``font_missing``.
    """
    return CertificateRenderer(design)


def render_certificate(
    certificate: CertificateFields, design: Design, *, attachments: Sequence[Attachment] = ()
) -> bytes:
    """One certificate's file; for more than one, ``prepare`` the design once."""
    return _prepared(design.html, design.css).render(certificate, attachments=attachments)


def missing_glyphs(text: str, design: Design | None = None) -> str:
    """What the design's fonts (default: the default starter design's) cannot draw."""
    css = (design or _default_design()).css
    return missing_from(text, tuple(dict.fromkeys(_FONT_FILE.findall(css))))


def bearing(pdf: bytes) -> str | None:
    """The verification code that a PDF bears, altered or not; None where there is none.

    The file's keywords are asked first, then its printed text. Error: ``file_too_large``.
    """
    content = read_text(pdf)
    if content is None:
        return None
    found = _IN_KEYWORDS.search(content.keywords) or _IN_TEXT.search(content.text)
    return found[1] if found else None


def starter_designs() -> list[StarterDesign]:
    """The designs in ``certificates/designs/``, the default one first."""
    found = []
    for about in sorted(DESIGNS.glob("*/design.json")):
        data = json.loads(about.read_text("utf-8"))
        background = (about.parent / "background.svg").read_text("utf-8")
        html = (about.parent / "page.html").read_text("utf-8")
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


@lru_cache(maxsize=1)
def _default_design() -> StarterDesign:
    return starter_designs()[0]


@dataclass(frozen=True, slots=True)
class _Source:
    html: str
    css: str


@lru_cache(maxsize=4)
def _prepared(html: str, css: str) -> CertificateRenderer:
    return CertificateRenderer(_Source(html, css))


# What the page prints -------------------------------------------------------------------


def _values(certificate: CertificateFields, fonts: tuple[str, ...]) -> dict[str, Any]:
    texts: dict[str, Any] = certificate.texts()
    birth = certificate.birth
    unit, agency = texts["unit"], texts["agency"]
    workplace = unit if agency in unit else ", ".join(filter(None, (unit, agency)))
    name_lines, name_size = _name(texts["full_name"], fonts[-1])
    return texts | {
        "authority": [nfc(line) for line in certificate.authority],
        "birth_date": _date(birth) if isinstance(birth, dt.date) else "",
        "birth_year": str(birth) if isinstance(birth, int) else "",
        "course_size": _size(texts["course_title"], fonts, COURSE_SIZES, COURSE_LINE),
        "decision": _decision(certificate),
        "document_title": _document_title(certificate),
        "name_lines": name_lines,
        "name_size": name_size,
        "periods": str(certificate.periods or ""),
        "place_and_date": _place_and_date(certificate),
        "qr_alt": f"Mã QR dẫn đến trang tra cứu {texts['verification_url']}",
        "time": _time(certificate),
        "workplace": workplace,
    }


def _densities(values: dict[str, Any]) -> list[str]:
    """The spacings to try, widest first: the next one where a page does not suffice."""
    optional = (
        "title_en",
        "birth_date",
        "birth_year",
        "position",
        "workplace",
        "course_title_en",
        "time",
    )
    few = sum(bool(values[name]) for name in optional) <= FEW_LINES
    return [AIRY, *DENSITIES] if few else DENSITIES


def _size(text: str, fonts: tuple[str, ...], sizes: dict[str, float], room: float) -> str:
    """The class of the largest size at which the text takes no more than its room."""

    def fits(points: float) -> bool:
        return all(line_width(text, font, points) <= room for font in fonts)

    return next((name for name, points in sizes.items() if fits(points)), list(sizes)[-1])


def _name(name: str, font: str) -> tuple[list[str], str]:
    """The name's lines, at most two and of like length, and the class of its size."""
    size = _size(name, (font,), NAME_SIZES, NAME_LINE)
    words = name.split()
    if len(words) < 2 or line_width(name, font, NAME_SIZES[size]) <= NAME_LINE:
        return [name], size
    halves = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    lines = min(halves, key=lambda half: max(line_width(line, font, 1) for line in half))
    longer = max(lines, key=lambda line: line_width(line, font, 1))
    return list(lines), _size(longer, (font,), NAME_SIZES_ON_TWO_LINES, NAME_LINE)


def _document_title(certificate: CertificateFields) -> str:
    return f"Giấy chứng nhận {certificate.register_number} – {nfc(certificate.full_name)}"


def _date(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"


def _long_date(day: dt.date) -> str:
    """A date as documents write it: zeros before days below 10 and months 1 and 2 alone."""
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day:%d} tháng {month} năm {day.year}"


def _time(certificate: CertificateFields) -> str:
    starts, ends = certificate.starts_on, certificate.ends_on
    if starts and ends and starts != ends:
        return f"Từ ngày {_date(starts)} đến ngày {_date(ends)}"
    only = starts or ends
    return f"Ngày {_date(only)}" if only else ""


def _decision(certificate: CertificateFields) -> str:
    if not certificate.decision_number:
        return ""
    when = certificate.decision_date
    return f"Quyết định số {certificate.decision_number}" + (f" {_long_date(when)}" if when else "")


def _place_and_date(certificate: CertificateFields) -> str:
    date = _long_date(certificate.issued_on)
    return f"{certificate.place}, {date}" if certificate.place else date.capitalize()


def _qr_png(url: str) -> bytes:
    """A grey PNG of 8 pixels a module: drawn as it is, sharp at 300 dpi."""
    import segno
    from PIL import Image

    matrix = segno.make_qr(url, error="m").matrix
    side = len(matrix)
    cells = b"".join(bytes(0 if dark else 255 for dark in row) for row in matrix)
    image = Image.frombytes("L", (side, side), cells)
    output = io.BytesIO()
    image.resize((side * 8, side * 8), Image.Resampling.NEAREST).save(output, "PNG")
    return output.getvalue()
