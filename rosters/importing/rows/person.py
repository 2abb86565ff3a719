"""Reads one person from one row: cleaned values, and all problems."""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal

from common.dates import check_birth, format_date, parse_birth
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError
from common.identity import (
    PersonalNumber,
    is_masked_number,
    legacy_remedy,
    parse_email,
    parse_personal_number,
    parse_phone,
)
from common.legacy_encodings import legacy_encoding
from common.spreadsheets import ERROR_CODES, CellError, Formula, Plain, Row, Value
from common.vietnamese import has_control_characters, tidy
from people.choices import Sex
from rosters.fields import BIRTH_KEYS, CODE_KEYS, FIELD, NAME_KEYS, TEXT_KEYS
from rosters.importing.layouts.layout import Layout
from rosters.importing.rows.birth_column import BirthColumn
from rosters.importing.rows.cell_texts import NO_RESULT, as_written, cell_of
from rosters.importing.rows.codes import read_code
from rosters.importing.rows.marks import mark_of
from rosters.importing.rows.mixed_cells import day_alone, number_alone
from rosters.importing.rows.names import name_in
from rosters.importing.rows.remarks import Remarks
from rosters.importing.rows.results import Problem, RosterRow, RosterValues
from rosters.importing.rows.sections import set_apart_by
from rosters.importing.rows.sexes import (
    CHECK_MARKS,
    NOT_CHECKED,
    OTHER_SEX,
    only_sex_marked,
    read_sex,
)

_CODE_LENGTH: Final = 11
_NOTHING: Final = " \t\r\n\u00a0\u200b-–—."  # typed into cells to mark them as empty


_SHORTEST_LIMIT: Final = min(FIELD[key].longest for key in TEXT_KEYS)

Severity = Literal["error", "warning"]


def read_person(
    layout: Layout,
    row: Row,
    *,
    bare_birth_years: bool,
    today: dt.date | None = None,
    births: BirthColumn | None = None,
) -> RosterRow:
    """``bare_birth_years`` says whether a year may stand for a birth date.

    ``births`` are those of the whole roster; without them a row is read by itself.
    """
    return _Reader(layout, row, bare_birth_years, today, births or BirthColumn()).read()


