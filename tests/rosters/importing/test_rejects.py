"""Rejected rows are downloaded, corrected and imported, with the same values."""

import csv
import datetime as dt
import io
import random
import tempfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from common.deferred_messages import DeferredMessage
from common.spreadsheets.highlights import MOST_CELLS, can_mark
from people.models import Trainee
from rosters.choices import Outcome
from rosters.importing import row_editing, staging
from rosters.importing.highlights import highlighted
from rosters.importing.rejects import rejects_file, write_rejects
from rosters.importing.report import RowResult
from rosters.importing.rows import Problem, read_roster
from rosters.models import RosterImport
from tests.common.workbooks import MAIN, SHEET, opened, saved, with_parts, workbook
from tests.rosters.any_roster import rosters
from tests.rosters.desk import Desk, outcomes

pytestmark = pytest.mark.django_db

HEADINGS = ["Họ và tên", "Ngày sinh", "Số CCCD", "Chức vụ"]
AN = ["Nguyễn Văn An", "12/03/1980", "", "Chuyên viên"]
CUONG = ["Lê Văn Cường", "31/02/1990", "", ""]
NUMBER = "001080123456"
RED = "FFFFC7CE"


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    """An agency's coordinator with a run to send people to."""
    return Desk(django_capture_on_commit_callbacks)


def given_back(desk: Desk, upload: RosterImport) -> Any:
    """The downloaded file, opened."""
    content = rejects_file(by=desk.user.as_actor(), upload=desk.again(upload))
    return load_workbook(io.BytesIO(content), rich_text=True)


def as_table(book: Any) -> list[dict[str, str]]:
    """The rows of a plain list by their headings, without empty cells."""
    headings, *rows = book.active.iter_rows(values_only=True)
    return [
        {heading: cell for heading, cell in zip(headings, row, strict=True) if cell is not None}
        for row in rows
    ]


def mended(book: Any, heading: str, value: str) -> bytes:
    """The plain list with one cell of its first row corrected."""
    (at,) = [cell.column for cell in book.active[1] if cell.value == heading]
    book.active.cell(2, at).value = value
    return saved(book)


def too_large_to_mark(content: bytes) -> bytes:
    """The workbook with a picture that makes it too large to be given back as a whole."""
    return with_parts(content, {"xl/media/logo.png": random.Random(1).randbytes(3_100_000)})


# --- in the sender's own workbook ---


def test_the_senders_workbook_comes_back_with_red_commented_cells(desk):
    sheet = given_back(desk, desk.put(workbook(HEADINGS, AN, CUONG))).active
    assert sheet["B3"].fill.fgColor.rgb == RED
    assert "Ngày sinh" in sheet["B3"].comment.text
    assert sheet["B2"].comment is None
    assert sheet["A2"].value == AN[0]


def test_a_corrected_workbook_comes_back_clean(desk):
    book = given_back(desk, desk.put(workbook(HEADINGS, AN, CUONG)))
    book.active["B3"] = "28/02/1990"
    again = desk.put(saved(book))
    assert outcomes(again) == [Outcome.CREATED, Outcome.CREATED]
    cell = given_back(desk, again).active["B3"]
    assert (cell.comment, cell.fill.fill_type) == (None, None)


def test_marks_are_known_again_where_a_program_forgets_who_commented(desk):
    book = given_back(desk, desk.put(workbook(HEADINGS, CUONG)))
    text = book.active["B2"].comment.text
    book.active["B2"].comment = Comment(text, "")
    book.active["B2"].fill = PatternFill("solid", fgColor=RED, bgColor="FFCCCCFF")
    book.active["B2"] = "28/02/1990"
    cell = given_back(desk, desk.put(saved(book))).active["B2"]
    assert (cell.comment, cell.fill.fill_type) == (None, None)


