"""The values of a page: dates as documents write them, lines and sizes that fit."""

import datetime as dt
import io
from dataclasses import dataclass
from typing import Any

from certificates.pdf.fields import CertificateFields
from common.dates import format_date, format_long
from common.fonts import line_width
from common.vietnamese import nfc

AIRY, *DENSITIES = "airy", "", "tight", "tighter"
FEW_LINES = 3
# Each of the eight masks is valid; with a fixed one a symbol is a sum of patterns (compiled/qr.py).
QR_MASK = 3
QR_MODULE = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Space on a page: millimetres per line, and the font sizes to try, in points.

    Each size is named by its class in the design's style sheet.
    """

    name_line: float
    name_sizes: dict[str, float]
    name_sizes_on_two_lines: dict[str, float]
    course_line: float
    course_sizes: dict[str, float]


LANDSCAPE = Layout(
    name_line=238.0,
    name_sizes={"": 34.0, "smaller": 28.0, "small": 24.0},
    name_sizes_on_two_lines={"small": 24.0, "smallest": 18.0},
    course_line=440.0,
    course_sizes={"": 18.0, "smaller": 15.5, "small": 13.5},
)
PORTRAIT = Layout(
    name_line=158.0,
    name_sizes={"": 32.0, "smaller": 27.0, "small": 22.0},
    name_sizes_on_two_lines={"small": 22.0, "smallest": 17.0},
    course_line=430.0,
    course_sizes={"": 17.0, "smaller": 15.0, "small": 13.0},
)


# Texts of which no word may stand alone on its last line.
_KEPT = (
    "position", "course_title", "course_title_en", "statement", "issuing_body", "parent_body",
)  # fmt: skip


def values_of(
    certificate: CertificateFields, fonts: tuple[str, ...], layout: Layout
) -> dict[str, Any]:
    """The template's values. The last font is that of the person's name."""
    texts: dict[str, Any] = certificate.texts()
    birth = certificate.birth
    unit, agency = texts["unit"], texts["agency"]
    workplace = unit if agency in unit else ", ".join(filter(None, (unit, agency)))
    name_lines, name_size = _name(texts["full_name"], fonts[-1], layout)
    authority = [nfc(line) for line in certificate.authority]
    decision = _decision(certificate)
    kept = {"decision": decision, "workplace": workplace}
    kept |= {name: texts[name] for name in _KEPT}
    return texts | {
        **{f"{name}_kept": _last_words_kept(text) for name, text in kept.items()},
        "authority": authority,
        "authority_kept": [_last_words_kept(line) for line in authority],
        "birth_date": certificate.birth_text if isinstance(birth, dt.date) else "",
        "birth_year": str(birth) if isinstance(birth, int) else "",
        "course_size": _size(texts["course_title"], fonts, layout.course_sizes, layout.course_line),
        "decision": decision,
        "document_title": document_title(certificate),
        "name_lines": name_lines,
        "name_size": name_size,
        "periods": str(certificate.periods or ""),
        "place_and_date": _place_and_date(certificate),
        "qr_alt": f"Mã QR dẫn đến trang tra cứu {texts['verification_url']}",
        "time": _time(certificate),
        "workplace": workplace,
    }


def _last_words_kept(text: str) -> str:
    """The last two words share a line: one alone looks lost."""
    start, _space, last = text.rpartition(" ")
    return f"{start}\u00a0{last}" if " " in start else text


def densities(values: dict[str, Any]) -> list[str]:
    # Spacings to try, widest first, until the page suffices.
    optional = (
        "title_en", "birth_date", "birth_year", "position", "workplace", "course_title_en", "time",
    )  # fmt: skip
    few = sum(bool(values[name]) for name in optional) <= FEW_LINES
    return [AIRY, *DENSITIES] if few else DENSITIES


def _size(text: str, fonts: tuple[str, ...], sizes: dict[str, float], available: float) -> str:
    def fits(points: float) -> bool:
        return all(line_width(text, font, points) <= available for font in fonts)

    return next((name for name, points in sizes.items() if fits(points)), list(sizes)[-1])


def _name(name: str, font: str, layout: Layout) -> tuple[list[str], str]:
    size = _size(name, (font,), layout.name_sizes, layout.name_line)
    words = name.split()
    if len(words) < 2 or line_width(name, font, layout.name_sizes[size]) <= layout.name_line:
        return [name], size
    halves = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    lines = min(halves, key=lambda half: max(line_width(line, font, 1) for line in half))
    longer = max(lines, key=lambda line: line_width(line, font, 1))
    return list(lines), _size(longer, (font,), layout.name_sizes_on_two_lines, layout.name_line)


def document_title(certificate: CertificateFields) -> str:
    return f"Giấy chứng nhận {certificate.register_number} – {nfc(certificate.full_name)}"


def _time(certificate: CertificateFields) -> str:
    starts, ends = certificate.starts_on, certificate.ends_on
    if starts and ends and starts != ends:
        return f"Từ ngày {format_date(starts)} đến ngày {format_date(ends)}"
    only = starts or ends
    return f"Ngày {format_date(only)}" if only else ""


def _decision(certificate: CertificateFields) -> str:
    if not certificate.decision_number:
        return ""
    day = certificate.decision_date
    dated = f" {format_long(day)}" if day else ""
    return f"Quyết định số {certificate.decision_number}{dated}"


def _place_and_date(certificate: CertificateFields) -> str:
    date = format_long(certificate.issued_on)
    return f"{certificate.place}, {date}" if certificate.place else date.capitalize()


def qr_png(url: str, mask: int | None = QR_MASK) -> bytes:
    # A grey PNG, a module eight pixels wide: drawn as it is, sharp at 300 dpi.
    import segno
    from PIL import Image

    matrix = segno.make_qr(url, error="m", mask=mask).matrix
    side = len(matrix)
    cells = b"".join(bytes(0 if dark else 255 for dark in row) for row in matrix)
    image = Image.frombytes("L", (side, side), cells)
    output = io.BytesIO()
    image.resize((side * QR_MODULE, side * QR_MODULE), Image.Resampling.NEAREST).save(output, "PNG")
    return output.getvalue()