class _Reader:
    def __init__(
        self,
        layout: Layout,
        row: Row,
        bare_birth_years: bool,
        today: dt.date | None,
        births: BirthColumn,
    ) -> None:
        self._layout, self._columns, self._row = layout, layout.columns, row
        self._today, self._births = today, births
        self._bare_birth_years = bare_birth_years
        self._problems: list[Problem] = []
        self._beside_name = ""

    def read(self) -> RosterRow:
        values = RosterValues(
            full_name=self._name(),
            sex=self._sex(),
            phone=self._parsed("phone", parse_phone),
            email=self._parsed("email", parse_email),
            trainee_code=self._text("trainee_code", _CODE_LENGTH),
            texts=self._texts(),
        )
        self._set_birth(values)
        self._set_number(values)
        self._refuse_nobody(values)
        self._check_mark(values)
        cells = self._cells() if self._problems else None
        return RosterRow(self._row.number, values, tuple(self._problems), cells)

    def _cells(self) -> dict[str, str]:
        return {
            field: written
            for field in self._columns
            if field != "index" and (written := cell_of(field, self._cell(field)))
        }

    # --- cells ---

    def _cell(self, field: str) -> Value:
        return self._row.at(self._columns.get(field))

    def _plain(self, field: str) -> str | int | float | dt.date | None:
        """A cell's value, or a formula's last one; an error is reported and read as blank."""
        value: Plain | Formula = self._cell(field)
        if value is None:
            return None
        if isinstance(value, Formula):
            value = NO_RESULT if value.value is None else value.value
        if isinstance(value, CellError) or value in ERROR_CODES:
            reason = _(
                "The cell contains an error or a formula without a result; type the value itself."
            )
            severity: Severity = "error" if FIELD[field].identifies else "warning"
            self._report(field, "cell_error", reason, severity)
            return None
        if isinstance(value, str) and not value.strip(_NOTHING):
            return None
        if isinstance(value, str) and has_control_characters(value):
            reason = _("The cell contained control characters; they were removed.")
            self._report(field, "control_characters", reason, "warning")
        return value

    def _report(self, field: str, code: str, reason: DeferredMessage, severity: Severity) -> None:
        heading = self._layout.heading(field)
        self._problems.append(Problem(self._row.number, heading, code, reason, severity))

    def _warn_dropped(self, field: str, problem: DomainError) -> None:
        reason = _("%(reason)s The value was ignored.") % {"reason": problem.sentence}
        self._report(field, problem.code, reason, "warning")

    # --- fields ---

    def _name(self) -> str:
        parts: list[tuple[str, str]] = []
        for field in NAME_KEYS:
            value = self._cell(field)
            if isinstance(value, Formula):
                reason = _(
                    "The name is the result of a formula; copy the names and paste them as values."
                )
                self._report(field, "formula", reason, "error")
                return ""
            if (text := self._plain(field)) is not None:
                parts.append((field, str(text)))
        if any(problem.code == "cell_error" for problem in self._problems):
            return ""
        field = parts[0][0] if parts else NAME_KEYS[0]
        try:
            found = name_in(" ".join(text for _field, text in parts))
        except DomainError as problem:
            self._report(field, problem.code, problem.sentence, "error")
            return ""
        self._beside_name = found.taken_off
        if found.taken_off:
            reason = _("“%(taken_off)s” next to the name is not part of it and was removed.")
            reason = reason % {"taken_off": found.taken_off}
            self._report(field, "title_in_name", reason, "warning")
        return found.name

    def _sex(self) -> str | None:
        value = self._plain("sex")
        if value is None:
            return self._sex_by_column()
        try:
            return read_sex(str(value))
        except ValueError:
            pass
        reason = _("The sex is neither “Nam” nor “Nữ”. The value was ignored.")
        self._report("sex", "sex_unknown", reason, "warning")
        return None

    def _sex_by_column(self) -> str | None:
        men, women = (is_checked(self._cell(field)) for field in BIRTH_KEYS[1:])
        if one_sex := only_sex_marked(self._layout):
            return (one_sex if men or women else OTHER_SEX[one_sex]).value
        if men and women:
            reason = _("Both the men's and the women's column are filled in; clear one of them.")
            self._report("birth_male", "sex_twice", reason, "error")
        if men == women:
            return None
        return Sex.MALE.value if men else Sex.FEMALE.value

    def _parsed(self, field: str, parse: Callable[[str | float], str]) -> str | None:
        value = self._plain(field)
        if value is None:
            return None
        try:
            return parse(str(value) if isinstance(value, dt.date) else value)
        except DomainError as problem:
            self._warn_dropped(field, problem)
            return None

    def _texts(self) -> dict[str, str]:
        texts = {key: self._text(key, FIELD[key].longest) for key in TEXT_KEYS}
        texts |= {key: self._code(key) for key in CODE_KEYS}
        return {key: text for key, text in texts.items() if text}

    def _code(self, field: str) -> str | None:
        value = self._plain(field)
        if value is None:
            return None
        try:
            return read_code(field, str(value))
        except ValueError:
            usual = (words.partition(",")[0] for words in FIELD[field].words.values())
        about = {"written": tidy(str(value))[:40], "usual": ", ".join(f"“{one}”" for one in usual)}
        reason = _("“%(written)s” is none of %(usual)s. The value was ignored.") % about
        self._report(field, "code_unknown", reason, "warning")
        return None

    def _text(self, field: str, longest: int) -> str | None:
        value = self._plain(field)
        if value is None:
            return None
        written = format_date(value) if isinstance(value, dt.date) else str(value)
        text, encoding = _checked(written)
        if encoding:
            problem = DomainError("legacy_encoding", legacy_remedy(encoding))
            self._warn_dropped(field, problem)
            return None
        if field == "trainee_code":
            text = "".join(text.upper().split())
        if len(text) > longest:
            reason = _("The text is longer than %(longest)s characters; the end was cut off.")
            self._report(field, "text_too_long", reason % {"longest": longest}, "warning")
        return text[:longest].rstrip() or None

    def _set_birth(self, values: RosterValues) -> None:
        field, value = self._birth_cell()
        if value is None:
            return
        value = day_alone(value)
        self._births.add(value)
        try:
            birth = parse_birth(value)
            check_birth(birth, self._today)
        except DomainError as problem:
            self._report(field, problem.code, problem.sentence, "error")
            return
        if unclear := self._births.problem_with(value):
            self._report(field, unclear.code, unclear.reason, unclear.severity)
        if isinstance(birth, dt.date):
            values.birth_date, values.birth_year = birth, birth.year
            return
        values.birth_year = birth
        # Of whom a trainee code names we may know no more ourselves: that is for the planner.
        if self._bare_birth_years or values.trainee_code:
            reason = _("Only the year of birth is given; add day and month if known.")
            self._report(field, "birth_year_only", reason, "warning")
        else:
            self._report(field, "birth_year_only", year_alone(), "error")

    def _birth_cell(self) -> tuple[str, Plain]:
        for field in BIRTH_KEYS:
            value = self._plain(field)
            text = str(value).strip().casefold()
            is_mark = field != "birth" and (text in CHECK_MARKS or text in NOT_CHECKED)
            if value is not None and not is_mark:
                return field, value
        return "birth", None

    def _set_number(self, values: RosterValues) -> None:
        value = self._plain("personal_number")
        if value is None:
            return
        if is_masked_number(masked := tidy(str(value))):
            values.masked_number = masked
            if not values.trainee_code:
                reason = _("A masked number does not identify anyone without the trainee code.")
                self._report("personal_number", "masked_number", reason, "warning")
            return
        value = number_alone(value)
        try:
            number = parse_personal_number(str(value) if isinstance(value, dt.date) else value)
        except DomainError as problem:
            self._report("personal_number", problem.code, problem.sentence, "error")
            return
        values.personal_number = number.digits
        if number.zeros_restored:
            reason = _(
                "The number had lost its leading zeros; they were restored. Format the "
                "column as text."
            )
            self._report("personal_number", "zeros_restored", reason, "warning")
        self._compare(values, number)

    def _compare(self, values: RosterValues, number: PersonalNumber) -> None:
        other_sex = values.sex is not None and values.sex != number.sex
        other_year = values.birth_year is not None and values.birth_year != number.birth_year
        if other_sex and other_year:
            reason = _("The number does not match the sex and the year of birth; check them.")
        elif other_sex:
            reason = _("The number does not match the sex; check both.")
        elif other_year:
            reason = _("The number does not match the year of birth; check both.")
        else:
            return
        self._report("personal_number", "number_disagrees", reason, "warning")

    def _check_mark(self, values: RosterValues) -> None:
        if mark := mark_of(self._row.mark):
            self._report(NAME_KEYS[0], mark.code, mark.reason, mark.severity)
            return
        by_note, beside_name = (
            set_apart_by(values.texts.get("remarks", "")),
            set_apart_by(self._beside_name),
        )
        if by_note or beside_name:
            heading = self._layout.heading("remarks" if by_note else NAME_KEYS[0])
            self._warn_set_apart(heading, by_note or beside_name)
        elif remark := Remarks(self._layout).of(self._row):
            self._warn_set_apart(*remark)

    def _warn_set_apart(self, column: str, code: str) -> None:
        reason = _(
            "According to the note this person is a special case; check that they "
            "are to be nominated."
        )
        self._problems.append(Problem(self._row.number, column, code, reason, "warning"))

    def _refuse_nobody(self, values: RosterValues) -> None:
        """A name alone identifies nobody: every import of the file would enter a new person."""
        if any(problem.severity == "error" for problem in self._problems):
            return
        if not (values.birth_year or values.personal_number or values.trainee_code):
            reason = _("Neither birth date nor personal number is given; fill in one of them.")
            self._report("birth", "identity_missing", reason, "error")


def year_alone() -> DeferredMessage:
    return _("Only the year of birth is given; write day/month/year, as in 05/03/1980.")


def read_short_text(written: str) -> str | None:
    """A text that fits every column, None for a blank; ValueError for any other."""
    text, encoding = _checked(written)
    if encoding or len(text) > _SHORTEST_LIMIT:
        raise ValueError(text)
    return text if written.strip(_NOTHING) and text else None


def is_checked(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    written = as_written(value).strip(_NOTHING)
    return bool(written) and written.casefold() not in NOT_CHECKED


@lru_cache(maxsize=1024)
def _checked(written: str) -> tuple[str, str | None]:
    """A text tidied, and its legacy encoding. Cached: few positions and units fill many rows."""
    return tidy(written), legacy_encoding(written)
