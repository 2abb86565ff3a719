"""People read from a roster: every cell cleaned, every problem told at once.

Rules: FACTS, "Names, sorting, dates, identifiers". A row with an error is rejected; a warning goes
on record and the row goes in. No message repeats a personal number.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from common.clock import today
from common.sentences import Sentence
from common.sentences import Sentence as _
from common.spreadsheets import Sheet, open_sheets
from rosters.errors import RosterError
from rosters.layouts import Layout, as_told, find_layout, has_name, no_name_column
from rosters.sheets.guessing import guess_layout
from rosters.sheets.quick import QuickReader
from rosters.sheets.results import Problem, Roster, RosterRow, RosterValues
from rosters.sheets.table import person_rows

__all__ = [
    "OpenRoster",
    "Problem",
    "Roster",
    "RosterRow",
    "RosterValues",
    "open_roster",
    "people_in",
    "read_roster",
]


class OpenRoster:
    """A roster whose rows are read one by one; its notes are known when all have been read."""

    def __init__(self, layout: Layout, *, bare_birth_years: bool) -> None:
        self.layout, self._years = layout, bare_birth_years
        self._unread: list[int] = []

    def rows(self) -> Iterator[RosterRow]:
        """The people. Raises RosterError ``no_rows`` where there is none."""
        row = None
        for row in people_in(self.layout, bare_birth_years=self._years, unread=self._unread):
            yield row
        if row is None:
            raise RosterError(
                "no_rows",
                _("No person stands under the headings; fill in the list and send it again."),
            )

    @property
    def notes(self) -> tuple[Sentence, ...]:
        """Sentences on the file as a whole."""
        return tuple(_notes(self.layout, self._unread))


def open_roster(
    source: bytes | Path,
    filename: str,
    *,
    bare_birth_years: bool,
    sheet: str = "",
    told: Mapping[str, str] | None = None,
    columns: Mapping[int, str] | None = None,
) -> OpenRoster:
    """Find the table of a roster; ``rows`` reads it.

    ``bare_birth_years`` says whether the course accepts a year in place of a birth date; ``sheet``
    is the one to read, by default the one most like a roster; ``told`` and
    ``columns`` are what their sender said of them (``layouts.as_told``).
    Raises SpreadsheetError for a file that cannot be read, RosterError for one without a table of
    people (``no_known_columns``, ``no_name_column``, ``legacy_encoding``).
    """
    layout = layout_of(open_sheets(source, filename), sheet, told or {}, columns or {})
    return OpenRoster(layout, bare_birth_years=bare_birth_years)


def read_roster(
    source: bytes | Path,
    filename: str,
    *,
    bare_birth_years: bool,
    sheet: str = "",
    told: Mapping[str, str] | None = None,
) -> Roster:
    """Read a whole roster: ``open_roster`` and all its rows."""
    roster = open_roster(
        source, filename, bare_birth_years=bare_birth_years, sheet=sheet, told=told
    )
    rows = tuple(roster.rows())
    return Roster(roster.layout, rows, roster.notes)


def layout_of(
    sheets: Sequence[Sheet], sheet: str, told: Mapping[str, str], columns: Mapping[int, str]
) -> Layout:
    """The table of one sheet, or of the likeliest, with what was told about its columns.

    Raises RosterError as ``find_layout`` does, also where no column with names is left.
    """
    wanted = [one for one in sheets if one.name == sheet] or sheets
    try:
        layout = find_layout(wanted)
    except RosterError as error:
        guessed = guess_layout(sheets, sheet) if told or columns else None
        if guessed is None or error.code == "legacy_encoding":
            raise
        layout = guessed
    layout = as_told(layout, told, columns)
    if not has_name(layout.columns):
        raise no_name_column()
    return layout


def people_in(
    layout: Layout, *, bare_birth_years: bool, unread: list[int] | None = None
) -> Iterator[RosterRow]:
    """The people of a roster, a row at a time.

    The numbers of rows that hold something but no person are added to ``unread``.
    """
    reader = QuickReader(layout, bare_birth_years=bare_birth_years, today=today())
    return map(reader.read, person_rows(layout, [] if unread is None else unread))


def _notes(layout: Layout, unread: Sequence[int]) -> Iterator[Sentence]:
    if layout.extra:
        yield _("These columns are not used: %(columns)s.") % {"columns": ", ".join(layout.extra)}
    if layout.other_sheets:
        yield _("Only the sheet “%(sheet)s” was read; these look like rosters too: %(others)s.") % {
            "sheet": layout.sheet.name,
            "others": ", ".join(layout.other_sheets),
        }
    if unread:
        numbers = ", ".join(str(number) for number in unread[:20])
        yield _("These rows hold no person and were not read: %(rows)s.") % {
            "rows": numbers + ("…" if len(unread) > 20 else "")
        }
