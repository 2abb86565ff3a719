"""What of a file was not read: columns, rows, sections and tables."""

from collections.abc import Iterator, Sequence

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.spreadsheets import column_letters
from rosters.fields import NAME_KEYS
from rosters.importing.layouts.layout import Layout
from rosters.importing.rows.person_rows import Unread
from rosters.importing.rows.results import Problem
from rosters.importing.rows.sexes import only_sex_marked

_SHOWN = 20


def listed(rows: Sequence[int]) -> str:
    return ", ".join(map(str, rows[:_SHOWN])) + ("…" if len(rows) > _SHOWN else "")


def notes_on(layout: Layout, unread: Unread) -> Iterator[Problem]:
    """One note for each; row 0 stands for no single row."""
    yield from _on_columns(layout)
    yield from _on_rows(unread)
    if strays := layout.sheet.read_strays():
        reason = _("These cells far outside the list were not read: %(cells)s; clear them.")
        row = int(strays[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") or 0)
        yield _note(row, strays[0], "stray_cells", reason % {"cells": ", ".join(strays)})


def _on_columns(layout: Layout) -> Iterator[Problem]:
    header = max(layout.header_row, 0)
    for at, name in sorted(layout.repeated.items()):
        heading = layout.headings.get(at, "")
        values = {"heading": heading, "column": column_letters(at)}
        if name in NAME_KEYS:
            reason = _(
                "There is a second list next to the first: its names, in column "
                "%(column)s, were not read. Move its people below the others and send "
                "the file again."
            )
            yield _note(header, heading, "list_beside", reason % values)
        elif name != "index":
            reason = _(
                "The heading “%(heading)s” appears twice; column %(column)s was not "
                "read. Choose the correct one."
            )
            yield _note(header, heading, "column_repeated", reason % values)
    repeated = {layout.headings.get(at) for at in layout.repeated}
    extra = [heading for heading in layout.extra if heading not in repeated]
    if extra:
        reason = _("Columns that are not used (%(count)s): %(columns)s. Choose what they contain.")
        values = {"count": str(len(extra)), "columns": ", ".join(extra)}
        yield _note(
            header, extra[0] if len(extra) == 1 else "", "columns_not_used", reason % values
        )
    if one_sex := only_sex_marked(layout):
        name = "birth_female" if one_sex == "female" else "birth_male"
        reason = _(
            "Only one sex has a marked column; people without a mark were read as the other sex."
        )
        yield _note(header, layout.heading(name), "sex_by_absence", reason)


def _on_rows(unread: Unread) -> Iterator[Problem]:
    if unread.second_table:
        below = [row for row in unread.rows if row >= unread.second_table]
        reason = _(
            "Another table with its own headings begins in row %(first)s; rows %(rows)s "
            "were not read. Send it as a separate file, or move its people below the "
            "first headings."
        )
        values = {"first": str(unread.second_table), "rows": listed(below)}
        yield _note(unread.second_table, "", "second_table", reason % values)
    if unread.unit_rows:
        reason = _(
            "The headings in these rows were used as the unit of the people below who "
            "have none: %(rows)s."
        ) % {"rows": listed(unread.unit_rows)}
        yield _note(unread.unit_rows[0], "", "units_from_headings", reason)
    passed_over = [
        row
        for row in unread.rows
        if row not in unread.unit_rows and not 0 < unread.second_table <= row
    ]
    if passed_over:
        reason = _("These rows do not contain a person and were not read: %(rows)s.")
        yield _note(passed_over[0], "", "rows_not_read", reason % {"rows": listed(passed_over)})


def _note(row: int, column: str, code: str, reason: DeferredMessage) -> Problem:
    return Problem(row, column, code, reason, "note")
