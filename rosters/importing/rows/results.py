"""What reading a roster returns."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from rosters.fields import CODE_KEYS, TEXT_KEYS
from rosters.importing.layouts.layout import Layout

_IN_TEXTS: Final = frozenset({*TEXT_KEYS, *CODE_KEYS})
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a cell: ``column`` is its heading as it stands, ``row`` the sheet's number.

    Without a column it is of the whole row or sheet. A ``note`` names what was not read.
    """

    row: int
    column: str
    code: str
    reason: DeferredMessage
    severity: Severity

    @property
    def sentence(self) -> DeferredMessage:
        """The reason with its row and column."""
        if not self.column:
            return self.reason
        words = _("Row %(row)s, column “%(column)s”: %(reason)s")
        return words % {"row": self.row, "column": self.column, "reason": self.reason}

    @property
    def message(self) -> str:
        return str(self.sentence)


@dataclass(slots=True)
class RosterValues:
    """One person as read; what is empty or was dropped is None.

    ``sex`` is a value of ``Sex``; ``personal_number`` 12 digits; ``masked_number`` what our
    exports show instead (``*********234``); ``texts`` maps fields of free text to texts, coded ones
    to codes.
    """

    full_name: str = ""
    birth_date: dt.date | None = None
    birth_year: int | None = None
    sex: str | None = None
    personal_number: str | None = None
    masked_number: str | None = None
    phone: str | None = None
    email: str | None = None
    trainee_code: str | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def get(self, key: str) -> Any:
        return self.texts.get(key) if key in _IN_TEXTS else getattr(self, key, None)

    @property
    def position(self) -> str | None:
        return self.texts.get("position")

    @property
    def unit(self) -> str | None:
        return self.texts.get("unit")

    @property
    def year(self) -> int | None:
        return self.birth_date.year if self.birth_date else self.birth_year

    @property
    def number_tail(self) -> str:
        return (self.masked_number or "")[-3:]


@dataclass(slots=True)
class RosterRow:
    """``cells`` are the texts by field, where something is wrong, for a form.

    ``edited`` are those that were corrected since the upload.
    """

    number: int
    values: RosterValues
    problems: tuple[Problem, ...] = ()
    cells: Mapping[str, str] | None = None
    edited: Mapping[str, str] | None = None

    @property
    def rejected(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Roster:
    """``notes`` name what was not read, ``file_warnings`` what is likely wrong with the file."""

    layout: Layout
    rows: tuple[RosterRow, ...]
    notes: tuple[Problem, ...] = ()
    file_warnings: tuple[Problem, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        return [p for row in self.rows for p in row.problems if p.severity == "error"]

    @property
    def warnings(self) -> list[Problem]:
        return [p for row in self.rows for p in row.problems if p.severity == "warning"]
