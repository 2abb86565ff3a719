"""Reads rows without problems faster than ``person`` does.

Results for names, days and positions are cached, and numbers and addresses need one pattern each.
Any other row is left to ``read_person``, which reports what is wrong.
"""

import datetime as dt
import re
from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any, Final

from common.dates import check_birth, parse_birth
from common.errors import DomainError
from common.identity import PersonalNumber
from common.spreadsheets import ERROR_CODES, Row
from common.vietnamese import has_control_characters
from rosters.fields import CODE_KEYS, FIELDS, TEXT_KEYS
from rosters.importing.layouts.layout import Layout
from rosters.importing.rows.birth_column import BirthColumn
from rosters.importing.rows.codes import read_code
from rosters.importing.rows.names import plain_name
from rosters.importing.rows.person import read_person, read_short_text
from rosters.importing.rows.remarks import Remarks
from rosters.importing.rows.results import RosterRow, RosterValues
from rosters.importing.rows.sections import set_apart_by
from rosters.importing.rows.sexes import read_sex

_READ: Final = (
    "full_name", "birth", "sex", "personal_number", "phone", "email", "trainee_code", *TEXT_KEYS,
    *CODE_KEYS,
)  # fmt: skip
# Columns whose meaning depends on another one.
_PARTS: Final = frozenset(field.key for field in FIELDS if field.part_of)
_MOST_KEPT: Final = 20_000
_NUMBER = re.compile(r"(?!0{12})[0-9]{12}")
_MASKED = re.compile(r"\*{9}[0-9]{3}")
_PHONE = re.compile(r"0[35789][0-9]{8}")
_EMAIL = re.compile(r"(?!.*\.\.)[a-z0-9._+-]{1,64}@(?:[a-z0-9]+\.)+[a-z]{2,}")
_CODE = re.compile(r"HV-[2-9B-Z]{8}")
# Digits four to six of a personal number → sex and year of birth.
_SEX_AND_YEAR: Final = {
    f"{digits:03d}": (number.sex, number.birth_year)
    for digits in range(1000)
    for number in [PersonalNumber(f"000{digits:03d}000000")]
}


class QuickReader:
    def __init__(
        self,
        layout: Layout,
        *,
        bare_birth_years: bool,
        today: dt.date | None = None,
        births: BirthColumn | None = None,
    ) -> None:
        self._layout, self._years, self._today = layout, bare_birth_years, today
        self._column = births or BirthColumn()
        self._remarks = Remarks(layout)
        self._knows_columns = not _PARTS & layout.columns.keys()
        nowhere = 1 + max(layout.columns.values(), default=0)
        self._missing: tuple[None, ...] = (None,) * (nowhere + 1)
        self._width = nowhere + 1
        self._cells = itemgetter(*(layout.columns.get(field, nowhere) for field in _READ))
        self._names = _Memory(plain_name, takes=(str,))
        self._births = _Memory(self._birth, takes=(str, dt.date))
        none = type(None)
        self._sexes = _Memory(read_sex, takes=(str, none))
        texts = _Memory(read_short_text, takes=(str, none))
        remarks = _Memory(_plain_remarks, takes=(str, none))
        self._texts = [(key, remarks if key == "remarks" else texts) for key in TEXT_KEYS]
        codes = {key: _Memory(partial(read_code, key), takes=(str, none)) for key in CODE_KEYS}
        self._texts += codes.items()

    def read(self, row: Row) -> RosterRow:
        """The same result as ``read_person``."""
        is_usual = self._knows_columns and not row.mark and not self._remarks.of(row)
        if is_usual and (values := self._quick(row)):
            return RosterRow(row.number, values)
        return read_person(
            self._layout,
            row,
            bare_birth_years=self._years,
            today=self._today,
            births=self._column,
        )

    def _birth(self, written: str | dt.date) -> dt.date:
        birth = parse_birth(written)
        if isinstance(birth, int):
            raise KeyError(written)  # a bare year needs a message
        check_birth(birth, self._today)
        self._column.add(written)
        if self._column.problem_with(written):
            raise KeyError(written)
        return birth

    def _cells_of(self, row: Row) -> tuple[Any, ...]:
        values = row.values
        if len(values) != self._width - 1:
            values = values[: self._width - 1]
        cells: tuple[Any, ...] = self._cells(values + self._missing[len(values) :])
        return cells

    def _quick(self, row: Row) -> RosterValues | None:
        cells = self._cells_of(row)
        name, birth, sex, number, phone, email, code, *texts = cells
        try:
            values = RosterValues(
                full_name=self._names[name],
                birth_date=(born := self._births[birth]),
                birth_year=born.year,
                sex=self._sexes[sex],
                phone=phone,
                email=email,
                trainee_code=code,
                texts={
                    key: text
                    for (key, memory), cell in zip(self._texts, texts, strict=True)
                    if (text := memory[cell])
                },
            )
        except KeyError:
            return None
        sound = (
            (phone is None or _fits(_PHONE, phone))
            and (email is None or (_fits(_EMAIL, email) and len(email) <= 254))
            and (code is None or _fits(_CODE, code))
        )
        return values if sound and _set_number(values, number) else None


class _Memory(dict[Any, Any]):
    """A cache of read cells; KeyError where there is something to report."""

    def __init__(self, read: Callable[[Any], Any], takes: tuple[type, ...]) -> None:
        super().__init__({None: None} if type(None) in takes else {})
        self._read, self._takes = read, takes

    def __missing__(self, written: object) -> Any:
        if written.__class__ not in self._takes:
            raise KeyError(written)
        is_odd = isinstance(written, str) and not written.isprintable()
        if is_odd and has_control_characters(str(written)):
            raise KeyError(written)  # they are dropped, which is reported
        if written in ERROR_CODES:
            raise KeyError(written)  # a formula failed before the cells were copied as text
        try:
            read = self._read(written)
        except (DomainError, ValueError):
            raise KeyError(written) from None
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[written] = read
        return read


def _plain_remarks(written: str) -> str | None:
    remarks = read_short_text(written)
    if remarks and set_apart_by(remarks):
        raise ValueError(written)
    return remarks


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _set_number(values: RosterValues, number: object) -> bool:
    """Set the personal number; false where there is something to report."""
    if number is None:
        return True
    if not isinstance(number, str):
        return False
    if not _NUMBER.fullmatch(number):
        values.masked_number = number
        return values.trainee_code is not None and _MASKED.fullmatch(number) is not None
    values.personal_number = number
    sex, birth_year = _SEX_AND_YEAR[number[3:6]]
    return birth_year == values.birth_year and values.sex in (None, sex)
