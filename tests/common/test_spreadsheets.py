"""What is in a file comes out of it; what is dangerous is refused before anything parses it."""

import codecs
import csv
import datetime as dt
import io
import time
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from common.spreadsheets import CellError, Formula, SpreadsheetError, open_sheets
from tests.common.workbooks import MAIN, SHEET, saved, with_parts, with_sheet, workbook

ROSTERS = Path(__file__).parent.parent / "data" / "rosters"


def values(data: bytes, sheet: int = 0):
    return [row.values for row in open_sheets(data)[sheet].rows()]


def refusal(data: bytes) -> str:
    with pytest.raises(SpreadsheetError) as refused:
        read_all(data)
    assert refused.value.message.endswith(".")
    return refused.value.code


def read_all(data: bytes) -> None:
    for sheet in open_sheets(data):
        list(sheet.rows())


# --- reading ---


@pytest.mark.parametrize("name", ["01", "02", "03", "05"])
def test_cells_are_what_other_readers_say(name):
    (path,) = ROSTERS.glob(f"{name}-*.xlsx")
    theirs = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    for row in open_sheets(path)[0].rows():
        expected = theirs[row.number - 1]
        padded = [*row.values, *[None] * (len(expected) - len(row.values))]
        assert [value if value is not None else "" for value in padded] == expected


def test_kinds_of_cells_are_distinguished():
    moment = dt.datetime(1980, 3, 5, 14, 30)
    data = workbook(["012", 12, 1.5, True, dt.date(1980, 3, 5), moment, None, "=A1", "Ánh"])
    (row,) = values(data)
    assert row == (
        "012",
        12,
        1.5,
        True,
        dt.date(1980, 3, 5),
        moment,
        None,
        Formula(None),
        "Ánh",
    )


def test_a_formula_comes_with_its_last_value():
    data = with_sheet(
        '<sheetData><row r="3"><c r="B3" t="str"><f>A1&amp;"x"</f><v>Bình</v></c>'
        '<c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D3"><f>1+1</f><v>2</v></c></row>'
        "</sheetData>"
    )
    (row,) = open_sheets(data)[0].rows()
    assert row.number == 3
    assert row.values == (None, Formula("Bình"), Formula(CellError("#DIV/0!")), Formula(2))


def test_long_numbers_are_not_rounded():
    data = with_sheet(
        "<sheetData><row><c><v>56093065036</v></c><c><v>5.6093065036E10</v></c>"
        "<c><v>1e999</v></c></row></sheetData>"
    )
    assert values(data) == [(56093065036, 56093065036, "1e999")]


def test_shared_texts_leave_out_how_they_are_pronounced():
    shared = (
        f'<sst xmlns="{MAIN}"><si/><si><r><t>Nguyễn </t></r><r><t>An</t></r><rPh><t>x</t></rPh>'
        "</si><si><t>a_x000D_b _x005F_x0041_</t></si></sst>"
    )
    rows = '<row r="1"><c t="s"><v>1</v></c><c t="s"><v>2</v></c><c t="s"><v>9</v></c></row>'
    data = with_sheet(f"<sheetData>{rows}</sheetData>")
    data = with_parts(data, {"xl/sharedStrings.xml": shared.encode()})
    assert values(data) == [("Nguyễn An", "a\rb _x0041_")]


def test_the_quick_way_and_the_parser_agree():
    (path,) = ROSTERS.glob("01-*")
    rows = list(open_sheets(path)[0].rows())
    for change in (b"<!---->", b"&#32;"):
        with zipfile.ZipFile(path) as archive:
            xml = archive.read(SHEET).replace(b"</row>", change + b"</row>")
        assert list(open_sheets(with_parts(path.read_bytes(), {SHEET: xml}))[0].rows()) == rows


