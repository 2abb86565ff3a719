"""A cell of the greatest length does not slow down the import."""

import datetime as dt
import sys
from typing import Any

import pytest

from common import clock
from rosters.importing.layouts.headings import field_of, heading_key
from rosters.importing.rows import read_roster
from tests.common.workbooks import workbook

LONGEST = 32_767
HEADS = ["Họ và tên", "Ngày sinh", "Ghi chú"]
AN = ["Nguyễn Văn An", "05/03/1980"]


def filled_with(words: str) -> str:
    return (words * LONGEST)[:LONGEST]


def calls_of(work) -> int:
    """How many functions are called, Python's own included."""
    count = 0

    def see(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("words", ["a ", "họ và tên ", "của học viên ", "((", "[(", "a/"])
def test_a_cell_of_32767_letters_among_the_headings_is_looked_at_once(words):
    def read(heading):
        content = workbook([*HEADS, heading], AN)
        with clock.set_to(dt.date(2026, 11, 22)):
            return read_roster(content, "x.xlsx", bare_birth_years=True)

    short = calls_of(lambda: read("Mã ngạch"))
    long = calls_of(lambda: read(filled_with(words)))
    assert [row.values.full_name for row in read(filled_with(words)).rows] == ["Nguyễn Văn An"]
    assert long < 2 * short


def test_what_is_longer_than_a_heading_is_none_whatever_it_begins_with():
    long = f"Ghi chú ({'x' * 200})"
    assert field_of("Ghi chú") == field_of(f"{long}\0Ghi chú") == "remarks"
    assert field_of(long) is field_of(f"Ghi chú\0{long}") is None


def test_a_long_heading_fills_no_page():
    content = workbook([*HEADS, filled_with("của học viên ")], AN)
    layout = read_roster(content, "x.xlsx", bare_birth_years=True).layout
    assert layout.extra == (layout.headings[3],)
    assert layout.extra[0].endswith("…")
    assert len(layout.extra[0]) < 130


def test_long_headings_are_compared_by_their_beginning():
    assert heading_key("(" * LONGEST) == heading_key("(" * 200)
    assert len(heading_key(filled_with("ab "))) <= 120


@pytest.mark.parametrize(
    "words", ["ngày ", "ngày tháng ", "danh sách ", "((", "TL. ký, ", " \u00a0", "a\u0301\u0323"]
)
def test_a_cell_of_32767_letters_below_the_table_is_gone_through_once(words):
    """A pattern that tries every “ngày” with every “tháng” would take for ever."""
    half = LONGEST // 2
    cell = filled_with(words)[:half] + filled_with("tháng ")[:half]
    rows: list[list[Any]] = [
        HEADS,
        AN,
        [],
        [cell],
        [None, None, cell],
        ["Hà Nội, ngày 05 tháng 3 năm 2026"],
    ]
    roster = read_roster(workbook(*rows), "x.xlsx", bare_birth_years=True)
    assert roster.rows[0].values.full_name == "Nguyễn Văn An"
