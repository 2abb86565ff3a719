"""The sheet with the people is found, any other can be chosen, and no column is lost unseen."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from openpyxl import Workbook

from jobs.models import JobState
from rosters.choices import ImportState, Outcome
from rosters.importing import staging
from rosters.importing.check_job import messages_of
from rosters.importing.rows import read_roster
from tests.common.workbooks import saved, workbook
from tests.rosters.desk import Desk, outcomes

HEADINGS = ["Họ và tên", "Ngày sinh", "Chức vụ"]
AN = ["Nguyễn Văn An", "12/03/1980", "Chuyên viên"]
NUMBER = "001080123456"


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    return Desk(django_capture_on_commit_callbacks)


def book(hidden: str = "", **sheets: list[list[Any]]) -> bytes:
    """A workbook with these sheets in this order."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
        for row in rows:
            sheet.append(row)
    return saved(workbook)


def read(content: bytes, sheet: str = ""):
    return read_roster(content, "x.xlsx", bare_birth_years=True, sheet=sheet)


def choose(desk: Desk, upload, sheet: str, fields: dict[int, str] | None = None):
    with desk.at_once():
        staging.map_columns(**desk.who, upload=upload, sheet=sheet, fields=fields or {})
    return desk.again(upload)


def test_an_empty_form_in_front_does_not_hide_the_list():
    footer = ["Người lập biểu", None, None]
    content = book(Mẫu=[[*HEADINGS, "Email"], [], footer], Danh_sách=[HEADINGS, AN])
    assert read(content).layout.sheet.name == "Danh_sách"


def test_people_on_another_sheet_are_not_left_behind_unseen():
    content = book(
        hidden="Cũ", Mẫu=[HEADINGS], A=[HEADINGS, AN], B=[HEADINGS, AN], Cũ=[HEADINGS, AN]
    )
    (problem,) = read(content).file_warnings
    assert (problem.code, problem.column) == ("other_sheets", "")
    assert "“A”" in str(problem.sentence)
    assert " B." in str(problem.sentence)
    assert not read(content, "B").file_warnings


@pytest.mark.django_db
def test_a_hidden_list_is_not_taken_in_place_of_an_empty_form_but_can_be_chosen(desk):
    upload = desk.put(book(hidden="Cũ", Mẫu=[HEADINGS], Cũ=[HEADINGS, AN]))
    assert (upload.state, upload.job.state) == (ImportState.STAGED, JobState.FAILED)
    assert outcomes(choose(desk, upload, "Cũ")) == [Outcome.CREATED]


@pytest.mark.django_db
def test_a_sheet_with_unknown_headings_can_be_chosen_and_its_columns_assigned(desk):
    content = book(Tổng_hợp=[HEADINGS, ["Lê Z", "1980", "Người lập"]], DS=[["A", "B"], AN[:2]])
    upload = desk.put(content)
    assert upload.table["sheets"] == ["Tổng_hợp", "DS"]
    upload = choose(desk, upload, "DS")
    assert upload.table["sheet"] == "DS"
    upload = choose(desk, upload, "DS", {0: "full_name", 1: "birth"})
    assert outcomes(upload) == [Outcome.CREATED]


@pytest.mark.django_db
def test_a_blank_sheet_chosen_by_mistake_is_no_dead_end(desk, client):
    upload = choose(desk, desk.put(book(DS=[HEADINGS, AN], Trống=[])), "Trống")
    assert upload.state == ImportState.STAGED
    client.force_login(desk.user)
    assert "Trống" in client.get(f"/rosters/{upload.pk}/columns/").text
    assert outcomes(choose(desk, upload, "DS")) == [Outcome.CREATED]


@pytest.mark.django_db
def test_a_form_that_nobody_has_filled_in_is_refused(desk):
    assert desk.put(workbook(HEADINGS)).state == ImportState.REFUSED


