"""Finds the table of a roster and its columns, however its sender laid it out.

Headings may stand in any order, anywhere in the first 30 rows, on one row or several, on any sheet.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from common.spreadsheets import MergedRange, Row, Sheet, Value, column_letters
from rosters.fields import NAME_KEYS
from rosters.importing.layouts.cells import cell_text
from rosters.importing.layouts.header_rows import COLUMN_NUMBER, Head, drawn_head
from rosters.importing.layouts.headings import (
    as_heading,
    field_of,
    is_bare_sex,
    is_personal,
    part_of_birth,
)
from rosters.importing.layouts.layout import Layout, has_name
from rosters.importing.layouts.refusals import not_a_roster
from rosters.importing.layouts.split_names import with_split_name

HEADER_WITHIN: Final = 30

Merged = Callable[[], list[MergedRange]]


class _Candidate(NamedTuple):
    score: int
    header: Row
    last_header_row: int
    columns: dict[str, int]
    headings: dict[int, str]
    repeated: dict[int, str]
    birth_parts: tuple[int, int, int] | None


def find_layouts(sheets: Sequence[Sheet]) -> list[Layout]:
    """The tables that may be rosters, one per sheet, the likeliest first.

    Visible sheets come before hidden ones. Raises RosterError ``no_known_columns``,
    ``no_name_column``, ``legacy_encoding``.
    """
    found: list[tuple[tuple[bool, int], Layout]] = []
    heads: list[list[Row]] = []
    for sheet in sheets:
        heads.append(head := first_rows(sheet))
        merged = cache(sheet.merged)
        candidate = _first_with_people(list(_candidates(head, merged)), head)
        if candidate is not None and has_name(candidate.columns):
            rank = (not sheet.hidden, candidate.score)
            found.append((rank, _layout(candidate, sheet, head, merged)))
    if not found:
        raise not_a_roster(row for head in heads for row in head if row.number <= HEADER_WITHIN)
    return [layout for _rank, layout in sorted(found, key=lambda one: one[0], reverse=True)]


def _layout(candidate: _Candidate, sheet: Sheet, head: Sequence[Row], merged: Merged) -> Layout:
    first_row = _first_data_row(candidate, head)
    people = [row for row in head if row.number >= first_row]
    head_rows = range(candidate.header.number, candidate.last_header_row + 1)
    areas = [area for area in merged() if area.first_row in head_rows]
    filled = _filled_columns(people, candidate.columns)
    columns, repeated = _with_what_is_filled(candidate, filled)
    columns, names_beside = with_split_name(columns, candidate.headings, people, areas)
    used = {*columns.values(), *(candidate.birth_parts or ())}
    headings = {at: column_letters(at) for at in sorted(filled)} | candidate.headings
    return Layout(
        sheet=sheet,
        header_row=candidate.header.number,
        first_data_row=first_row,
        columns=columns,
        headings=headings,
        extra=tuple(text for at, text in sorted(headings.items()) if at not in used),
        repeated=repeated,
        birth_parts=candidate.birth_parts,
        names_beside=names_beside,
    )


def _with_what_is_filled(
    candidate: _Candidate, filled: set[int]
) -> tuple[dict[str, int], dict[int, str]]:
    columns, repeated = dict(candidate.columns), dict(candidate.repeated)
    for at, name in candidate.repeated.items():
        first = columns[name]
        if name not in NAME_KEYS and first not in filled and at in filled:
            columns[name], repeated[first] = at, name
            del repeated[at]
    return columns, repeated


def first_rows(sheet: Sheet) -> list[Row]:
    rows = []
    for row in sheet.rows():
        if row.number > HEADER_WITHIN + 2:
            break
        rows.append(row)
    return rows


def _candidates(rows: Sequence[Row], merged: Merged) -> Iterator[_Candidate]:
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
        if below and below.number == row.number + 1 and not _numbers_columns(below):
            bottom = [cell_text(value) for value in below.values]
            if (double := _two_rows(top, bottom)) is not None:
                yield _candidate(row, _head(double, below))
        yield _candidate(row, _head(top, row))


def _first_with_people(candidates: Sequence[_Candidate], head: Sequence[Row]) -> _Candidate | None:
    if not candidates:
        return None
    best = max(candidates, key=lambda one: one.score)
    for one in candidates:
        between = [row for row in head if one.last_header_row < row.number < best.header.number]
        if one.score > 1 and has_name(one.columns) and any(map(_speaks_of_a_person, between)):
            return one
    return best


def _speaks_of_a_person(row: Row) -> bool:
    filled = [value for value in row.values if value is not None]
    return len(filled) > 1 and speaks_of_a_person(filled)


def speaks_of_a_person(values: Iterable[Value]) -> bool:
    return any(isinstance(value, dt.date) or is_personal(cell_text(value)) for value in values)


def _head(texts: Sequence[str], last: Row) -> Head:
    return Head({at: text for at, text in enumerate(texts) if text}, last.number)


def _candidate(header: Row, head: Head) -> _Candidate:
    columns: dict[str, int] = {}
    repeated: dict[int, str] = {}
    texts = dict(sorted(head.headings.items()))
    parts = _birth_parts(texts)
    for at, text in texts.items():
        name = "birth" if parts and at == parts[0] else field_of(text)
        if not name or (parts and at in parts[1:]):
            continue
        if name in columns:
            repeated[at] = name
        else:
            columns[name] = at
    headings = {at: as_heading(text) for at, text in texts.items()}
    men = columns.get("birth_male")
    if men is not None and "birth_female" not in columns and is_bare_sex(texts[men]):
        del columns["birth_male"]
    score = sum(name != "index" for name in columns)
    return _Candidate(score, header, head.last_row, columns, headings, repeated, parts)


def _birth_parts(texts: Mapping[int, str]) -> tuple[int, int, int] | None:
    found = {name: at for at, text in texts.items() if (name := part_of_birth(text))}
    if {"birth_day", "birth_month", "birth_year"} <= found.keys():
        return found["birth_day"], found["birth_month"], found["birth_year"]
    return None


def _two_rows(top: Sequence[str], bottom: Sequence[str]) -> list[str] | None:
    """The headings of two rows, or None if the lower row does not belong to the headings."""
    width = max(len(top), len(bottom))
    tops = [*top, *[""] * (width - len(top))]
    bottoms = [*bottom, *[""] * (width - len(bottom))]
    texts: list[str] = []
    over = ""
    for upper, lower in zip(tops, bottoms, strict=True):
        over = upper or over
        if upper and lower and field_of(upper) not in (None, "birth", "sex", "full_name"):
            return None  # a value below a whole heading: this is the first person
        texts.append(text := f"{over}\0{lower}" if lower else upper)
        if lower and field_of(over) and not field_of(text):
            return None  # so does a name, or a date, under the heading of its column
    return texts if any("\0" in text and field_of(text) for text in texts) else None


def _filled_columns(rows: Iterable[Row], columns: Mapping[str, int]) -> set[int]:
    names = [columns[field] for field in NAME_KEYS if field in columns]
    filled: set[int] = set()
    for row in rows:
        filled_here = {at for at, value in enumerate(row.values) if value not in (None, "")}
        if filled_here.intersection(names):
            filled |= filled_here
    return filled


def _first_data_row(candidate: _Candidate, rows: Sequence[Row]) -> int:
    first = candidate.last_header_row + 1
    below = (row for row in rows if row.number in (first, first + 1))
    return next((row.number + 1 for row in below if _numbers_columns(row)), first)


def _numbers_columns(row: Row) -> bool:
    filled = [text for value in row.values if (text := cell_text(value))]
    return len(filled) > 1 and all(map(COLUMN_NUMBER.fullmatch, filled))
