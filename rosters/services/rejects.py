"""The rejected rows go back: marked in their sender's workbook, or as a list of their own."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from audit.services import Actor, deed, note
from common.spreadsheets import Column, Formula, Value, Written, write_csv, write_xlsx
from rosters.choices import Outcome
from rosters.errors import RosterError
from rosters.layouts import Layout
from rosters.models import RosterImport
from rosters.services.checking import file_of, report_of, roster_of
from rosters.services.marking import can_mark, marked
from rosters.services.report import ImportReport


@deed("rejected_rows_given")
def give_rejects(*, by: Actor, upload: RosterImport) -> bytes:
    """The sender's workbook with its cells marked; for CSV and giants the plain list of rows.

    The workbook is whole, with names and numbers: how many rows stand in it goes on record.
    Raises RosterError ``nothing_found``, ``file_gone``.
    """
    report = report_of(upload)
    if report is None:
        raise RosterError("nothing_found", _("There is nothing to download yet."))
    file, table = file_of(upload), upload.table
    whole = table is not None and can_mark(file, len(report.results), len(table["headings"]))
    note(
        roster=upload.pk,
        rows=len(report.results) if whole else report.rejected,
        rejected=report.rejected,
    )
    if table and whole:
        return marked(file, table, report.results)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rejected.xlsx"
        write_rejects(target, roster_of(upload).layout, report)
        return target.read_bytes()


def write_rejects(target: Path, layout: Layout, report: ImportReport) -> int:
    """Write the rejected rows to an .xlsx or .csv file; how many there were.

    The headings are the sender's own: mended, the file goes through the import again.
    """
    reasons = {
        result.row: " ".join(finding.message for finding in result.errors)
        for result in report.results
        if result.outcome == Outcome.REJECTED
    }
    headings = dict(sorted(layout.headings.items()))
    columns = [Column(str(at), heading, width=22) for at, heading in headings.items()]
    columns.append(Column("reasons", _("What to mend"), width=80))
    rows = _rows(layout, list(headings), reasons)
    pieces = (
        write_csv(columns, rows)
        if target.suffix.lower() == ".csv"
        else write_xlsx(columns, rows, sheet_name=_("Rejected rows"))
    )
    with target.open("wb") as file:
        file.writelines(pieces)
    return len(reasons)


def _rows(layout: Layout, order: list[int], reasons: dict[int, str]) -> Iterator[list[Written]]:
    for row in layout.sheet.rows():
        if row.number in reasons:
            values = [row.values[at] if at < len(row.values) else None for at in order]
            yield [*map(_as_text, values), reasons[row.number]]


def _as_text(value: Value) -> str:
    """What the sender sees in the cell; a formula is given back as text."""
    if isinstance(value, Formula):
        value = value.value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, dt.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
