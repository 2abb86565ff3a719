"""Corrects one row of an upload before it is imported."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited
from common.spreadsheets import Row, Sheet
from rosters.errors import RosterError
from rosters.fields import MAPPABLE_KEYS, NAME_KEYS, label_of
from rosters.importing.check_job import plan_again
from rosters.importing.layouts.layout import Layout
from rosters.importing.preview import Preview
from rosters.importing.rows import RosterRow, RosterValues
from rosters.importing.rows.cell_texts import as_written
from rosters.importing.rows.person import read_person
from rosters.importing.staged_rows import Part, part_with
from rosters.importing.staging import locked_staged, start
from rosters.job_types import CHECK_ROSTER
from rosters.models import RosterImport

AT_ONCE = 5_000  # rows that are checked again while their reader waits


@audited("roster_row_edited")
def edit_row(
    *, by: Actor, user: User, upload: RosterImport, row_number: int, cells: Mapping[str, str]
) -> RosterImport:
    """Replace the cells of one staged row, read it by the same rules, and plan all rows again.

    A short roster is planned at once, a long one in a job. Raises RosterError ``not_staged``,
    ``no_such_row``, PeopleError ``compared_elsewhere``.
    """
    upload = locked_staged(upload)
    part, at = _part_and_place(upload, row_number)
    known = {field: text for field, text in cells.items() if field in MAPPABLE_KEYS}
    layout, row = _line(upload, row_number, known)
    before = part.rows[at]
    edited = _rewritten(_cells(before, layout.columns), known)
    years = upload.run.course.bare_birth_years
    part.rows[at] = read_person(layout, row, bare_birth_years=years)
    part.rows[at].edited = {**(before.edited or {}), **edited} or None
    part.write()
    if Preview(upload).count() < AT_ONCE:
        disagree = plan_again(upload, by=by, waits=False)
    else:
        disagree = 0
        start(upload, CHECK_ROSTER, by, user)
    audit_details(roster=upload.pk, row=row_number, rows_disagree=disagree)
    return upload


def _part_and_place(upload: RosterImport, row_number: int) -> tuple[Part, int]:
    part = part_with(upload, row_number)
    numbers = [row.number for row in part.rows] if part else []
    if part is None or row_number not in numbers or upload.table is None:
        raise RosterError("no_such_row", _("This row is not in the roster."))
    return part, numbers.index(row_number)


def cells_of(upload: RosterImport, row_number: int) -> dict[str, str]:
    part, at = _part_and_place(upload, row_number)
    return _cells(part.rows[at], upload.table["columns"])


def _cells(row: RosterRow, columns: Iterable[str]) -> dict[str, str]:
    cells = row.cells
    return {
        field: _text_of(row.values, field) if cells is None else cells.get(field, "")
        for field in columns
        if field != "index"
    }


def _rewritten(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """The cells that differ; if a part of a name differs, all parts: names are split again."""
    written = {field: after.get(field, "") for field in before}
    differ = {field for field, text in before.items() if written[field] != text}
    if not differ.isdisjoint(NAME_KEYS):
        differ.update(field for field in before if field in NAME_KEYS)
    return {field: text for field, text in written.items() if field in differ}


def is_rejected(upload: RosterImport, row_number: int) -> bool:
    part = part_with(upload, row_number)
    return any(one.row == row_number and one.errors for one in (part.results if part else ()))


def _text_of(values: RosterValues, field: str) -> str:
    match field:
        case "birth" | "birth_male" | "birth_female":
            birth: dt.date | int | None = values.birth_date or values.birth_year
            of_others = {"birth_male": "female", "birth_female": "male"}.get(field)
            return "" if of_others and of_others == values.sex else as_written(birth)
        case "personal_number":
            return values.personal_number or values.masked_number or ""
        case "family_name":
            return values.full_name.rpartition(" ")[0]
        case "given_name":
            return values.full_name.rpartition(" ")[2]
        case "middle_name":
            return ""
    return label_of(field, values.get(field))


def _line(upload: RosterImport, number: int, cells: Mapping[str, str]) -> tuple[Layout, Row]:
    table: dict[str, Any] = upload.table or {}
    columns: dict[str, int] = table["columns"]
    width = 1 + max(columns.values())
    values: list[str | None] = [None] * width
    for field, at in columns.items():
        values[at] = cells.get(field) or None
    headings = {int(at): text for at, text in table["headings"].items()}
    nowhere = Sheet(table["sheet"], lambda: iter(()))
    return Layout(nowhere, 0, 0, columns, headings), Row(number, tuple(values))
