"""Which column of a roster holds what, however its sender laid it out.

Headings may stand in any order, anywhere in the first 30 rows, on one row or several, on any sheet.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, NamedTuple

from django.utils.translation import gettext_lazy

from common.identity import legacy_remedy
from common.legacy_encodings import legacy_encoding
from common.sentences import Sentence as _
from common.spreadsheets import Column, Formula, MergedRange, Row, Sheet, Value, column_letters
from common.vietnamese import tidy
from people.choices import Sex
from rosters.errors import RosterError
from rosters.layouts.headings import as_heading, field_of, heading_key, is_bare_sex
from rosters.layouts.heads import Head, drawn_head

HEADER_WITHIN: Final = 30

# What our own rosters write above their columns; every one of them is recognised again.
EXPORT_HEADINGS: Final = {
    "trainee_code": gettext_lazy("Trainee code"),
    "full_name": gettext_lazy("Full name"),
    "birth": gettext_lazy("Birth date"),
    "sex": gettext_lazy("Sex"),
    "personal_number": gettext_lazy("Personal number"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
    "position": gettext_lazy("Position"),
    "unit": gettext_lazy("Work unit"),
    "note": gettext_lazy("Note"),
}
_WIDTHS: Final = {
    "trainee_code": 16,
    "full_name": 24,
    "birth": 11,
    "sex": 7,
    "personal_number": 15,
    "phone": 12,
    "email": 26,
    "position": 18,
    "unit": 26,
    "note": 16,
}

# What somebody may say that a column holds; empty is nothing of ours.
FIELDS_TOLD: Final = (
    "", "full_name", "family_name", "middle_name", "given_name", "birth", "birth_male",
    "birth_female", "sex", "personal_number", "phone", "email", "position", "unit", "note",
    "trainee_code", "run_code", "index",
)  # fmt: skip
NAME_FIELDS: Final = ("full_name", "family_name", "middle_name", "given_name")
Merged = Callable[[], list[MergedRange]]
# A line such as (1) (2) (3) under the headings of official forms.
_COLUMN_NUMBER = re.compile(r"\(?\s*(?:\d{1,2}|[A-ZĐ])\s*\)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a roster's table stands: rows from 1, columns from 0.

    ``columns`` maps fields (``full_name``, ``family_name``, ``middle_name``, ``given_name``,
    ``birth``, ``birth_male``, ``birth_female``, ``sex``, ``personal_number``, ``phone``,
    ``email``, ``position``, ``unit``, ``note``, ``trainee_code``, ``run_code``, ``index``) to
    columns;
    ``headings`` maps columns to their headings as they stand, or to their letters where something
    stands in a column without one; ``extra`` are those not used.
    Of a ``guessed`` layout no heading is known: they may be what somebody's row says.
    ``sheets`` are all of the file, ``other_sheets`` those with people on them too; ``set_aside``
    are columns of which their sender said that they hold nothing of ours.
    """

    sheet: Sheet
    header_row: int
    first_data_row: int
    columns: Mapping[str, int]
    headings: Mapping[int, str]
    extra: tuple[str, ...] = ()
    other_sheets: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    set_aside: frozenset[int] = frozenset()
    guessed: bool = False

    def heading(self, field: str) -> str:
        """The heading of a field as it stands in the sheet; that of the name if it has none."""
        column = self.columns.get(field)
        if column is None:
            column = next(self.columns[name] for name in NAME_FIELDS if name in self.columns)
        return self.headings[column]


class _Candidate(NamedTuple):
    score: int
    header: Row
    last_header_row: int
    columns: dict[str, int]
    headings: dict[int, str]


