"""The annex of a signed report as a workbook, the same bytes each time; lists as files."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.choices import Sector
from common import formats
from common.spreadsheets import CellValue, Column, write_csv, write_xlsx
from enrollment.choices import Evidence
from targets.models import PeriodReport
from targets.progress.reporting import Base, SilentAgency, silent_agencies

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
_EVIDENCE = (
    Column("evidence_label", "Minh chứng", width=24),
    Column("attendance_percent", "Chuyên cần (%)", "number", 12),
    Column("certificate", "Số giấy chứng nhận", width=20),
)
# Only where there is one, so that older reports keep their bytes.
_OTHER_DAY = (Column("other_day", "Hoàn thành ngoài thời gian của lớp", width=40),)
_ADJUSTMENTS = (
    Column("label", "Loại điều chỉnh", width=24),
    Column("persons", "Người", "number", 8),
    Column("completions", "Lượt", "number", 8),
    Column("full_name", "Họ và tên", width=28),
    Column("code", "Mã học viên", width=14),
    Column("before_since", "Từ ngày (đã ký)", "date", 12),
    Column("before_agency_name", "Cơ quan cử (đã ký)", width=36),
    Column("before_sector_label", "Khối (đã ký)", width=20),
    Column("after_since", "Từ ngày (nay)", "date", 12),
    Column("after_agency_name", "Cơ quan cử (nay)", width=36),
    Column("after_sector_label", "Khối (nay)", width=20),
    Column("detail", "Lý do", width=50),
)


def annex(report: PeriodReport) -> bytes:
    """The list; with its evidence, which reports of release 1.0 did not freeze."""
    if "opening" not in report.content:
        return _workbook(report, "Danh sách", _COLUMNS, report.people())
    words = _labels(Evidence)
    firsts = {one["completion"] for one in report.people()}
    evidence = {
        row["id"]: (words[row["evidence"]], row["attendance_percent"], row["certificate"])
        for row in report.counted_completions()
        if row["id"] in firsts
    }
    keys = [column.key for column in _EVIDENCE]
    rows = (
        one | dict(zip(keys, evidence[one["completion"]], strict=True)) for one in report.people()
    )
    other_day = _OTHER_DAY if any(one.get("other_day") for one in report.people()) else ()
    return _workbook(report, "Danh sách", (*_COLUMNS, *_EVIDENCE, *other_day), rows)


def adjustments_annex(report: PeriodReport) -> bytes:
    """The bridge from the last signed figure, then every change of people and of completions."""
    return _workbook(report, "Điều chỉnh", _ADJUSTMENTS, list(_adjustments(report)))


def silent_list(base: Base | None, form: str) -> Iterator[bytes]:
    """Agencies that have not reported, as ``csv`` or ``xlsx`` in the reader's language."""
    columns = (
        Column("agency", _("Agency"), width=48, names=True),
        Column("kind", _("Kind of agency"), width=28),
        Column("period", _("Period"), width=16),
        Column("due", _("Deadline"), "date", 12),
        Column("state", _("State"), width=40),
        Column("last", _("Last value as of"), "date", 12),
        Column("reminded", _("Reminded on"), "date", 12),
    )
    rows = (_silent(one, base) for one in silent_agencies(base)) if base else iter(())
    if form == "csv":
        return write_csv(columns, rows)
    return write_xlsx(columns, rows, sheet_name=_("Agencies that have not reported"))


def _silent(one: SilentAgency, base: Base) -> list[CellValue]:
    return [
        one.agency.name,
        one.agency.get_kind_display(),
        base.period.label,
        base.due_on,
        one.state,
        one.last.measured_on if one.last else None,
        one.reminded_at and formats.local_day(one.reminded_at),
    ]


def _adjustments(report: PeriodReport) -> Iterator[dict[str, Any]]:
    opening = report.content["opening"]
    persons, completions = opening["persons"], opening["completions"]
    words = {row["kind"]: row["label"] for row in opening["kinds"]}
    for part, label in (
        ("opening", "Số liệu đã báo cáo kỳ trước"),
        ("adjusted", "Điều chỉnh"),
        ("between", "Hoàn thành trước kỳ này, chưa thuộc kỳ nào"),
        ("new", "Hoàn thành trong kỳ này"),
        ("closing", "Số liệu kỳ này"),
    ):
        yield {"label": label, "persons": persons[part], "completions": completions[part]}
    for one in report.content["adjustments"]:
        yield _with_sectors(one | {"label": words[one["kind"]]})
    for one in report.content["completion_changes"]:
        side = "after" if one["completions"] > 0 else "before"
        credit = {key.replace("credit", side, 1): value for key, value in one.items()}
        yield _with_sectors(credit | {"label": words[one["kind"]]})


def _with_sectors(row: dict[str, Any]) -> dict[str, Any]:
    words = _labels(Sector)
    sides = ("before", "after")
    return row | {
        f"{side}_sector_label": words.get(row.get(f"{side}_sector", "")) for side in sides
    }


def _labels(choices: type[TextChoices]) -> dict[str, str]:
    with override("vi"):
        return {value: str(label) for value, label in choices.choices}


def _workbook(
    report: PeriodReport, name: str, columns: Sequence[Column], data: Iterable[dict[str, Any]]
) -> bytes:
    rows = ([_cell(column, one) for column in columns] for one in data)
    made = b"".join(write_xlsx(columns, rows, sheet_name=name))
    with zipfile.ZipFile(io.BytesIO(made)) as workbook:
        parts = {name: workbook.read(name) for name in workbook.namelist()}
    # A workbook says when it was made: this one, when it was signed.
    made_at = f"{report.signed_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}".encode()
    core = parts["docProps/core.xml"]
    parts["docProps/core.xml"] = re.sub(rb">[-0-9]+T[:0-9]+Z<", b">%s<" % made_at, core)
    return archive({name: [content] for name, content in parts.items()})


def archive(files: Mapping[str, Iterable[bytes]]) -> bytes:
    """A ZIP file of files given in parts; its bytes depend on their contents alone."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, chunks in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16  # else unzip makes files that nobody may read
            with target.open(entry, "w") as file:
                for chunk in chunks:
                    file.write(chunk)
    return packed.getvalue()


def _cell(column: Column, one: Mapping[str, Any]) -> CellValue:
    value: CellValue = one.get(column.key)
    if column.kind != "date" or not isinstance(value, str):
        return value
    return int(value) if value.isdigit() else dt.date.fromisoformat(value) if value else None
