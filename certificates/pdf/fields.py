"""What a certificate prints, as plain text and dates, and what a design may ask for."""

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any

from common.dates import format_date
from common.vietnamese import nfc


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFields:
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
    # SHA-256 of the baked pictures: what is frozen is the picture, not the signer's present one.
    signature_image: str = ""
    seal_image: str = ""
    nation: str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
    motto: str = "Độc lập - Tự do - Hạnh phúc"
    title: str = "GIẤY CHỨNG NHẬN"
    title_en: str = "Certificate of Completion"
    salutation: str = "Chứng nhận ông/bà"
    statement: str = "Đã hoàn thành chương trình bồi dưỡng"

    def to_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in _NAMES}
        for name, value in plain.items():
            if isinstance(value, dt.date):
                plain[name] = value.isoformat()
        return plain | {"authority": list(self.authority)}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "CertificateFields":
        """The fields that ``to_json`` made; keys of other versions are left out."""
        values = {name: plain[name] for name in _NAMES if name in plain}
        for name in ("issued_on", "birth", "starts_on", "ends_on", "decision_date"):
            if isinstance(values.get(name), str):
                values[name] = dt.date.fromisoformat(values[name])
        values["authority"] = tuple(values.get("authority", ()))
        return cls(**values)

    @property
    def birth_text(self) -> str:
        return format_date(self.birth) if isinstance(self.birth, dt.date) else str(self.birth or "")

    def texts(self) -> dict[str, str]:
        """Every text by field, in NFC; the authority's lines joined."""
        plain = {name: value for name in _NAMES if isinstance(value := getattr(self, name), str)}
        plain["authority"] = "".join(self.authority)
        return {name: nfc(text) for name, text in plain.items()}


_NAMES = tuple(field.name for field in fields(CertificateFields))
# What a design may print: every text field, and these, made from the others.
_MADE = (
    "authority", "authority_kept", "birth_date", "birth_year", "course_size",
    "course_title_en_kept", "course_title_kept", "decision", "decision_kept", "density",
    "document_title", "issuing_body_kept", "name_lines", "name_size", "parent_body_kept", "periods",
    "place_and_date", "position_kept", "qr_alt", "statement_kept", "time", "workplace",
    "workplace_kept",
)  # fmt: skip
DESIGN_FIELDS = frozenset(
    [field.name for field in fields(CertificateFields) if field.type in ("str", str)] + list(_MADE)
)