def find_layouts(sheets: Sequence[Sheet]) -> list[Layout]:
    """The tables that may be rosters, one of a sheet, those most like one first.

    Visible sheets come before hidden ones. Raises RosterError: ``no_known_columns``,
    ``no_name_column``, ``legacy_encoding``.
    """
    found: list[tuple[tuple[bool, int], Layout]] = []
    heads: list[list[Row]] = []
    for sheet in sheets:
        heads.append(head := first_rows(sheet))
        merged = cache(sheet.merged)
        candidate = max(_candidates(head, merged), key=lambda c: c.score, default=None)
        if candidate is not None and has_name(candidate.columns):
            rank = (not sheet.hidden, candidate.score)
            found.append((rank, _layout(candidate, sheet, head, merged)))
    if not found:
        raise _not_a_roster(heads)
    return [layout for _rank, layout in sorted(found, key=lambda one: one[0], reverse=True)]


def _layout(candidate: _Candidate, sheet: Sheet, head: Sequence[Row], merged: Merged) -> Layout:
    columns = _with_split_name(candidate, merged)
    used, first_row = set(columns.values()), _first_data_row(candidate, head)
    filled = _filled_columns([row for row in head if row.number >= first_row], columns)
    headings = {at: column_letters(at) for at in sorted(filled)} | candidate.headings
    return Layout(
        sheet=sheet,
        header_row=candidate.header.number,
        first_data_row=first_row,
        columns=columns,
        headings=headings,
        extra=tuple(text for at, text in sorted(headings.items()) if at not in used),
    )


def as_told(
    layout: Layout, told: Mapping[str, str], columns: Mapping[int, str] | None = None
) -> Layout:
    """The layout with columns as their sender said: field, or empty for none of ours.

    ``told`` is what was said before, by heading key; ``columns`` what was said of this very table.
    """
    held, said_here = dict(layout.columns), columns or {}
    set_aside: set[int] = set()
    for at, text in layout.headings.items():
        if (field := said_here.get(at, told.get(heading_key(text)))) is not None:
            held = {name: column for name, column in held.items() if column != at}
            if field:
                held[field] = at
            else:
                set_aside.add(at)
    used = set(held.values())
    extra = tuple(text for at, text in layout.headings.items() if at not in used)
    return replace(layout, columns=held, extra=extra, set_aside=frozenset(set_aside))


def export_columns(fields: Iterable[str]) -> list[Column]:
    """The columns of our own rosters, with headings in the reader's language."""
    return [
        Column(
            key=field,
            heading=str(EXPORT_HEADINGS[field]),
            kind="date" if field == "birth" else "code" if field == "sex" else "text",
            width=_WIDTHS[field],
            choices=tuple(str(label) for label in Sex.labels) if field == "sex" else (),
            names=field == "full_name",
        )
        for field in fields
    ]


def cell_text(value: Value) -> str:
    """The tidy text of a heading or another cell; empty for what is no text or number."""
    if isinstance(value, Formula):
        value = value.value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return tidy(str(value))


def first_rows(sheet: Sheet) -> list[Row]:
    """The rows in which headings are looked for, and two below them."""
    rows = []
    for row in sheet.rows():
        if row.number > HEADER_WITHIN + 2:
            break
        rows.append(row)
    return rows


def _candidates(rows: Sequence[Row], merged: Merged) -> Iterator[_Candidate]:
    """Every way to take a row, or a row and those below, as the headings; better ones first."""
    for at, row in enumerate(rows):
        if row.number > HEADER_WITHIN:
            return
        top = [cell_text(value) for value in row.values]
        if not any(map(field_of, top)):
            continue
        if (head := drawn_head(rows[at:], merged)) is not None:
            yield _candidate(row, head)
            continue
        below = rows[at + 1] if at + 1 < len(rows) else None
        if below and below.number == row.number + 1:
            bottom = [cell_text(value) for value in below.values]
            if (double := _two_rows(top, bottom)) is not None:
                yield _candidate(row, _head(double, below))
        yield _candidate(row, _head(top, row))


def _head(texts: Sequence[str], last: Row) -> Head:
    return Head({at: text for at, text in enumerate(texts) if text}, last.number)


