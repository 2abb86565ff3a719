"""Reads people from a roster: every cell is cleaned, every problem is reported at once.

A row with an error is rejected; one with a warning is imported, and the warning recorded. No
message repeats a personal number.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from common.bounded import Limits
from common.clock import today
from common.deferred_messages import DeferredMessage as _
from common.spreadsheets import IN_A_JOB, Sheet, open_sheets
from rosters.errors import RosterError
from rosters.importing.layouts.finder import find_layouts
from rosters.importing.layouts.guess import guess_layout
from rosters.importing.layouts.layout import Layout, has_name, with_mapping
from rosters.importing.layouts.refusals import no_name_column
from rosters.importing.rows.birth_column import BirthColumn
from rosters.importing.rows.notes import listed, notes_on
from rosters.importing.rows.person_rows import Unread, has_people, person_rows
from rosters.importing.rows.quick import QuickReader
from rosters.importing.rows.results import Problem, Roster, RosterRow, RosterValues
from rosters.importing.rows.unread_numbers import LOOKED_AT, UnreadNumbers

__all__ = [
    "OpenRoster",
    "Problem",
    "Roster",
    "RosterRow",
    "RosterValues",
    "open_roster",
    "read_roster",
]


class OpenRoster:
    """A roster read row by row. Notes and warnings are complete once all rows are read."""

    def __init__(self, layout: Layout, *, bare_birth_years: bool) -> None:
        self.layout, self._years = layout, bare_birth_years
        self._unread = Unread()
        self._births, self._numbers = BirthColumn(), UnreadNumbers(layout)

    def rows(self) -> Iterator[RosterRow]:
        """Raises RosterError ``no_rows`` where there is nobody."""
        self._unread = Unread()
        read = QuickReader(
            self.layout, bare_birth_years=self._years, today=today(), births=self._births
        ).read
        people, row = person_rows(self.layout, self._unread), None
        for row in islice(people, LOOKED_AT):
            self._numbers.look(row)
            yield self._in_its_part(read(row))
        if row is None:
            raise self._no_rows()
        for row in people:
            yield self._in_its_part(read(row))

    def _in_its_part(self, person: RosterRow) -> RosterRow:
        if self._unread.unit:
            person.values.texts.setdefault("unit", self._unread.unit)
        return person

    def _no_rows(self) -> RosterError:
        if len(self.layout.sheets) > 1:
            reason = _(
                "There are no people below the headings of the sheet “%(sheet)s”; choose "
                "the sheet with the list, or fill it in and send the file again."
            ) % {"sheet": self.layout.sheet.name}
        else:
            reason = _(
                "There are no people below the headings; fill in the list and send it again."
            )
        return RosterError("no_rows", reason)

    def has_unclear_births(self) -> bool:
        """Whether all rows must be read again, now that births that looked certain are not.

        Other dates of a column show whether its months stand in front.
        """
        return self._births.resolve()

    @property
    def notes(self) -> tuple[Problem, ...]:
        return tuple(notes_on(self.layout, self._unread))

    @property
    def warnings(self) -> tuple[Problem, ...]:
        others = _other_lists(self.layout)
        return (*others, *self._numbers.warnings(), *_left_out(self._unread.named))


def open_roster(
    source: bytes | Path,
    filename: str,
    *,
    bare_birth_years: bool,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
    columns: Mapping[int, str] | None = None,
    limits: Limits = IN_A_JOB,
) -> OpenRoster:
    """Find the table of a roster; ``rows`` reads it.

    ``bare_birth_years``: the course accepts a year for a birth date. ``sheet`` is the one to read,
    by default the likeliest; ``mapping`` and ``columns`` are assignments of columns
    (``layout.with_mapping``). Raises SpreadsheetError for a file that cannot be read, RosterError
    for one without a table of people (``no_known_columns``, ``no_name_column``,
    ``legacy_encoding``).
    """
    layout = layout_of(open_sheets(source, filename, limits), sheet, mapping or {}, columns or {})
    return OpenRoster(layout, bare_birth_years=bare_birth_years)


def read_roster(source: bytes | Path, filename: str, **options: Any) -> Roster:
    """All rows at once; the options are those of ``open_roster``."""
    roster = open_roster(source, filename, **options)
    rows = tuple(roster.rows())
    if roster.has_unclear_births():
        rows = tuple(roster.rows())
    return Roster(roster.layout, rows, roster.notes, roster.warnings)


def layout_of(
    sheets: Sequence[Sheet], sheet: str, mapping: Mapping[str, str], columns: Mapping[int, str]
) -> Layout:
    """The table of one sheet, or of the likeliest, with its columns as they were assigned.

    Raises RosterError as ``find_layouts`` does, also where no column of names is left, and
    ``no_such_sheet``.
    """
    wanted = [one for one in sheets if sheet in ("", one.name)]
    if not wanted:
        names = ", ".join(one.name for one in sheets)
        reason = _("The file has no sheet “%(sheet)s”; its sheets are: %(names)s.")
        raise RosterError("no_such_sheet", reason % {"sheet": sheet, "names": names})
    try:
        layout = _likeliest(find_layouts(wanted))
    except RosterError as error:
        guessed = guess_layout(sheets, sheet) if mapping or columns else None
        if guessed is None or error.code == "legacy_encoding":
            raise
        layout = guessed
    layout = with_mapping(layout, mapping, columns)
    if not has_name(layout.columns):
        raise no_name_column()
    return replace(layout, sheets=tuple(one.name for one in sheets))


def _likeliest(layouts: Sequence[Layout]) -> Layout:
    """The first table with people: an empty form may stand on the sheet before it."""
    first = layouts[0]
    shown = [one for one in layouts if one.sheet.hidden == first.sheet.hidden]
    lists = [one for one in shown if has_people(one)] if len(shown) > 1 else []
    others = tuple(one.sheet.name for one in lists[1:])
    return replace(lists[0] if lists else first, other_sheets=others)


def _other_lists(layout: Layout) -> Iterator[Problem]:
    if layout.other_sheets:
        reason = _(
            "Only the sheet “%(sheet)s” was read; these sheets also contain people: "
            "%(others)s. Upload the file again for each of them, and choose the sheet."
        ) % {"sheet": layout.sheet.name, "others": ", ".join(layout.other_sheets)}
        yield Problem(max(layout.header_row, 1), "", "other_sheets", reason, "warning")


def _left_out(rows: Sequence[int]) -> Iterator[Problem]:
    if rows:
        reason = _(
            "These rows contain only a name below a gap or a heading and were not read: "
            "%(rows)s. If these people belong to the list, number their rows or add "
            "their birth dates, and send the file again."
        ) % {"rows": listed(rows)}
        yield Problem(rows[0], "", "names_unread", reason, "warning")
