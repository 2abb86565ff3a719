"""The annex of a signed report as a workbook, the same bytes each time."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

from common.spreadsheets import CellValue, Column, write_xlsx
from targets.models import PeriodReport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# In the language of the document that it goes with.
_COLUMNS = (
    Column("number", "STT", "number", 6),
    Column("full_name", "Họ và tên", width=28),
    Column("birth", "Ngày sinh", "date", 12),
    Column("code", "Mã học viên", width=14),
    Column("agency_name", "Cơ quan cử", width=40),
    Column("course", "Khóa bồi dưỡng", width=14),
    Column("run", "Lớp", width=18),
    Column("since", "Được tính từ ngày", "date", 12),
)


def annex(report: PeriodReport) -> bytes:
    rows = ([_cell(column, one) for column in _COLUMNS] for one in report.names)
    made = b"".join(write_xlsx(_COLUMNS, rows, sheet_name="Danh sách"))
    with zipfile.ZipFile(io.BytesIO(made)) as workbook:
        parts = {name: workbook.read(name) for name in workbook.namelist()}
    # A workbook says when it was made: this one, when it was signed.
    made_at = f"{report.signed_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}".encode()
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = re.sub(rb">[-0-9]+T[:0-9]+Z<", b">%s<" % made_at, core)
    return archive(parts)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP file whose bytes depend on its contents alone."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16  # else unzip makes files that nobody may read
            target.writestr(entry, content)
    return packed.getvalue()


def _cell(column: Column, one: Mapping[str, Any]) -> CellValue:
    value: CellValue = one[column.key]
    if column.kind != "date" or not isinstance(value, str):
        return value
    return int(value) if value.isdigit() else dt.date.fromisoformat(value) if value else None
