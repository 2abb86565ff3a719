"""Workbooks as other programs and other habits leave them: the same cells, or a word about it."""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from common.spreadsheets import Row, SpreadsheetError, open_sheets
from tests.common.workbooks import MAIN, part, saved, with_parts, with_sheet, workbook

ROWS = [("Họ và tên", "Ngày sinh"), ("Trần Văn Bảy", dt.date(1980, 3, 5))]


def sample() -> bytes:
    book: Any = Workbook()
    for row in ROWS:
        book.active.append(row)
    return saved(book)


def renamed(data: bytes, name_of) -> bytes:
    """The workbook with another name for each of its parts in the archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(name_of(name), old.read(name))
    return file.getvalue()


def rows(data: bytes) -> list[tuple]:
    return [row.values for row in open_sheets(data)[0].rows()]


@given(st.sampled_from("/\\"), st.lists(st.booleans(), min_size=40, max_size=40))
def test_parts_are_found_whatever_the_case_and_slashes_of_their_names(slash, capitals):
    def spelled(name: str) -> str:
        letters = zip(name.replace("/", slash), capitals * 3, strict=False)
        return "".join(c.upper() if capital else c for c, capital in letters)

    assert rows(renamed(sample(), spelled)) == ROWS


TEXTS = f'<sst xmlns="{MAIN}"><si><t>An</t></si></sst>'


@given(st.from_regex(r"[a-z]{1,8}[0-9]?", fullmatch=True))
def test_parts_are_found_by_their_relations_whatever_they_are_called(name):
    data = with_sheet('<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>')
    book, relations = part(data, "xl/workbook.xml"), part(data, "xl/_rels/workbook.xml.rels")
    texts = f'<Relationship Id="x" Type="a/sharedStrings" Target="{name}-t.xml"/></Relationships>'
    parts = {
        f"xl/{name}.xml": book,
        f"xl/{name}-t.xml": TEXTS,
        f"xl/_rels/{name}.xml.rels": relations.replace("</Relationships>", texts),
        "_rels/.rels": part(data, "_rels/.rels").replace("xl/workbook.xml", f"xl/{name}.xml"),
    }
    moved: dict[str, bytes | None] = {path: text.encode() for path, text in parts.items()}
    moved |= {"xl/workbook.xml": None, "xl/_rels/workbook.xml.rels": None}
    assert rows(with_parts(data, moved)) == [("An",)]


def test_what_macos_adds_to_an_archive_is_passed_over():
    added = {"__MACOSX/xl/._workbook.xml": b"\x00\x05\x16\x07", "__MACOSX/._x.xml": b"\xff"}
    assert rows(with_parts(sample(), added)) == ROWS


def test_a_part_in_utf_16_is_read():
    query = '<?xml version="1.0" encoding="utf-16"?><DataMashup/>'.encode("utf-16")
    sheet = part(sample(), "xl/worksheets/sheet1.xml")
    in_utf_16 = f'<?xml version="1.0" encoding="UTF-16"?>{sheet}'.encode("utf-16")
    changed = {"customXml/item1.xml": query, "xl/worksheets/sheet1.xml": in_utf_16}
    assert rows(with_parts(sample(), changed)) == ROWS


def test_a_button_on_an_empty_sheet_has_no_rows():
    anchor = "<a:controls xmlns:a='b'><a:row>1</a:row></a:controls>"
    assert rows(with_sheet(f"<sheetData></sheetData>{anchor}")) == []


def test_thousands_of_formatted_rows_without_a_cell_stand_in_nobodys_way():
    blank = "".join(
        f'<row r="{n}" spans="1:9" s="1" customFormat="1" ht="18"/>' for n in range(2, 60_000)
    )
    first, last = (
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="60000"><c r="B60000"><v>2</v></c></row>',
    )
    data = with_sheet(f"<sheetData>{first}{blank}{last}</sheetData>")
    assert list(open_sheets(data)[0].rows()) == [Row(1, (1,)), Row(60_000, (None, 2))]


def test_cells_far_outside_of_a_list_are_named_and_passed_over():
    cells = '<row r="3"><c r="A3"><v>1</v></c><c r="XFD3"><v>9</v></c></row>'
    sheet = open_sheets(
        with_sheet(
            f'<sheetData>{cells}<row r="1048576"><c r="A1048576"><v>8</v></c></row></sheetData>'
        )
    )[0]
    assert list(sheet.rows()) == [Row(3, (1,))]
    assert sheet.read_strays() == ["XFD3", "A1048576"]


def test_hidden_and_struck_rows_are_marked():
    book: Any = Workbook()
    for name in ("An", "Bình", "Chi"):
        book.active.append((name, 1980))
    book.active.row_dimensions[2].hidden = True
    for cell in book.active[3]:
        cell.font = Font(strike=True)
    marks = [row.mark for row in open_sheets(saved(book))[0].rows()]
    assert marks == ["", "hidden", "struck"]


def test_a_workbook_says_how_far_its_first_day_lies_from_the_usual_one():
    book = Workbook()
    assert open_sheets(saved(book))[0].epoch_shift == 0
    book.epoch = CALENDAR_MAC_1904
    assert open_sheets(saved(book))[0].epoch_shift == 1462


def test_a_workbook_of_very_many_sheets_is_refused_before_any_is_looked_through():
    main = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    tabs = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 5000))
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{main}"><sheets>{tabs}</sheets></workbook>'
    content = with_parts(workbook(["a"]), {"xl/workbook.xml": book.encode()})
    with pytest.raises(SpreadsheetError) as problem:
        open_sheets(content, "x.xlsx")
    assert problem.value.code == "too_many_sheets"
