"""Sheets on paper: the page of Decree 30, print that can be read, nothing cut off."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.spreadsheets import Column, Frame, Words, write_xlsx
from common.spreadsheets.page_layout import page_of
from tests.common.workbooks import SHEET, opened, part

WIDE = [Column("name", "Họ và tên", width=26, names=True)] + [
    Column(f"c{n}", f"Cột {n}", width=30) for n in range(8)
]
HEAD = Frame(above=((Words("Danh sách", 0, 0),),), wrapped=True)
PLAIN = Frame()
MM_PER_INCH = 25.4


def sheet_of(columns, rows=(), frame=PLAIN):
    return opened(made(columns, rows, frame)).active


def made(columns, rows=(), frame=PLAIN):
    return b"".join(write_xlsx(columns, rows, sheet_name="x", frame=frame))


def test_a_page_has_the_size_and_margins_of_the_decree():
    sheet = sheet_of(WIDE[:2])
    margins = sheet.page_margins
    assert sheet.page_setup.paperSize == 9
    assert 20 <= margins.top * MM_PER_INCH <= 25
    assert 20 <= margins.bottom * MM_PER_INCH <= 25
    assert 30 <= margins.left * MM_PER_INCH <= 35
    assert 15 <= margins.right * MM_PER_INCH <= 20


def test_pages_are_numbered_at_the_top_from_the_second_on():
    sheet = sheet_of(WIDE[:2])
    assert sheet.HeaderFooter.differentFirst
    assert sheet.oddHeader.center.text == "&P"
    assert not sheet.firstHeader.center.text
    assert not sheet.oddFooter.center.text


def test_a_table_wider_than_a_page_names_its_rows_on_each():
    sheet = sheet_of([Column("index", "STT", "number", 5), *WIDE])
    assert sheet.col_breaks.brk
    assert sheet.print_title_cols == "$A:$B"
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage


def test_a_table_that_fits_on_one_page_is_scaled_to_it():
    sheet = sheet_of(WIDE[:4])
    assert not sheet.col_breaks.brk
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


@example([40] * 8, 2, False)
@given(st.lists(st.integers(4, 40), min_size=1, max_size=30), st.integers(0, 5), st.booleans())
def test_print_is_never_small_and_no_page_too_narrow(widths, named, is_paper):
    columns = [
        Column(str(at), "", width=width, names=at == named) for at, width in enumerate(widths)
    ]
    page = page_of(columns, HEAD if is_paper else PLAIN)
    assert page.scale * (12 if is_paper else 11) >= 1000
    starts = (0, *page.breaks, len(widths))
    for first, end in pairwise(starts):
        used = sum(widths[first:end]) + (sum(widths[: page.repeated]) if first else 0)
        room = 252 if page.is_landscape else 165
        assert used * 1.97 * page.scale / 100 <= room


LONG = "Trung tâm Chuyển đổi số, Sở Thông tin và Truyền thông tỉnh Bà Rịa - Vũng Tàu"


@pytest.mark.parametrize(("text", "lines"), [("An", 1), (LONG, 3), ("a" * 60, 2), ("a\nb\nc", 3)])
def test_a_wrapped_row_is_as_high_as_its_longest_text(text, lines):
    sheet = sheet_of(WIDE[:2], [["An", text]], Frame(wrapped=True))
    assert sheet["B2"].alignment.wrap_text
    assert sheet.row_dimensions[2].height == pytest.approx(lines * 14.52 + 2, abs=0.2)


def test_a_row_for_a_signature_has_its_height():
    frame = Frame(above=HEAD.above, wrapped=True, row_height=32)
    sheet = sheet_of(WIDE[:2], [["An", "x"], ["An", LONG * 2]], frame)
    assert sheet.row_dimensions[3].height == 32
    assert sheet.row_dimensions[4].height > 60
    assert sheet.row_dimensions[3].customHeight


def test_rows_of_a_long_table_bear_no_heights():
    rows = part(made(WIDE[:2], [["An", LONG]]), SHEET)
    assert re.findall(r"<row [^>]*>", rows)[1:] == ['<row r="2">']


def test_a_line_of_many_words_is_high_enough_for_them():
    words = Words(LONG * 3, 0, 1, bold=True, size=13)
    sheet = sheet_of(WIDE[:2], [], Frame(above=((words,),), wrapped=True))
    assert sheet.row_dimensions[1].height > 3 * 13
