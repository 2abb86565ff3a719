"""The evidence pack, from which a stranger recomputes a signed figure."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from audit.services.stored_heads import FILE_IN_PACK
from common.bulk import batches
from targets.errors import TargetInputError
from targets.models import PeriodReport
from targets.services.opening_content import credit_columns
from targets.services.pack_readme import README
from targets.services.report_files import signed_file
from targets.sheets import adjustments_annex, annex, archive

_COMPLETIONS = (
    "person", "completed_on", "recorded_at", "course", "periods", "evidence", "agency", "kind",
    "sector", "run", "document_sha256", "attendance_percent", "certificate",
)  # fmt: skip
_PEOPLE = ("number", "since", "course", "agency", "commitment", "previous")
_PREVIOUS = ("number", "since", "course", "agency", "commitment")
_NAMES = ("commitment", "salt", "code", "full_name", "birth")
_AGENCIES = ("slug", "name", "kind", "sector", "identifier", "valid_from", "valid_to")
_ADJUSTMENTS = (
    "kind", "persons", "number", "previous", *credit_columns("before"), *credit_columns("after")
)  # fmt: skip
_CHANGES = ("kind", "completions", "number", "previous", *credit_columns("credit"))
# What has a file of its own, or names people.
_NOT_IN_REPORT = frozenset({
    "rule", "agencies", "completions", "audit_head", "readme", "adjustments", "completion_changes",
})  # fmt: skip
_ROWS = 2_000
SUMS, NAMES, SIGNED = "SHA256SUMS", "names.csv", "report.pdf"


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
    files = pack_files(report)
    sums = _sums(files)
    files[SUMS] = [sums]
    if in_clear:
        files[NAMES] = _Table(_NAMES, lambda: _names(report))
    if signed := signed_file(report):
        files[SIGNED] = [signed]
    pack = archive(files)
    audit_details(
        report=report.code,
        in_clear=in_clear,
        reason=reason.strip()[:250],
        sha256=hashlib.sha256(pack).hexdigest(),
    )
    return pack


def pack_sha256(report: PeriodReport) -> str:
    """The printed hash: of the checksums of everything that is signed. Works on unsaved reports."""
    return hashlib.sha256(_sums(pack_files(report))).hexdigest()


def _sums(files: Mapping[str, Iterable[bytes]]) -> bytes:
    return "".join(f"{_sha256(chunks)}  {name}\n" for name, chunks in files.items()).encode()


def _sha256(chunks: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


@audited("annex_exported")
def export_annex(*, by: Actor, report: PeriodReport, adjustments: bool = False) -> bytes:
    """The list of names that was signed, or every adjustment by name, as a workbook."""
    if adjustments:
        lists = (report.content.get(key, ()) for key in ("adjustments", "completion_changes"))
        audit_details(report=report.code, adjustments=sum(map(len, lists)))
        return adjustments_annex(report)
    audit_details(report=report.code, rows=report.persons)
    return annex(report)


def pack_files(report: PeriodReport) -> dict[str, Iterable[bytes]]:
    """The files of the pack that the printed hash covers, each as bytes to be read in parts."""
    content = report.content
    changes = content.get("completion_changes", ())
    files: dict[str, Iterable[bytes]] = {
        "README.txt": [content.get("readme", README).encode()],
        "report.json": [_json(_report(report))],
        "rule.json": [_json(content["rule"])],
        "completions.csv": _Table(_COMPLETIONS, report.counted_completions),
        "people.csv": _Table(_PEOPLE, report.people),
        "agencies.csv": _Table(_AGENCIES, lambda: content["agencies"]),
        "adjustments.csv": _Table(_ADJUSTMENTS, lambda: content.get("adjustments", ())),
        "completion-changes.csv": _Table(_CHANGES, lambda: changes),
    }
    if previous := _previous(report):
        files["previous.csv"] = _Table(_PREVIOUS, previous.people)
    if head := content.get("audit_head"):  # reports from before heads were signed have none
        files[FILE_IN_PACK] = [_json(head)]
    return files


def _previous(report: PeriodReport) -> PeriodReport | None:
    previous = report.content.get("opening", {}).get("previous")
    if previous is None:
        return None
    reports = PeriodReport.objects.filter(indicator=report.indicator_id)
    return reports.by_code(previous["code"]).get()


def _names(report: PeriodReport) -> Iterator[dict[str, Any]]:
    """Everybody in the list, and whoever is in the last signed one alone and is named here."""
    yield from report.people()
    changes = [
        *report.content.get("adjustments", ()),
        *report.content.get("completion_changes", ()),
    ]
    wanted = {one["previous"] for one in changes}
    previous = _previous(report)
    yield from (one for one in (previous.people() if previous else ()) if one["number"] in wanted)


def audit_heads() -> Iterator[tuple[str, dict[str, Any]]]:
    """The heads of the audit log that reports were signed with, to compare the log with."""
    for report in PeriodReport.objects.defer("names_in_one").order_by("pk"):
        if head := report.content.get("audit_head"):
            yield _("report %(code)s") % {"code": report.code}, head


def _report(report: PeriodReport) -> dict[str, Any]:
    content = report.content
    return {
        "indicator": content["indicator"]["slug"],
        "number": report.number,
        "version": report.version,
        "starts_on": report.starts_on.isoformat(),
        "ends_on": report.ends_on.isoformat(),
        "known_as_of": content["known_as_of"],
        "rule": content["rule"]["version"],
        "persons": report.persons,
        "new_persons": report.new_persons,
        "completions": report.completions,
        "by_sector": {row["key"]: row["persons"] for row in content["sectors"]},
        "names_sha256": report.names_sha256,
        "signed_by": report.signed_by,
        "printed": {key: content[key] for key in content if key not in _NOT_IN_REPORT},
    }


def _json(data: Any) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=2) + "\n").encode()


@dataclass(frozen=True, slots=True)
class _Table:
    """A CSV file, made anew each time it is read."""

    columns: Sequence[str]
    rows: Callable[[], Iterable[dict[str, Any]]]

    def __iter__(self) -> Iterator[bytes]:
        yield self._text([], header=True)
        for part in batches(self.rows(), _ROWS):
            yield self._text(part)

    def _text(self, rows: Iterable[dict[str, Any]], *, header: bool = False) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, extrasaction="ignore", lineterminator="\n")
        if header:
            writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()
