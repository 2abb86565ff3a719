"""Birth dates whose day and month may have changed places.

Whoever writes 12/25/1980 puts the month first, so 03/05/1980 of the same column may be in March
or in May. And a program that takes days for months leaves behind true dates of the first twelve
days only, beside texts that it could not read. No single cell shows either: the whole column does.
A doubtful date is never settled here; whoever knows the day writes it so that it is certain.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

from common.dates import day_and_month, parse_birth, serial_in
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError
from common.spreadsheets import Plain

Form = Literal["day_first", "month_first", "either", "same", "late", "early", ""]

MONTHS: Final = 12
_SLIP: Final = 1  # so many dates with the month first may be somebody's slip of the pen


@dataclass(frozen=True, slots=True)
class DateProblem:
    """Why a date is not certain; an error where accepting it would be a guess."""

    severity: Literal["error", "warning"]
    reason: DeferredMessage
    code: str = "day_month_unclear"


_MONTH_FIRST: Final = DateProblem(
    "error",
    _(
        "Other dates in this column put the month before the day, so this one is "
        "ambiguous; write the whole column as day/month/year."
    ),
)
_PERHAPS_MONTH_FIRST: Final = DateProblem(
    "warning",
    _(
        "Another date in this column puts the month before the day; check that this one "
        "is day/month/year."
    ),
)
_PERHAPS_SWAPPED: Final = DateProblem(
    "warning",
    _(
        "A program may have swapped day and month: the cells of this column formatted as "
        "dates all fall on the first twelve days of a month, those written as text do "
        "not. Check this date."
    ),
)


class BirthColumn:
    """The birth dates of one roster: add all of them, then resolve."""

    def __init__(self) -> None:
        self._seen: set[Form] = set()
        self._month_first: set[str] = set()
        self._problems: dict[Form, DateProblem] = {}

    def add(self, written: Plain) -> None:
        self._seen.add(form := _form(written))
        if form == "month_first" and len(self._month_first) <= _SLIP:
            self._month_first.add(str(written))

    def resolve(self) -> bool:
        seen, texts = self._seen, self._seen & {"day_first", "month_first"}
        if {"month_first", "either"} <= seen:
            slip = "day_first" in seen or len(self._month_first) <= _SLIP
            self._problems["either"] = _PERHAPS_MONTH_FIRST if slip else _MONTH_FIRST
        if "early" in seen and texts and not seen & {"late", "either", "same"}:
            self._problems["early"] = _PERHAPS_SWAPPED
        return bool(self._problems)

    def problem_with(self, written: Plain) -> DateProblem | None:
        """None for a certain date, and for all of them before ``resolve``."""
        return self._problems.get(_form(written)) if self._problems else None


def _form(written: Plain) -> Form:
    if isinstance(written, str) and (serial := serial_in(written)) is not None:
        written = serial
    if isinstance(written, int | float):
        try:
            written = parse_birth(written)
        except DomainError:
            return ""
    if isinstance(written, dt.date):
        late: Form = "late" if written.day > MONTHS else "early"
        return "" if written.day == written.month else late
    numbers = day_and_month(written) if isinstance(written, str) else None
    if numbers is None:
        return ""
    first, second = numbers
    if max(first, second) <= MONTHS:
        return "same" if first == second else "either"
    return "day_first" if first > MONTHS else "month_first"