def test_the_senders_own_fill_and_comment_return_once_the_cell_is_corrected(desk):
    book = opened(workbook(HEADINGS, CUONG))
    book.active["B2"].fill = PatternFill("solid", fgColor="FF92D050")
    book.active["B2"].comment = Comment("hỏi lại\nphòng", "HR")
    book = given_back(desk, desk.put(saved(book)))
    assert book.active["B2"].fill.fgColor.rgb == RED
    assert book.active["B2"].comment.text.endswith("—— HR ——\nhỏi lại\nphòng")
    book = given_back(desk, desk.put(saved(book)))
    assert book.active["B2"].comment.text.count("—— HR ——") == 1
    book.active["B2"] = "28/02/1990"
    cell = given_back(desk, desk.put(saved(book))).active["B2"]
    assert cell.fill.fgColor.rgb == "FF92D050"
    assert (cell.comment.author, cell.comment.text) == ("HR", "hỏi lại\nphòng")


def test_letters_in_bold_stay_bold(desk):
    book = opened(workbook([*HEADINGS, "Ghi chú"], [*CUONG, "x"]))
    book.active["E2"] = CellRichText("a ", TextBlock(InlineFont(b=True), "đậm"))
    kept = given_back(desk, desk.put(saved(book))).active["E2"].value
    assert isinstance(kept, CellRichText)
    assert str(kept) == "a đậm"


def test_a_correction_on_the_page_is_in_the_workbook(desk):
    upload = desk.put(workbook(HEADINGS, CUONG, ["Lê C", "32/02/1980", "", ""]))
    cells = row_editing.cells_of(upload, 2) | {"birth": "28/02/1990", "position": "=1+1"}
    row_editing.edit_row(**desk.who, upload=upload, row_number=2, cells=cells)
    book = given_back(desk, upload)
    assert book.active["B2"].value == dt.datetime(1990, 2, 28)
    assert (book.active["D2"].value, book.active["D2"].data_type) == ("=1+1", "s")
    assert book.active["B2"].comment is None
    assert book.active["B3"].comment
    assert outcomes(desk.put(saved(book))) == [Outcome.CREATED, Outcome.REJECTED]


def test_the_last_of_two_corrections_is_in_the_workbook(desk):
    upload = desk.put(workbook(HEADINGS, CUONG, ["Lê C", "32/02/1980", "", ""]))
    for changes in ({"birth": "27/02/1990"}, {"birth": "28/02/1990"}, {"position": "Vụ phó"}):
        cells = row_editing.cells_of(upload, 2) | changes
        row_editing.edit_row(**desk.who, upload=desk.again(upload), row_number=2, cells=cells)
    (mended_row, _untouched) = given_back(desk, upload).active.iter_rows(min_row=2)
    assert [cell.value for cell in mended_row] == [
        CUONG[0], dt.datetime(1990, 2, 28), None, "Vụ phó",
    ]  # fmt: skip


def test_a_row_corrected_under_a_cell_merged_downward_leaves_it(desk):
    rows: list[list[str | None]] = [
        ["Lê A", "31/02/1980", "Vụ A"], ["Lê B", "1/2/1981", None], ["Lê C", "1/2/1982", None],
    ]  # fmt: skip
    headings = ["Họ và tên", "Ngày sinh", "Đơn vị công tác"]
    upload = desk.put(workbook(headings, *rows, merged=["C2:C4"]))
    cells = row_editing.cells_of(upload, 3) | {"unit": "Vụ B"}
    row_editing.edit_row(**desk.who, upload=upload, row_number=3, cells=cells)
    sheet = given_back(desk, upload).active
    assert [sheet.cell(row, 3).value for row in (2, 3, 4)] == ["Vụ A", "Vụ B", "Vụ A"]


