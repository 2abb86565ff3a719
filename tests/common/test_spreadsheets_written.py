"""What is written is what was given: read back, untouched by formulas, types or XML."""

import csv
import datetime as dt
import io
import itertools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from common.spreadsheets import (
    Column,
    Frame,
    SpreadsheetError,
    Words,
    open_sheets,
    write_csv,
    write_table,
    write_xlsx,
    xlsx_writer,
)
from common.spreadsheets.csv_files import neutralise, restore
from common.spreadsheets.xml_text import strip_invalid_xml
from tests.common.workbooks import opened

COLUMNS = [
    Column("code", "Mã học viên", width=14),
    Column("name", "Họ và tên", width=28),
    Column("birth", "Ngày sinh", "date", 12),
    Column("sex", "Giới tính", "code", 8, ("Nam", "Nữ")),
    Column("score", "Điểm", "number", 8),
]
NASTY = [
    '=HYPERLINK("http://127.0.0.1/x","A")', "+1", "-1", "@SUM(A1)", "\t=1", " =1", "'=1", "''+1",
    "000123", "056093065036", "1E5", "a;b,c\t|", 'say "hi"', "<b>&amp;</b>", "]]>", "_x0041_",
    " a ", "line\nline", "＝1", "'", "H'Hen Niê", "TRUE", "01/02/1980",
]  # fmt: skip
# What XML, and so a cell, can hold; a carriage return is a line feed there.
cell_text = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n=+-@';,\"&<_x0041_"),
    max_size=30,
)


def xlsx(rows, columns=COLUMNS):
    return b"".join(write_xlsx(columns, rows, sheet_name="Danh sách"))


def read(data):
    return [row.values for row in open_sheets(data, "x.csv")[0].rows()]


def row_with(text):
    return ["HV-1", text, dt.date(1980, 3, 5), "Nữ", 7.5]


@pytest.mark.parametrize("text", NASTY)
def test_text_stays_text_for_every_reader(text):
    data = xlsx([row_with(text)])
    assert read(data)[1][1] == text
    cell = opened(data).active["B2"]
    assert cell.data_type == "s"
    assert CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1][4]


def test_types_are_kept():
    (row,) = read(xlsx([["001", "An", dt.date(1999, 12, 31), "Nam", 8]]))[1:]
    assert row == ("001", "An", dt.date(1999, 12, 31), "Nam", 8)


def test_a_bare_year_is_a_number_in_the_date_column():
    assert read(xlsx([["1", "An", 1984, None, None]]))[1] == ("1", "An", 1984)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cell_text, cell_text.filter(bool)), max_size=4))
def test_a_workbook_gives_back_its_texts(rows):
    columns = [Column("a", "A"), Column("b", "B")]
    expected = [(a or None, b) for a, b in rows]
    assert read(xlsx(rows, columns))[1:] == expected


@pytest.mark.parametrize("text", ["Khoa học & Công nghệ", "a < b > c", "a¦b", "a¦b & c", "&¦=1+1"])
def test_markup_beside_plain_texts_is_spelled_for_that_text_alone(text):
    columns = [Column(key, key) for key in "abc"]
    rows = [("An", text, "Bình"), (text, "An", text)]
    assert read(xlsx(rows, columns))[1:] == rows


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(cell_text, cell_text.filter(bool)), max_size=4))
def test_a_csv_file_gives_back_its_texts(rows):
    columns = [Column("a", "A"), Column("b", "B")]
    data = b"".join(write_csv(columns, rows))
    assert read(data)[1:] == [(a or None, b) for a, b in rows]


SIGNS = "'’=+-@ \t\n\r,;|\"a"


@given(st.text(SIGNS, max_size=12))
def test_neutralising_is_undone_exactly(text):
    assert restore(neutralise(text)) == text
    assert not re.match(r"\s*[=+\-@]", neutralise(text))


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@given(rows=st.lists(st.tuples(st.text(SIGNS), st.text(SIGNS)), min_size=1, max_size=3))
@example(rows=[("An", "a,=1+1"), ("An", 'x","=1'), ("An", "a\n=1"), ("a;\t=1", "Vụ A, - B")])
def test_no_cell_becomes_a_formula_however_a_program_splits_the_lines(delimiter, rows):
    data = b"".join(write_csv([Column("a", "A"), Column("b", "B,=1")], rows))
    text = io.StringIO(data.decode("utf-8-sig"), newline="")
    for record in csv.reader(text, delimiter=delimiter):
        assert not [cell for cell in record if cell.lstrip(' \t\r\n"').startswith(tuple("=+-@"))]


def test_csv_is_what_excel_opens_with_a_double_click():
    data = b"".join(write_csv(COLUMNS, [row_with("=1+1")]))
    lines = data.decode("utf-8-sig").split("\r\n")
    assert data.startswith(b"\xef\xbb\xbf")
    assert lines[:2] == [
        "Mã học viên;Họ và tên;Ngày sinh;Giới tính;Điểm",
        "HV-1;'=1+1;05/03/1980;Nữ;7,5",
    ]


