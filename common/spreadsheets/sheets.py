"""A sheet as readers see it, whatever the format of the file."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from common.spreadsheets.errors import refuse

MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 256
MAX_SHEETS: Final = 100  # each is looked through for a list, in a process of its own
MAX_CELLS: Final = 4_000_000
# What spreadsheet programs show, and write into text files, where a formula failed.
ERROR_CODES: Final = frozenset({
    "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Formula:
    """``value`` is what was last computed, or None."""

    value: "Plain"


@dataclass(frozen=True, slots=True)
class CellError:
    code: str


Plain: TypeAlias = str | int | float | bool | dt.date | dt.datetime | CellError | None
Value: TypeAlias = Plain | Formula


class Row(NamedTuple):
    """A row that holds something: its number in the sheet (from 1) and its cells from column A on.

    The tuple ends with the last filled cell. Text is as in the file, not tidied; whole numbers are
    int; cells formatted as dates are dates. ``mark`` is ``hidden`` for a row that a filter or its
    sender hides, ``struck`` where a line is drawn through most of its cells; readers of a table may
    put marks of their own.
    """

    number: int
    values: tuple[Value, ...]
    mark: str = ""

    def at(self, column: int | None) -> Value:
        """The cell of a column; None to the right of the last filled one, and for no column."""
        return self.values[column] if column is not None and column < len(self.values) else None


@dataclass(frozen=True, slots=True)
class MergedRange:
    """Cells drawn as one: rows from 1, columns from 0, both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet; each call of ``rows`` reads the file again, a row at a time.

    ``rows`` raises SpreadsheetError on reaching damage or a limit. ``read_strays`` names the cells
    so far outside of any list that they were passed over, of the rows read last. ``epoch_shift``
    are the days between the workbook's first day and the usual one: what is to be added to a date
    that stands there as a plain number.
    """

    name: str
    read_rows: Callable[[], Iterator[Row]]
    read_merged: Callable[[], list[MergedRange]] = list
    hidden: bool = False
    read_strays: Callable[[], list[str]] = list
    epoch_shift: int = 0

    def rows(self) -> Iterator[Row]:
        cells = 0
        for row in self.read_rows():
            cells += len(row.values)
            if row.number > MAX_ROWS:
                raise refuse("too_many_rows")
            if len(row.values) > MAX_COLUMNS:
                raise refuse("too_many_columns")
            if cells > MAX_CELLS:
                raise refuse("too_many_cells")
            yield row

    def merged(self) -> list[MergedRange]:
        return self.read_merged()