@pytest.mark.django_db
def test_a_command_reads_the_sheet_that_is_named(desk, tmp_path, capsys):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(book(hidden="Cũ", Mẫu=[HEADINGS], Cũ=[HEADINGS, AN]))
    where = {"run": desk.run.code, "agency": desk.agency.slug, "json": True}
    call_command("import_roster", str(path), **where, sheet="Cũ")
    assert json.loads(capsys.readouterr().out)["created"] == 1
    for sheet, code in (("Mới", "no_such_sheet"), ("Mẫu", "no_rows")):
        with pytest.raises(SystemExit):
            call_command("import_roster", str(path), **where, sheet=sheet)
        error = json.loads(capsys.readouterr().out)["error"]
        assert error["code"] == code
        assert sheet in error["message"]


@pytest.mark.django_db
def test_the_columns_of_a_csv_file_with_a_long_name_can_be_assigned(desk):
    upload = desk.put("Quý danh;Sinh\nLê An;1/2/1980".encode(), f"{'danh sách ' * 15}.csv")
    told = choose(desk, upload, upload.table["sheet"], {0: "full_name", 1: "birth"})
    assert len(told.sheet) <= 100
    assert outcomes(told) == [Outcome.CREATED]


# --- columns that are not read ---


@pytest.mark.parametrize("cell", [NUMBER, int(NUMBER), "001 080 123 456"])
def test_a_column_of_twelve_digits_that_is_not_read_is_reported(cell):
    rows = [["Lê An", "12/03/1980", cell], ["Lê Bình", "12/03/1981", None]]
    (problem,) = read(workbook(["Họ và tên", "Ngày sinh", "Giấy tờ"], *rows)).file_warnings
    assert (problem.row, problem.column, problem.code) == (1, "Giấy tờ", "numbers_not_read")
    assert str(cell) not in str(problem.sentence)


def test_a_column_without_a_heading_is_named_by_its_letter():
    (problem,) = read(workbook(HEADINGS[:2], ["Lê An", "12/03/1980", NUMBER])).file_warnings
    assert problem.column == "C"


@pytest.mark.django_db
def test_a_column_without_a_heading_can_be_assigned_and_its_letter_is_not_remembered(desk):
    content = workbook(HEADINGS, [*AN, "0912345678"], [*AN, None, "Vụ Pháp chế"])
    upload = desk.put(content)
    assert {"3": "D", "4": "E"}.items() <= upload.table["headings"].items()
    told = choose(desk, upload, "", {3: "phone"})
    assert told.table["columns"]["phone"] == 3
    assert "phone" not in desk.put(content).table["columns"]


@pytest.mark.parametrize("headings", [["Số CCCD", "Mã số thuế"], ["Số máy lẻ", "Mã ngạch"]])
def test_other_columns_are_no_reason_to_warn(headings):
    cells = [NUMBER, NUMBER] if "Số CCCD" in headings else ["123", "01.003"]
    assert not read(workbook([*HEADINGS[:2], *headings], [*AN[:2], *cells])).file_warnings


@pytest.mark.django_db
def test_the_page_warns_openly_until_the_column_is_assigned(desk, client):
    client.force_login(desk.user)
    upload = desk.put(workbook([*HEADINGS, "Giấy tờ"], [*AN, NUMBER]))
    (warning,) = messages_of(upload, "warnings")
    assert warning in client.get(f"/rosters/{upload.pk}/").text
    assert not messages_of(choose(desk, upload, "", {3: ""}), "warnings")


@pytest.mark.django_db
def test_a_command_warns_of_the_column(desk, tmp_path, capsys):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(workbook([*HEADINGS, "Giấy tờ"], [*AN, NUMBER]))
    where = {"run": desk.run.code, "agency": desk.agency.slug}
    call_command("import_roster", str(path), **where, json=True)
    (warning,) = json.loads(capsys.readouterr().out)["warnings"]
    assert warning["code"] == "numbers_not_read"
