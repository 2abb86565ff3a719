"""The rejected rows as a file: the sender's workbook with marks, or a list of their own."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common.bounded import BoundedError, Lane
from common.spreadsheets import IN_A_JOB, CellValue, Column, Row, write_csv, write_xlsx
from people.choices import Sex
from rosters.choices import Outcome
from rosters.errors import RosterError
from rosters.fields import BIRTH_KEYS, FIELD, NAME_KEYS
from rosters.importing.check_job import file_of, heading_mappings_of, roster_of
from rosters.importing.highlights import can_mark, highlighted
from rosters.importing.layouts.headings import field_of, heading_key
from rosters.importing.layouts.layout import Layout
from rosters.importing.report import RowResult
from rosters.importing.rows.cell_texts import cell_of
from rosters.importing.rows.person_rows import person_rows
from rosters.importing.rows.sexes import CHECK_MARKS
from rosters.importing.staged_rows import parts_of
from rosters.models import RosterImport

# What the last column of an earlier list was headed, in either language.
_REASON_HEADINGS: Final = frozenset(map(heading_key, ("What to correct", "Nội dung cần sửa")))
# The file was read in a job; here somebody waits for it.
_READ_BEFORE: Final = replace(IN_A_JOB, lane=Lane.STAFF, wait=5.0, wall=20.0)
Cells = Mapping[str, str]  # a row by field, as texts
Edits = Mapping[int, Cells]  # by the row's number, what its sender put right on the page


@audited("rejected_rows_downloaded")
def rejects_file(*, by: Actor, upload: RosterImport) -> bytes:
    """The sender's workbook with its cells marked; for CSV and very large files a plain list of
    rows.

    A workbook contains all rows with their personal numbers: the audit entry says how many. Raises
    RosterError ``nothing_found``, ``file_gone``.
    """
    if not upload.report or upload.table is None:
        raise RosterError("nothing_found", _("There is nothing to download yet."))
    results, edited = _found(upload)
    rejected = sum(result.outcome == Outcome.REJECTED for result in results)
    file = file_of(upload)
    whole = can_mark(file)
    audit_details(roster=upload.pk, rows=len(results) if whole else rejected, rejected=rejected)
    if whole:
        with suppress(BoundedError):  # too rich to be opened whole: its rows go back as a list
            return highlighted(file, upload.table, results, edited)
    mapping = heading_mappings_of(upload.agency)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rejected.xlsx"
        layout = roster_of(upload, _READ_BEFORE).layout
        write_rejects(target, layout, results, mapping=mapping, edited=edited)
        return target.read_bytes()


def _found(upload: RosterImport) -> tuple[list[RowResult], dict[int, Cells]]:
    results: list[RowResult] = []
    edited: dict[int, Cells] = {}
    for part in parts_of(upload):
        results += part.results
        edited |= {row.number: row.edited for row in part.rows if row.edited}
    return results, edited


def write_rejects(
    target: Path,
    layout: Layout,
    results: Sequence[RowResult],
    *,
    mapping: Mapping[str, str],
    edited: Edits | None = None,
) -> int:
    """Write the rejected rows to an .xlsx or .csv file; returns how many there were.

    Each field has one column, even where the file splits it, under a heading that an import
    recognises, so that the corrected list can be imported. Columns of no field come along.
    ``mapping`` is what the sender assigned to headings before, by heading key.
    """
    reasons = {
        result.row: " ".join(finding.message for finding in result.errors)
        for result in results
        if result.outcome == Outcome.REJECTED
    }
    columns = [*_field_columns(layout, mapping), *_other_columns(layout)]
    columns.append(Column("reasons", _("What to correct"), width=80))
    rows = _rows(layout, columns, reasons, edited or {})
    pieces = (
        write_csv(columns, rows)
        if target.suffix.lower() == ".csv"
        else write_xlsx(columns, rows, sheet_name=_("Rejected rows"))
    )
    with target.open("wb") as file:
        file.writelines(pieces)
    return len(reasons)


def _field_columns(layout: Layout, mapping: Mapping[str, str]) -> Iterator[Column]:
    in_order = sorted(layout.columns, key=lambda field: layout.columns[field])
    for field in dict.fromkeys(one for fields in map(_listed_as, in_order) for one in fields):
        own = layout.headings.get(layout.columns.get(field, -1), "")
        says = mapping.get(heading_key(own), field_of(own)) == field
        yield Column(field, own if says else str(FIELD[field].label), width=22)


def _listed_as(field: str) -> tuple[str, ...]:
    if field in NAME_KEYS:
        return ("full_name",)
    if field in BIRTH_KEYS:
        return ("birth",) if field == "birth" else ("birth", "sex")
    return (field,)


def _other_columns(layout: Layout) -> Iterator[Column]:
    used = set(layout.columns.values())
    for at, heading in sorted(layout.headings.items()):
        if at not in used and heading_key(heading) not in _REASON_HEADINGS:
            yield Column(str(at), heading, width=22)


def _rows(
    layout: Layout, columns: Sequence[Column], reasons: Mapping[int, str], edited: Edits
) -> Iterator[list[CellValue]]:
    for row in person_rows(layout):
        if row.number in reasons:
            cells = _cells(layout, row) | dict(edited.get(row.number, {}))
            values = cells | _joined(cells) | {"reasons": reasons[row.number]}
            yield [values.get(column.key, "") for column in columns]


def _cells(layout: Layout, row: Row) -> dict[str, str]:
    keys = {at: str(at) for at in layout.headings}
    keys |= {at: field for field, at in layout.columns.items()}
    cells = ((keys[at], value) for at, value in enumerate(row.values) if at in keys)
    return {key: cell_of(key, value) for key, value in cells}


def _joined(cells: Cells) -> dict[str, str]:
    """Name, birth and sex, each as one text; two births stay two, for the sender to choose."""
    names = [text for field in NAME_KEYS if (text := cells.get(field))]
    births = [text for field in BIRTH_KEYS if (text := cells.get(field))]
    days = [text for text in births if text.casefold() not in CHECK_MARKS]
    by_column = {"birth_male": Sex.MALE, "birth_female": Sex.FEMALE}
    sexes = [str(sex.label) for field, sex in by_column.items() if cells.get(field)]
    sex = cells.get("sex") or ", ".join(sexes)
    return {"full_name": " ".join(names), "birth": "; ".join(days), "sex": sex}
