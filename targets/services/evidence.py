"""The evidence pack, from which a stranger recomputes a signed figure."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from audit.services.stored_heads import FILE_IN_PACK
from targets.errors import TargetInputError
from targets.models import PeriodReport
from targets.sheets import annex, archive

_COMPLETIONS = (
    "person", "completed_on", "recorded_at", "course", "periods", "evidence", "agency", "kind",
    "sector",
)  # fmt: skip
_PEOPLE = ("number", "since", "course", "agency", "commitment")
_IN_CLEAR = (*_PEOPLE, "salt", "code", "full_name", "birth")
_AGENCIES = ("slug", "name", "kind", "sector", "identifier", "valid_from", "valid_to")


@audited("evidence_pack_exported")
def evidence_pack(
    *, by: Actor, report: PeriodReport, in_clear: bool = False, reason: str = ""
) -> bytes:
    """The pack as a ZIP file, the same bytes each time.

    People are listed by number; ``in_clear`` adds names, birth dates and codes and needs a reason.
    Raises TargetError: ``reason_missing``.
    """
    if in_clear and not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason why full names are needed."))
    files = _files(report, in_clear=in_clear)
    sums = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items()
    )
    pack = archive(files | {"SHA256SUMS": sums.encode()})
    audit_details(
        report=report.code,
        in_clear=in_clear,
        reason=reason.strip()[:250],
        sha256=hashlib.sha256(pack).hexdigest(),
    )
    return pack


@audited("annex_exported")
def export_annex(*, by: Actor, report: PeriodReport) -> bytes:
    """The list of names that was signed, as a workbook."""
    audit_details(report=report.code, rows=len(report.names))
    return annex(report)


def _files(report: PeriodReport, *, in_clear: bool) -> dict[str, bytes]:
    content = report.content
    head = content.get("audit_head")  # reports from before heads were signed have none
    return {
        "README.txt": (_README_VI + "\n" + _README_EN).encode(),
        "report.json": _json(_report(report)),
        "rule.json": _json(content["rule"]),
        "completions.csv": _csv(_COMPLETIONS, content["completions"]),
        "people.csv": _csv(_IN_CLEAR if in_clear else _PEOPLE, report.names),
        "agencies.csv": _csv(_AGENCIES, content["agencies"]),
    } | ({FILE_IN_PACK: _json(head)} if head else {})


def audit_heads() -> Iterator[tuple[str, dict[str, Any]]]:
    """The heads of the audit log that reports were signed with, to compare the log with."""
    for report in PeriodReport.objects.defer("names").order_by("pk"):
        if head := report.content.get("audit_head"):
            yield _("report %(code)s") % {"code": report.code}, head


def _report(report: PeriodReport) -> dict[str, Any]:
    sectors = {row["key"]: row["persons"] for row in report.content["sectors"]}
    return {
        "indicator": report.content["indicator"]["slug"],
        "number": report.number,
        "version": report.version,
        "starts_on": report.starts_on.isoformat(),
        "ends_on": report.ends_on.isoformat(),
        "known_as_of": report.content["known_as_of"],
        "rule": report.content["rule"]["version"],
        "persons": report.persons,
        "new_persons": report.new_persons,
        "completions": report.completions,
        "by_sector": sectors,
        "targets": report.content["targets"],
        "names_sha256": report.names_sha256,
        "signed_by": report.signed_by,
    }


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


def _csv(columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


_README_VI = """\
GÓI MINH CHỨNG CỦA BÁO CÁO KỲ

Từ các tệp này, bất kỳ ai cũng tính lại được con số đã ký mà không cần phần mềm của chương trình.

report.json      con số đã ký, kỳ báo cáo, thời điểm chốt dữ liệu, mã băm của danh sách
rule.json        quy tắc tính, bằng lời và bằng dữ liệu
completions.csv  các lượt hoàn thành được tính; cột "person" là số thứ tự của người trong danh sách
people.csv       danh sách theo thứ tự đã ký (dưới bí danh; đủ họ tên nếu được cấp với lý do)
agencies.csv     các cơ quan cử, theo tên và thời hạn tại lúc ký
audit-head.json  nhật ký hệ thống tại thời điểm ký: số mục, mã băm cuối chuỗi, chữ ký Ed25519 và
                 khóa công khai; kiểm tra bằng docs/verify_head.py
SHA256SUMS       mã băm SHA-256 của từng tệp

Cách tính: giữ các dòng của completions.csv thỏa rule.json (khóa và ngày được tính, khu vực, loại
hình cơ quan, loại minh chứng, số tiết, cơ quan không loại trừ; danh sách trống nghĩa là tất cả;
mọi khu vực trống đều không tính) và có completed_on không sau ends_on. Số người là số giá trị
khác nhau của cột "person"; số lượt là số dòng. Mỗi người thuộc cơ quan và khu vực của dòng đầu
tiên (completed_on, rồi recorded_at, rồi thứ tự dòng).

Mã băm của danh sách: SHA-256 của các dòng "number|since|course|agency|commitment" của people.csv,
nối bằng ký tự xuống dòng. commitment là SHA-256 của "salt|code|full_name|birth".
"""
_README_EN = """\
EVIDENCE PACK OF A PERIOD REPORT

From these files anybody recomputes the signed figure without the programme's software.

report.json      the signed figure, its period, up to when records were believed, the list's hash
rule.json        the counting rule, in words and as data
completions.csv  the qualifying completions; "person" is the person's number in the list
people.csv       the list in its signed order (under pseudonyms; names where given with a reason)
agencies.csv     the sending agencies, with name and validity as they were at signing
audit-head.json  the audit log at signing: number of entries, end of its chain of hashes, Ed25519
                 signature and public key; docs/verify_head.py verifies it
SHA256SUMS       SHA-256 of each file

How: keep the rows of completions.csv that meet rule.json (courses and the days on which each
counts, sectors, kinds of agency, kinds of evidence, periods, agencies not left out; an empty list
means all; an empty sector never counts) and whose completed_on is not after ends_on. People are
the distinct values of "person"; completions are rows. A person belongs to the agency and sector
of their first row (completed_on, then recorded_at, then the order of rows).

The list's hash: SHA-256 of the lines "number|since|course|agency|commitment" of people.csv, joined
by line feeds. commitment is SHA-256 of "salt|code|full_name|birth".
"""
