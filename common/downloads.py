"""Answers that a browser saves as a file."""

from typing import Final

from django.utils.http import content_disposition_header

PDF: Final = "application/pdf"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"


def attachment(name: str) -> dict[str, str]:
    """The headers of a file with this name, whatever letters it has."""
    return {"Content-Disposition": content_disposition_header(True, name) or ""}