def _candidate(header: Row, head: Head) -> _Candidate:
    columns: dict[str, int] = {}
    texts = dict(sorted(head.headings.items()))
    for at, text in texts.items():
        field = field_of(text)
        if field and field not in columns:
            columns[field] = at
    headings = {at: as_heading(text) for at, text in texts.items()}
    men = columns.get("birth_male")
    if men is not None and "birth_female" not in columns and is_bare_sex(texts[men]):
        del columns["birth_male"]
    score = sum(field != "index" for field in columns)
    return _Candidate(score, header, head.last_row, columns, headings)


def _two_rows(top: Sequence[str], bottom: Sequence[str]) -> list[str] | None:
    """The headings of a two-row head, or None if the lower row is no part of it."""
    width = max(len(top), len(bottom))
    tops = [*top, *[""] * (width - len(top))]
    bottoms = [*bottom, *[""] * (width - len(bottom))]
    texts: list[str] = []
    over = ""
    for upper, lower in zip(tops, bottoms, strict=True):
        over = upper or over
        if upper and lower and field_of(upper) not in (None, "birth", "sex", "full_name"):
            return None  # something stands under a whole heading: this is the first person
        texts.append(text := f"{over}\0{lower}" if lower else upper)
        if lower and field_of(over) and not field_of(text):
            return None  # so does a name, or a date, under the heading of its column
    return texts if any("\0" in text and field_of(text) for text in texts) else None


def _with_split_name(candidate: _Candidate, merged: Merged) -> dict[str, int]:
    """A name's heading drawn over two columns has the given name in the second."""
    columns = candidate.columns
    at = columns.get("full_name")
    if at is None or "given_name" in columns or at + 1 in candidate.headings:
        return columns
    rows = range(candidate.header.number, candidate.last_header_row + 1)
    if any(
        area.first_row in rows and (area.first_column, area.last_column) == (at, at + 1)
        for area in merged()
    ):
        return {**columns, "given_name": at + 1}
    return columns


def _filled_columns(rows: Iterable[Row], columns: Mapping[str, int]) -> set[int]:
    """The columns in which something stands beside the first names."""
    names = [columns[field] for field in NAME_FIELDS if field in columns]
    filled: set[int] = set()
    for row in rows:
        held = {at for at, value in enumerate(row.values) if value not in (None, "")}
        if held.intersection(names):
            filled |= held
    return filled


def has_name(columns: Mapping[str, int]) -> bool:
    """Whether the columns say who people are."""
    return "full_name" in columns or {"family_name", "given_name"} <= columns.keys()


def _first_data_row(candidate: _Candidate, rows: Sequence[Row]) -> int:
    """The row below the headings, also those that mean nothing to us, and below their numbers."""
    first = candidate.last_header_row + 1
    below = (row for row in rows if row.number in (first, first + 1))
    return next((row.number + 1 for row in below if _numbers_columns(row)), first)


def _numbers_columns(row: Row) -> bool:
    filled = [text for value in row.values if (text := cell_text(value))]
    return len(filled) > 1 and all(_COLUMN_NUMBER.fullmatch(text) for text in filled)


def _not_a_roster(heads: Iterable[Sequence[Row]]) -> RosterError:
    rows = [row for head in heads for row in head if row.number <= HEADER_WITHIN]
    texts = [value for row in rows for value in row.values if isinstance(value, str)]
    if encoding := next(filter(None, map(legacy_encoding, texts)), None):
        return RosterError("legacy_encoding", legacy_remedy(encoding))
    if any(field_of(cell_text(text)) not in (None, "index") for text in texts):
        return no_name_column()
    return RosterError(
        "no_known_columns",
        _(
            "No known column was found in the first 30 rows; give the columns headings such as "
            "“Họ và tên”, “Ngày sinh”, “Giới tính”, “Số CCCD”, “Chức vụ”, “Đơn vị công tác”."
        ),
    )


def no_name_column() -> RosterError:
    """Nobody can be entered without a name."""
    return RosterError(
        "no_name_column",
        _(
            "No column with the names was found in the first 30 rows; give it the heading "
            "“Họ và tên” or “Full name”."
        ),
    )
