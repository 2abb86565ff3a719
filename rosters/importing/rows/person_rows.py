"""Which rows below the headings are people, and which are totals, headings or signatures."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from common.dates import check_birth, parse_birth
from common.errors import DomainError
from common.spreadsheets import CellError, Formula, Row, Value
from common.vietnamese import search_key, tidy
from rosters.fields import BIRTH_KEYS, FIELDS, NAME_KEYS
from rosters.importing.layouts.cells import cell_text
from rosters.importing.layouts.headings import field_of
from rosters.importing.layouts.layout import Layout
from rosters.importing.rows.footers import is_footer, is_post, is_signature, looks_like_name
from rosters.importing.rows.sections import (
    SetApart,
    heading_text,
    heads_a_part,
    is_unit,
    set_apart_by,
)
from rosters.importing.rows.sexes import CHECK_MARKS, SEXES
from rosters.importing.rows.whole_rows import whole_rows

_PART_NUMBER: Final = re.compile(r"\(?(?:[IVXLC]+|[A-ZĐ]|\d{1,2})[.):]?\)?", re.IGNORECASE)
_LOOKED_THROUGH: Final = 300  # rows, to tell a roster from its empty form
_PERSONAL_KEYS: Final = tuple(field.key for field in FIELDS if field.shows_person)


@dataclass(slots=True)
class Unread:
    """Rows that are not people.

    ``rows`` are all that have a text, ``named`` those that may be people; from ``second_table`` on
    nothing is read, since other headings begin there. While rows are read, ``unit`` is the unit
    named by the last section heading; ``unit_rows`` are these headings.
    """

    rows: list[int] = field(default_factory=list)
    named: list[int] = field(default_factory=list)
    unit_rows: list[int] = field(default_factory=list)
    second_table: int = 0
    unit: str = ""
    set_apart: SetApart = ""

    def enter_part(self, row: int, heading: str) -> None:
        self.unit = heading_text(heading) if is_unit(heading) else ""
        self.set_apart = set_apart_by(heading)
        if self.unit:
            self.unit_rows.append(row)


def person_rows(layout: Layout, unread: Unread | None = None) -> Iterator[Row]:
    """The rows of people, with the value of a cell merged downward repeated in each of them.

    ``unread`` collects the others.
    """
    spread, unread = _Spread(layout), unread if unread is not None else Unread()
    is_plainly_person = _plain_person(layout)
    ended, signed, last = False, False, layout.first_data_row - 1
    for read in whole_rows(layout):
        row = spread.fill(read)
        if is_plainly_person(row):
            ended, signed, last = False, False, row.number
            yield _marked(row, unread)
            continue
        filled = _Filled(layout, row)
        after_gap = ended or row.number > last + 1
        last = row.number
        if unread.second_table or filled.begins_another_table:
            unread.second_table = unread.second_table or row.number
            unread.rows.append(row.number)
        elif filled.is_person(ended=ended, after_gap=after_gap, signed=signed):
            ended = signed = False
            yield _marked(row, unread)
        elif filled.is_text:
            if not signed and (heading := filled.heading_of_part):
                unread.enter_part(row.number, heading)
            ended = ended or after_gap or filled.is_footer
            signed = signed or filled.is_signature
            unread.rows.append(row.number)
            if not (signed or filled.heading_of_part) and filled.may_be_person:
                unread.named.append(row.number)


def _marked(row: Row, unread: Unread) -> Row:
    return row._replace(mark=unread.set_apart) if unread.set_apart else row


def has_people(layout: Layout) -> bool:
    rows = layout.sheet.read_rows
    head = replace(layout.sheet, read_rows=lambda: islice(rows(), _LOOKED_THROUGH))
    return next(person_rows(replace(layout, sheet=head)), None) is not None


def _plain_person(layout: Layout) -> Callable[[Row], bool]:
    """Recognises the usual row, a name and a true date, faster than ``_Filled`` does."""
    name_at, birth_at = layout.columns.get("full_name"), layout.columns.get("birth")
    if name_at is None or birth_at is None:
        return lambda row: False
    heading, width = layout.headings.get(name_at), max(name_at, birth_at)

    def is_plain_person(row: Row) -> bool:
        if len(row.values) <= width or row.values[birth_at].__class__ is not dt.date:
            return False
        name = row.values[name_at]
        return isinstance(name, str) and name != heading and bool(name.strip())

    return is_plain_person


class _Spread:
    """Repeats cells merged over several rows, such as one unit for five people.

    A file lists its merged cells after all rows, so it is read twice, unless every unit and
    position is filled in.
    """

    def __init__(self, layout: Layout) -> None:
        wanted = (layout.columns.get("unit"), layout.columns.get("position"))
        self._sheet, self._columns = layout.sheet, [at for at in wanted if at is not None]
        self._areas: dict[tuple[int, int], int] | None = None
        self._open: dict[int, tuple[int, Value]] = {}
        self._before = Row(0, ())

    def fill(self, row: Row) -> Row:
        if self._areas is None:
            if self._is_filled(row):
                self._before = row
                return row
            self._areas = self._merged_downward()
            self._note(self._before)
        if not self._areas:
            return row
        self._note(row)
        values = list(row.values)
        for column, (last, value) in self._open.items():
            if row.number <= last and (column >= len(values) or values[column] is None):
                values.extend([None] * (column + 1 - len(values)))
                values[column] = value
        return row._replace(values=tuple(values))

    def _is_filled(self, row: Row) -> bool:
        return None not in [row.at(column) for column in self._columns]

    def _merged_downward(self) -> dict[tuple[int, int], int]:
        """(row, column) → last row."""
        return {
            (area.first_row, area.first_column): area.last_row
            for area in self._sheet.merged()
            if area.first_column in self._columns and area.last_row > area.first_row
        }

    def _note(self, row: Row) -> None:
        for column, value in enumerate(row.values):
            if last := (self._areas or {}).get((row.number, column)):
                self._open[column] = last, value


class _Filled:
    """Decides whether a row is a person, a section heading or part of the footer."""

    def __init__(self, layout: Layout, row: Row) -> None:
        self._layout = layout
        self._row = row
        self._name = any(self._has(field) for field in NAME_KEYS)
        self._personal = any(
            _looks_personal(field, value)
            for field in _PERSONAL_KEYS
            if (value := self._value(field)) is not None
        )

    def _value(self, field: str) -> Value:
        return self._row.at(self._layout.columns.get(field))

    def _has(self, field: str) -> bool:
        value = self._value(field)
        return bool(value.strip()) if isinstance(value, str) else value is not None

    def is_person(self, *, ended: bool, after_gap: bool, signed: bool) -> bool:
        """Whether the row is read as a person, even a rejected one.

        ``ended``: the list may be over; ``signed``: a signature block has begun.
        """
        if self._repeats_headings or self.heading_of_part:
            return False
        if self._personal:
            return self._name or not (ended or self.is_footer)
        if not self._name:
            return False
        index = cell_text(self._value("index"))
        if index.rstrip(".").isdigit():
            return True
        # A number such as II or B in front of a name is that of a part of the list.
        if index or self.is_footer:
            return False
        return not after_gap or (self._has_name_and_more and not signed)

    @property
    def begins_another_table(self) -> bool:
        if self._personal or self._repeats_headings:
            return False
        values = enumerate(self._row.values)
        heading_fields = {
            at: found for at, value in values if (found := field_of(cell_text(value)))
        }
        columns = self._layout.columns
        return (
            len(set(heading_fields.values()) - {"index"}) > 1
            and any(name in NAME_KEYS for name in heading_fields.values())
            and any(columns.get(found) != at for at, found in heading_fields.items())
        )

    @property
    def heading_of_part(self) -> str:
        texts = [text for text in map(tidy, self._texts) if text]
        if self._personal or len(texts) not in (1, 2) or self._has_numbers or self.is_footer:
            return ""
        number, heading = texts if len(texts) == 2 else ("", texts[0])
        if number and not _PART_NUMBER.fullmatch(number):
            return ""
        return heading if heads_a_part(heading) else ""

    @property
    def _has_numbers(self) -> bool:
        return any(value is not None and not isinstance(value, str) for value in self._row.values)

    @property
    def may_be_person(self) -> bool:
        is_plain = not (cell_text(self._value("index")) or self._repeats_headings)
        return is_plain and not self.is_footer and looks_like_name(self._full_name)

    @property
    def _has_name_and_more(self) -> bool:
        fields = self._layout.columns.keys() - {"index", *NAME_KEYS}
        more = " ".join(cell_text(self._value(field)) for field in fields)
        return any(map(str.isalpha, more)) and looks_like_name(self._full_name)

    @property
    def _full_name(self) -> str:
        cells = (cell_text(self._value(field)) for field in NAME_KEYS)
        return " ".join(filter(None, cells))

    @property
    def _repeats_headings(self) -> bool:
        field = next(field for field in NAME_KEYS if field in self._layout.columns)
        return self._value(field) == self._layout.headings.get(self._layout.columns[field])

    @property
    def is_text(self) -> bool:
        """Whether the row has words: an empty line may have its number."""
        return any(isinstance(value, str) and tidy(value) for value in self._row.values)

    @property
    def is_footer(self) -> bool:
        return any(map(is_footer, self._texts))

    @property
    def is_signature(self) -> bool:
        if any(map(is_signature, self._texts)):
            return True
        return any(map(is_post, self._texts)) and not looks_like_name(self._full_name)

    @property
    def _texts(self) -> Iterator[str]:
        return (value for value in self._row.values if isinstance(value, str))


def _looks_personal(field: str, value: Value) -> bool:
    if isinstance(value, dt.date):
        return True
    if isinstance(value, Formula | CellError):
        return field in BIRTH_KEYS or field == "personal_number"
    text = cell_text(value)
    match field:
        case "email":
            return "@" in text
        case "sex":
            return search_key(text) in SEXES
        case "trainee_code":
            return bool(text)
        case "birth_male" | "birth_female" if text.casefold() in CHECK_MARKS:
            return True
    digits = sum(c.isdigit() for c in text)
    # The place and date of a signature block have digits too, but more letters.
    enough = digits >= (4 if field in BIRTH_KEYS else 6) and 2 * digits > len(text)
    return enough or "**" in text or (field in BIRTH_KEYS and _is_birth(text))


def _is_birth(text: str) -> bool:
    try:
        check_birth(parse_birth(text))
    except DomainError:
        return False
    return True
