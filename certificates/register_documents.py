"""The register as Excel and as PDF in the layout of official documents (Decree 30/2020)."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import override

from certificates.models import Certificate
from certificates.pdf import CertificateFields
from common import clock, formats
from common.dates import format_long
from common.fonts import find_font
from common.pdf import Asset, Metadata, render_pdf
from common.spreadsheets import Column, write_xlsx

STYLE = Path(__file__).with_name("register.css")
FONTS = ("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", "LiberationSerif-Italic.ttf")


def register_rows(certificates: Iterable[Certificate]) -> Iterator[dict[str, str]]:
    for number, certificate in enumerate(certificates, start=1):
        fields = CertificateFields.from_json(certificate.printed)
        yield {
            "number": str(number),
            "register": certificate.register_label,
            "serial": certificate.serial_number,
            "blank": certificate.blank_number,
            "name": fields.full_name,
            "birth": fields.birth_text,
            "workplace": ", ".join(filter(None, (fields.unit, fields.agency))),
            "course": fields.course_title,
            "run": fields.run_code,
            "grade": fields.grade,
            "decision": fields.decision_number,
            "issued": formats.day(fields.issued_on),
            "state": _remark(certificate),
        }


def _remark(certificate: Certificate) -> str:
    if certificate.superseded_by:
        return f"Thay bằng {certificate.superseded_by.register_label}"
    if certificate.public_state != "issued":
        day = formats.day(formats.local_day(certificate.revoked_at or certificate.issued_at))
        return f"Thu hồi {day}" if certificate.revoked_at else "Thu hồi"
    if copies := [one for one in certificate.duplicates.all() if one.made_at]:
        return f"Cấp lại lần {len(copies)} {formats.day(formats.local_day(copies[-1].issued_at))}"
    return ""


def columns() -> list[tuple[str, str, float]]:
    """Key, heading in the document's language, width in mm on an A4 sheet in landscape."""
    return [
        ("number", "STT", 8),
        ("register", "Số vào sổ", 24),
        ("serial", "Số hiệu", 21),
        ("blank", "Số phôi", 16),
        ("name", "Họ và tên", 33),
        ("birth", "Ngày sinh", 18),
        ("workplace", "Đơn vị công tác", 34),
        ("course", "Khóa bồi dưỡng", 34),
        ("run", "Lớp", 19),
        ("grade", "Xếp loại", 13),
        ("issued", "Ngày cấp", 18),
        ("state", "Ghi chú", 24),
    ]


def register_xlsx(certificates: Iterable[Certificate]) -> Iterator[bytes]:
    heads = [Column(key, title, width=max(6, round(width / 2))) for key, title, width in columns()]
    keys = [key for key, _title, _width in columns()]
    rows = ([row[key] for key in keys] for row in register_rows(certificates))
    return write_xlsx(heads, rows, sheet_name="Sổ cấp")


def register_pdf(
    certificates: Iterable[Certificate], *, body: str, year: str, day: dt.date
) -> bytes:
    rows = [[row[key] for key, _title, _width in columns()] for row in register_rows(certificates)]
    with override("vi"):
        page = render_to_string(
            "certificates/register_document.html",
            {
                "body": body,
                "year": year,
                "place_and_date": format_long(day),
                "columns": [title for _key, title, _width in columns()],
                "rows": rows,
            },
        )
    style = "".join(
        f"th:nth-child({number}){{width:{width}mm}}"
        for number, (_key, _title, width) in enumerate(columns(), start=1)
    )
    metadata = Metadata(
        title=f"Sổ cấp giấy chứng nhận {year}".strip(),
        created=clock.start_of_day(day),
        identifier=hashlib.sha256(page.encode()).digest()[:16],
        author=body,
    )
    return render_pdf(
        page,
        metadata=metadata,
        stylesheets=[STYLE.read_text("utf-8") + style],
        assets={name: Asset(find_font(name).read_bytes(), "font/ttf") for name in FONTS},
    )