def test_what_xml_cannot_hold_is_dropped():
    assert read(xlsx([row_with("A\x00\x0bB\ud800\uffff\r\nC"), row_with("\x01")]))[1:] == [
        ("HV-1", "A B\nC", dt.date(1980, 3, 5), "Nữ", 7.5),
        ("HV-1", None, dt.date(1980, 3, 5), "Nữ", 7.5),
    ]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_rows_that_lost_characters_are_counted_as_a_reader_counts_them(write):
    named = {} if write is write_csv else {"sheet_name": "x"}
    rows = [row_with(text) for text in ("An", "A\x07n", "A\vn", "A\r\nn", "A\uffffn", "An\0")]
    dropped: list[int] = []
    data = b"".join(write(COLUMNS, rows, dropped=dropped, **named))
    assert dropped == [3, 6, 7]
    assert [row[1] for row in read(data)[1:]] == ["An", "An", "A n", "A\nn", "An", "An"]


def test_headings_choices_and_words_around_a_table_are_cleaned_too():
    pasted = "Trí tuệ\vnhân\x07 tạo\uffff"
    words = Words(pasted, 0, 1, under=pasted)
    columns = [Column("a", pasted, choices=(pasted, "Nữ")), Column("b", "B")]
    frame = Frame(above=((words,),), below=((words,),))
    data = b"".join(write_xlsx(columns, [("x", "y")], sheet_name=pasted, frame=frame))
    clean = "Trí tuệ nhân tạo"
    book = opened(data)
    sheet = book[clean]
    assert book.properties.title == clean
    assert [sheet["A1"].value, sheet["A2"].value, sheet["A4"].value] == [
        f"{clean}\n{clean}", clean, f"{clean}\n{clean}",
    ]  # fmt: skip
    assert sheet.data_validations.dataValidation[0].formula1 == f'"{clean},Nữ"'
    assert read(b"".join(write_csv(columns, [("x", "y")])))[0] == (clean, "B")


def test_an_endless_text_is_cut_where_excel_ends():
    assert len(read(xlsx([row_with("a" * 40_000)]))[1][1]) == 32_767


def test_the_sheet_is_ready_to_read_print_and_send_back():
    book = opened(xlsx([row_with("An")] * 3))
    sheet = book["Danh sách"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:E4"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (9, 0)
    assert sheet["A1"].font.bold
    assert sheet["A2"].number_format == "@"
    assert sheet["C2"].number_format == "dd/mm/yyyy"
    assert sheet.column_dimensions["B"].width == 28
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"Nam,Nữ"', "D2:D1048576")
    assert book.defined_names == {}


def test_rows_leave_before_the_last_one_is_made():
    made = itertools.count(1)
    rows = (row_with(f"Nguyễn Văn {next(made)}") for _ in range(20_000))
    stream = write_xlsx(COLUMNS, rows, sheet_name="x")
    next(stream)
    assert next(made) < 2_000


def test_a_table_without_rows_is_a_sheet_of_headings():
    assert read(xlsx([])) == [tuple(column.heading for column in COLUMNS)]


def test_a_row_of_another_width_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="zip"):
        xlsx([["a"]])


def test_an_apostrophe_in_a_csv_file_of_another_program_is_its_senders():
    read = [
        row.values for row in open_sheets("Tên;Ghi chú\n=1;'=1+1\n".encode(), "x.csv")[0].rows()
    ]
    assert read[1] == ("=1", "'=1+1")


def test_more_rows_than_a_workbook_holds_are_refused(monkeypatch):
    monkeypatch.setattr(xlsx_writer, "LAST_ROW_OF_ALL", 900)
    with pytest.raises(SpreadsheetError, match="CSV"):
        xlsx(row_with("x") for _ in range(900))


# For programs ----------------------------------------------------------------------------

_PLAIN_CELLS = st.one_of(
    st.none(),
    st.text(max_size=20).filter(lambda text: text == strip_invalid_xml(text) and text != ""),
    st.integers(-(10**9), 10**9),
    st.dates(),
)


@given(rows=st.lists(st.tuples(_PLAIN_CELLS, _PLAIN_CELLS), max_size=8))
def test_a_csv_for_programs_is_read_by_any_program_as_it_was_written(rows):
    columns = [Column("a", "Một"), Column("b", "Hai")]
    written = b"".join(write_table("plain-csv", columns, rows, sheet_name="x"))
    assert not written.startswith(b"\xef\xbb\xbf")
    head, *found = csv.reader(io.StringIO(written.decode(), newline=""), strict=True)
    assert head == ["Một", "Hai"]
    read = [tuple(restore(cell) for cell in row) for row in found]
    assert read == [tuple("" if v is None else str(v) for v in row) for row in rows]


def test_numbers_and_days_are_spelled_for_programs_or_for_excel():
    columns, row = [Column("a", "a"), Column("b", "b", "date")], (8.5, dt.date(2026, 12, 31))
    spelled = {
        form: b"".join(write_table(form, columns, [row], sheet_name="x"))
        for form in ("csv", "plain-csv")
    }
    assert spelled == {
        "csv": b"\xef\xbb\xbfa;b\r\n8,5;31/12/2026\r\n",
        "plain-csv": b"a,b\r\n8.5,2026-12-31\r\n",
    }


def test_no_text_of_a_csv_for_programs_starts_a_formula():
    pieces = write_table("plain-csv", [Column("a", "a")], [["=1+1"]], sheet_name="x")
    assert b"".join(pieces) == b"a\r\n'=1+1\r\n"