def test_a_name_corrected_on_the_page_is_whole_in_the_workbook(desk):
    headings = ["Họ", "Tên đệm", "Tên", "Ngày sinh"]
    upload = desk.put(workbook(headings, ["Lê", "Văn", "Bảy", "31/02/1980"]))
    cells = {"family_name": "Lê Thị", "given_name": "Bảy", "birth": "31/02/1980"}
    row_editing.edit_row(**desk.who, upload=upload, row_number=2, cells=cells)
    (row,) = given_back(desk, upload).active.iter_rows(min_row=2, max_col=3, values_only=True)
    assert row == ("Lê Thị", None, "Bảy")


@settings(max_examples=30, deadline=None)
@given(sent=rosters().filter(lambda sent: sent.file_name.endswith("xlsx")))
def test_a_highlighted_workbook_keeps_the_values_of_each_person(sent):
    roster = read_roster(sent.content, sent.file_name, bare_birth_years=True)
    headings = {str(at): text for at, text in roster.layout.headings.items()}
    table = {"sheet": "Sheet", "columns": roster.layout.columns, "headings": headings}
    results = [
        RowResult(row.number, Outcome.REJECTED, errors=[finding(row.number, heading)])
        for row in roster.rows
        for heading in headings.values()
    ]
    again = read_roster(highlighted(sent.content, table, results), "x.xlsx", bare_birth_years=True)
    assert again.rows == roster.rows


def finding(row: int, heading: str) -> Problem:
    reason = DeferredMessage("The name is missing; enter the full name.")
    return Problem(row, heading, "wrong", reason, "error")


# --- as a list of their own ---


@settings(max_examples=60, deadline=None)
@given(sent=rosters(), form=st.sampled_from(["xlsx", "csv"]))
def test_the_plain_list_keeps_the_values_of_each_person(sent, form):
    roster = read_roster(sent.content, sent.file_name, bare_birth_years=True)
    results = [RowResult(row.number, Outcome.REJECTED) for row in roster.rows]
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"rejected.{form}"
        write_rejects(target, roster.layout, results, mapping={})
        again = read_roster(target, target.name, bare_birth_years=True)
    assert [row.values for row in again.rows] == [row.values for row in roster.rows]


def test_a_date_stored_as_a_number_is_a_date_in_the_form(desk):
    row = ["Lê Văn 2", 29285, "", ""]
    upload = desk.put(too_large_to_mark(workbook(HEADINGS, row)))
    assert row_editing.cells_of(upload, 2)["birth"] == "05/03/1980"
    book = given_back(desk, upload)
    assert outcomes(desk.put(mended(book, "Họ và tên", "Lê Văn Hai"))) == [Outcome.CREATED]


def test_a_split_name_is_one_name_in_the_plain_list(desk):
    upload = desk.put(
        too_large_to_mark(
            workbook(
                ["STT", "Họ và tên", None, "Ngày sinh", "Lớp"],
                [1, "Nguyễn Văn", "An", "12/03/1980", "A"],
                [2, "Lê Văn", "Bảy", "31/02/1980", "B"],
                merged=["B1:C1"],
            )
        )
    )
    book = given_back(desk, upload)
    (row,) = as_table(book)
    assert row | {"Nội dung cần sửa": ""} == {
        "STT": "2", "Họ và tên": "Lê Văn Bảy", "Ngày sinh": "31/02/1980", "Lớp": "B",
        "Nội dung cần sửa": "",
    }  # fmt: skip
    again = desk.put(mended(book, "Ngày sinh", "28/02/1980"))
    desk.enter(again)
    assert Trainee.objects.get().full_name == "Lê Văn Bảy"


def test_a_cell_merged_downward_is_repeated_in_each_row_of_the_plain_list(desk):
    rows: list[list[Any]] = [["Lê A", "1/2/1980", "Vụ A"], ["Lê B", "31/02/1981", None]]
    content = workbook(["Họ và tên", "Ngày sinh", "Đơn vị"], *rows, merged=["C2:C3"])
    (row,) = as_table(given_back(desk, desk.put(too_large_to_mark(content))))
    assert (row["Họ và tên"], row["Đơn vị"]) == ("Lê B", "Vụ A")


