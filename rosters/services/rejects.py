"""The rejected rows, as their sender wrote them, with what to mend beside them."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from common.spreadsheets import Column, Formula, Value, Written, write_csv, write_xlsx
from rosters.choices import Outcome
from rosters.layouts import Layout
from rosters.services.report import ImportReport


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