def test_tags_with_prefixes_and_rows_with_foreign_attributes_are_read():
    rows = (
        '<x:sheetData><x:row r="2" y:dyDescent="0.25"><x:c r="A2" t="inlineStr"><x:is><x:t>An</x:t>'
        '</x:is></x:c></x:row><x:row r="3"/></x:sheetData><x:mergeCells/>'
    )
    head = f'<x:worksheet xmlns:x="{MAIN}" xmlns:y="urn:y">'
    data = with_sheet(rows, head).replace(b"</worksheet>", b"</x:worksheet>")
    data = with_parts(data, {SHEET: f"{head}{rows}</x:worksheet>".encode()})
    assert [(row.number, row.values) for row in open_sheets(data)[0].rows()] == [(2, ("An",))]


def test_dates_of_old_macintosh_workbooks_are_right():
    book: Any = Workbook()
    book.epoch = dt.datetime(1904, 1, 1)
    book.active["A1"] = dt.date(1980, 3, 5)
    assert values(saved(book)) == [(dt.date(1980, 3, 5),)]


def test_sheets_keep_order_names_and_what_is_hidden():
    book: Any = Workbook()
    book.active.title = "Bìa"
    book.create_sheet("Ẩn").sheet_state = "hidden"
    book.create_sheet("Danh sách")
    sheets = open_sheets(saved(book))
    assert [(s.name, s.hidden) for s in sheets] == [
        ("Bìa", False),
        ("Ẩn", True),
        ("Danh sách", False),
    ]
    assert list(sheets[0].rows()) == []


def test_merged_ranges_are_listed():
    data = workbook(["a", "b", "c"], ["d"], merged=["B1:C1", "A2:A4"])
    areas = open_sheets(data)[0].merged()
    assert {(a.first_row, a.first_column, a.last_row, a.last_column) for a in areas} == {
        (1, 1, 1, 2),
        (2, 0, 4, 0),
    }


def test_distant_cells_cost_no_memory():
    data = with_sheet(
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="199999"><c r="IV199999"><v>2</v></c></row></sheetData>'
    )
    tracemalloc.start()
    assert [row.number for row in open_sheets(data)[0].rows()] == [1, 199_999]
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_every_encoding_with_every_sign(encoding, delimiter):
    lines = ["Danh sách", "Họ và tên|Ghi chú|Số", 'Nguyễn Văn Ân|"a; b, c"|012', "", "Lê Ý||"]
    text = "\r\n".join(lines).replace("|", delimiter)
    rows = list(open_sheets(text.encode(encoding), "ds.csv")[0].rows())
    assert [(row.number, row.values) for row in rows if row.number > 1] == [
        (2, ("Họ và tên", "Ghi chú", "Số")),
        (3, ("Nguyễn Văn Ân", "a; b, c", "012")),
        (5, ("Lê Ý", None, None)),
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hä vµ tªn,Ngµy sinh\nNguyÔn V¨n B×nh,1/2/1980", "TCVN3"),
        ("Ho ten;Ngay sinh\n1;NguyÔn V¨n B×nh", "TCVN3"),
        ("Hoï vaø teân,Ngaøy sinh\nNguyeãn Vaên Bình,1/2/1980", "VNI"),
    ],
)
def test_bytes_of_an_old_font_are_refused_with_their_own_remedy(text, code):
    with pytest.raises(SpreadsheetError) as refused:
        open_sheets(text.encode("cp1252"), "ds.csv")
    assert refused.value.code == "legacy_encoding"
    assert code in refused.value.message


@pytest.mark.parametrize("text", ["Name;Note\nJosé Müller;café", "Tên\nAndré\nZoé\nHélène"])
def test_western_bytes_are_refused_with_the_remedy_for_letters(text):
    with pytest.raises(SpreadsheetError) as refused:
        open_sheets(text.encode("cp1252"), "ds.csv")
    assert refused.value.code == "unknown_encoding"