@pytest.mark.parametrize(
    "headings", ["Họ và tên,Ngày sinh,\n,Nam,Nữ\n", "Họ và tên,Ngày sinh Nam,Ngày sinh Nữ\n"]
)
def test_birth_and_sex_in_two_columns_survive_the_plain_list(desk, headings):
    upload = desk.put(f"{headings}Lê An,,31/02/1980\n".encode(), "roster.csv")
    book = given_back(desk, upload)
    desk.enter(desk.put(mended(book, "Ngày sinh", "28/02/1980")))
    trainee = Trainee.objects.get()
    assert (trainee.birth_date, trainee.sex) == (dt.date(1980, 2, 28), "female")


def test_two_births_stay_rejected_until_one_is_chosen(desk):
    rows = "Họ và tên,Ngày sinh,\n,Nam,Nữ\nLê An,1/2/1980,3/4/1981\n"
    book = given_back(desk, desk.put(rows.encode(), "roster.csv"))
    assert as_table(book)[0]["Ngày sinh"] == "1/2/1980; 3/4/1981"
    assert outcomes(desk.put(saved(book))) == [Outcome.REJECTED]


def test_assigned_columns_need_not_be_assigned_again(desk):
    upload = desk.put("Lê A,31/02/1980,x\nLê B,1/2/1980,y\n".encode(), "roster.csv")
    with desk.at_once():
        fields = {0: "full_name", 1: "birth", 2: "remarks"}
        staging.map_columns(**desk.who, upload=upload, sheet="", fields=fields)
    book = given_back(desk, upload)
    again = desk.put(mended(book, "Ngày sinh", "28/02/1980"))
    assert outcomes(again) == [Outcome.CREATED]
    assert {"full_name", "birth", "remarks"} <= desk.again(again).table["columns"].keys()


def test_a_heading_assigned_to_another_field_is_read_back_as_assigned(desk):
    rows = ["Họ và tên,Ngày sinh,Chức vụ,Chức danh,Ghi chú", "Lê A,31/02/1980,Hội viên,Vụ phó,x"]
    upload = desk.put("\n".join(rows).encode(), "roster.csv")
    with desk.at_once():
        fields = {2: "remarks", 3: "position", 4: ""}
        staging.map_columns(**desk.who, upload=upload, sheet="", fields=fields)
    book = given_back(desk, upload)
    desk.enter(desk.put(mended(book, "Ngày sinh", "28/02/1980")))
    place = desk.run.enrollments.get()
    assert (place.position, place.remarks) == ("Vụ phó", "Hội viên")


@pytest.mark.parametrize("heading", ["Họ và tên", "Ngày sinh", "Số CCCD"])
def test_an_error_of_the_spreadsheet_program_stays_one_in_the_plain_list(desk, heading):
    row = dict(zip(HEADINGS, ["Lê A", "1/2/1980", NUMBER, ""], strict=True)) | {heading: "#N/A"}
    content = ",".join(HEADINGS) + "\n" + ",".join(row.values())
    book = given_back(desk, desk.put(content.encode(), "roster.csv"))
    assert as_table(book)[0][heading] == "#N/A"
    assert outcomes(desk.put(saved(book))) == [Outcome.REJECTED]


def test_a_correction_on_the_page_is_in_the_plain_list(desk):
    upload = desk.put("Họ và tên,Ngày sinh\nLê A,31/02/1980\n".encode(), "roster.csv")
    cells = {"full_name": "Lê Văn A", "birth": "31/02/1980"}
    row_editing.edit_row(**desk.who, upload=upload, row_number=2, cells=cells)
    assert as_table(given_back(desk, upload))[0]["Họ và tên"] == "Lê Văn A"


@pytest.mark.parametrize(
    ("language", "heading"), [("vi", "Nội dung cần sửa"), ("en", "What to correct")]
)
def test_the_reasons_are_new_in_each_round(desk, language, heading):
    with translation.override(language):
        upload = desk.put("Họ và tên,Ngày sinh\nLê A,31/02/1980\n".encode(), "roster.csv")
        book = given_back(desk, desk.put(saved(given_back(desk, upload))))
    assert [cell.value for cell in book.active[1]].count(heading) == 1


def test_the_rejects_of_a_command_are_a_csv_file_that_goes_in_again(desk, tmp_path):
    source, target = tmp_path / "roster.csv", tmp_path / "rejects.csv"
    source.write_text("Họ đệm,Tên,Ngày sinh\nLê Văn,An,31/02/1980\n")
    where = {"run": desk.run.code, "agency": desk.agency.slug}
    with pytest.raises(SystemExit):
        call_command("import_roster", str(source), rejects=str(target), **where)
    (row,) = csv.DictReader(target.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert row["Họ và tên"] == "Lê Văn An"
    target.write_text(target.read_text("utf-8-sig").replace("31/02/1980", "28/02/1980"))
    call_command("import_roster", str(target), **where)
    assert Trainee.objects.get().full_name == "Lê Văn An"


# --- within bounds ---


def many_cells(count: int) -> bytes:
    """A sheet of so many cells, eight on a row, which does not shrink to nothing."""
    draw = random.Random(3)
    rows = [[f"<c><v>{draw.randrange(10**6)}</v></c>" for _ in range(8)] for _ in range(count // 8)]
    data = "".join(f"<row>{''.join(cells)}</row>" for cells in rows)
    return f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>'.encode()


def test_a_huge_second_sheet_does_not_make_the_answer_slow_or_large(desk):
    book = opened(workbook(HEADINGS, CUONG))
    book.create_sheet("Số liệu")
    content = with_parts(saved(book), {"xl/worksheets/sheet2.xml": many_cells(500_000)})
    assert len(content) < 3_000_000
    upload = desk.put(content)
    tracemalloc.start()
    answer = given_back(desk, upload)
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()
    assert [sheet.title for sheet in answer] == ["Dòng bị từ chối"]
    assert as_table(answer)[0]["Họ và tên"] == CUONG[0]


@pytest.mark.parametrize(
    "further",
    [
        '<mergeCells><mergeCell ref="F1:XFD1048576"/></mergeCells>',
        '<hyperlinks><hyperlink ref="$A$1:XFD1048576" location="A1"/></hyperlinks>',
        '<hyperlinks><hyperlink ref="A:XFD" location="A1"/></hyperlinks>',
        '<mergeCells><mergeCell ref="&#65;1:XFD1048576"/></mergeCells>',
    ],
)
def test_an_area_of_many_empty_cells_is_not_opened_as_a_whole(further):
    content = workbook(HEADINGS, CUONG)
    assert can_mark(content)
    sheet = part_of(content).replace("</sheetData>", f"</sheetData>{further}")
    assert not can_mark(with_parts(content, {SHEET: sheet.encode()}))


def part_of(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(SHEET).decode()


def test_a_giant_is_not_opened_as_a_whole():
    assert can_mark(with_parts(workbook(), {SHEET: many_cells(MOST_CELLS)}))
    assert not can_mark(with_parts(workbook(), {SHEET: many_cells(MOST_CELLS + 8)}))
    assert not can_mark(too_large_to_mark(workbook()))
    assert not can_mark(b"a,b")


def test_two_distant_cells_are_marked_without_those_between(desk):
    sheet = opened(workbook(HEADINGS, CUONG))
    sheet.active["IV150000"] = "x"
    upload = desk.put(saved(sheet))
    tracemalloc.start()
    assert given_back(desk, upload).active["B2"].comment
    assert tracemalloc.get_traced_memory()[1] < 60_000_000
    tracemalloc.stop()