def test_an_error_of_the_spreadsheet_program_is_one_in_csv_too():
    assert values(b"An;#N/A\r\n") == [("An", CellError("#N/A"))]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_a_csv_file_may_name_its_own_sign(end):
    assert values(f"sep=|{end}a,b|c{end}".encode()) == [("a,b", "c")]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_with_the_line_ends_of_old_macintosh_programs_is_read(delimiter):
    text = "Họ và tên|Ngày sinh\rAn Bê|1/1/1980\r".replace("|", delimiter)
    assert values(text.encode()) == [("Họ và tên", "Ngày sinh"), ("An Bê", "1/1/1980")]


HEAD = "Họ và tên,Ngày sinh,Ghi chú"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize(
    ("lines", "code", "row"),
    [
        ([HEAD, 'An Bê,1/1/1980,"lớp A', "Cê Dê,1/2/1980,y"], "open_quotation", 2),
        ([HEAD, "An Bê,1/1/1980,x", '"Cê Dê,1/2/1980,y'], "open_quotation", 3),
        ([HEAD, *['"An,1/1/1980,x'] * 3], "rows_in_quotation", 2),
        ([HEAD, '"An', *["Bê,1/1/1980," + "x" * 80] * 3000], "open_quotation", 2),
        ([HEAD, 'An,1/1/1980,"lớp A', 'Bê,1/2/1980,y"', "Cê,1/2/1980,y"], "rows_in_quotation", 2),
        ([HEAD, '"An,1/1/1980,x', 'Bê,1/2/1980,"y"'], "rows_in_quotation", 2),
        ([HEAD, 'An,1/1/1980,"x', "Bê,1/2/1980,y", 'Cê,1/2/1980,"z'], "rows_in_quotation", 2),
    ],
)
def test_a_quotation_mark_too_many_swallows_nobody(lines, code, row, end):
    with pytest.raises(SpreadsheetError) as refused:
        values(end.join(lines).encode())
    assert refused.value.code == code
    assert f" {row} " in refused.value.message


@pytest.mark.parametrize(
    "cell",
    [
        '"Tầng 2, nhà B\nsố 1, phố Tràng Tiền"', '"Đã học:\nWord, Excel, PowerPoint"',
        '"lớp ""A""\nlớp B"', '"một\n\nhai 2026"', '"một"hai', 'một"', '""',
    ],
)  # fmt: skip
def test_lines_and_quotation_marks_that_belong_to_a_cell_are_read(cell):
    (record,) = csv.reader(io.StringIO(cell, newline=""))
    rows = values(f"Kính gửi Bộ\n{HEAD}\nAn,1/1/1980,{cell}\nBê,1/2/1980,y".encode())
    assert rows[2:] == [("An", "1/1/1980", record[0] or None), ("Bê", "1/2/1980", "y")]


def test_a_list_of_one_column_may_have_lines_in_its_cells():
    assert values('Ghi chú\n"năm 2025\nnăm 2026"\n'.encode())[1:] == [("năm 2025\nnăm 2026",)]


# --- refusing ---


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("07", "html_file"),
        ("08", "empty_file"),
        ("10", "damaged_file"),
        ("11", "zip_bomb"),
        ("12", "has_entities"),
    ],
)
def test_the_bad_samples_are_refused_at_once_and_in_little_memory(name, code):
    (path,) = ROSTERS.glob(f"{name}-*")
    tracemalloc.start()
    begun = time.process_time()
    assert refusal(path.read_bytes()) == code
    # 300 MB of XML, or of entities, would take a hundred times as long.
    assert time.process_time() - begun < 1
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def with_core(xml: bytes) -> bytes:
    return with_parts(PLAIN, {"docProps/core.xml": xml})


def with_row(row: str) -> bytes:
    return with_sheet(f"<sheetData>{row}</row></sheetData>")


PLAIN = workbook(["Họ và tên"], ["An"])
CELL = '<c r="A1"><v>1</v></c>'
LOCK_FILE = b"\x06Nguyen".ljust(55) + b"\x06\0" + "Nguyen".ljust(54).encode("utf-16-le")
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (OLE2 + "Workbook".encode("utf-16-le"), "damaged_file"),
        (OLE2 + "_VBA_PROJECT".encode("utf-16-le"), "has_macros"),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), "encrypted_file"),
        (with_parts(PLAIN, {"xl/workbook.xml": None, "xl/workbook.bin": b"x"}), "no_worksheets"),
        (with_parts(PLAIN, {"xl/vbaProject.bin": b"x"}), "has_macros"),
        (with_parts(PLAIN, {"xl/externalLinks/externalLink1.xml": b"<x/>"}), "has_external_links"),
        (with_parts(PLAIN, {"xl/workbook.xml": None}), "not_a_spreadsheet"),
        (with_parts(PLAIN, {"xl/_rels/workbook.xml.rels": None}), "damaged_file"),
        (with_parts(PLAIN, {"xl/big.xml": bytes(20 << 20)}), "zip_bomb"),
        (with_parts(PLAIN, {f"xl/{n}": b"" for n in range(3000)}), "zip_bomb"),
        (with_core(b"<!DOCTYPE x []><x/>"), "has_entities"),
        (with_core(b"<!-- <x> --><!DOCTYPE x []><x/>"), "has_entities"),
        (with_core(b"<?a <x> ?>\n<!DOCTYPE x []><x/>"), "has_entities"),
        (with_core(b"<!---->" * 9_999 + b"<!DOCTYPE x []><x/>"), "has_entities"),
        (with_parts(PLAIN, {SHEET: "<!DOCTYPE x><x/>".encode("utf-16")}), "has_entities"),
        (
            with_parts(PLAIN, {SHEET: b"<?xml version='1.0' encoding='utf-7'?><x/>"}),
            "damaged_file",
        ),
        (with_row("<row><c>"), "damaged_file"),
        (with_row('<row></row><!DOCTYPE x><row r="2"><c r="A2"><v>1</v></c>'), "damaged_file"),
        (with_row("<row>" + "<c/>" * 2_000_000), "damaged_file"),
        (with_row("</row>".join(f'<row r="{200_001 + n}">{CELL}' for n in range(21))),
         "too_many_rows"),
        (with_row('<row r="1">' + '<c r="IW1"><v>1</v></c>' * 21), "too_many_columns"),
        (with_row('<row r="1"><c r="ÀÀ1"><v>1</v></c>'), "damaged_file"),
        (PLAIN[:-200], "damaged_file"),
        (PLAIN[:700] + bytes(200) + PLAIN[900:], "damaged_file"),
        (with_parts(PLAIN, {"xl/_rels/workbook.xml.rels": b"<Relationships/>"}), "no_worksheets"),
        (with_parts(PLAIN, {"XL/workbook.xml": b"<workbook/>"}), "damaged_file"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<table>", "html_file"),
        (b'{"url": "https://docs.google.com/open?id=1", "doc_id": "1"}', "drive_link"),
        (LOCK_FILE, "lock_file"),
        (b"%PDF-1.7 ...", "not_a_spreadsheet"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50) + b"abc" * 100, "not_a_spreadsheet"),
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "html_file"),
        (b'<?xml version="1.0"?><Workbook/>', "html_file"),
        ("Họ và tên;Ngày sinh".encode("cp1258", errors="ignore"), "unknown_encoding"),
        (b'"' + b"a" * 200_000, "damaged_file"),
        (b"a;b\r\n" * 200_001, "too_many_rows"),
        (bytes(40 << 20), "file_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_honest_spreadsheet_is_refused_with_a_reason(data, code):
    assert refusal(data) == code


def test_a_file_is_recognised_by_its_content_and_not_by_its_name(tmp_path):
    path = tmp_path / "danh sách.csv"
    path.write_bytes(PLAIN)
    assert [sheet.name for sheet in open_sheets(path)] == ["Sheet"]
    path.write_bytes(codecs.BOM_UTF8 + b"a;b")
    assert [sheet.name for sheet in open_sheets(path, "x.xlsx")] == ["x"]
