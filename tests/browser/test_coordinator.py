"""A coordinator's way: sign in, upload a roster, read the result by row, enter it."""

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

ROSTERS = Path(__file__).resolve().parents[1] / "data" / "rosters"

# What the comments in the marked workbook ask for.
MENDED = {
    "A3": "Đỗ Thu Hoà",
    "B4": "28/02/1980",
    "D5": None,
    "A7": "Nguyễn Văn A",
    "A10": "Dương Văn Vũ",
    "A11": "Nguyễn Văn Bình",
    "B12": "01/01/1985",
    "A13": "Ngô Xuân Tuấn",
}


def upload(visitor, programme, file: str | Path) -> None:
    """Send a sample, or any file by its whole path."""
    visitor.open(f"/rosters/new/?run={programme.open.code}")
    visitor.page.set_input_files("#id_file", str(ROSTERS / file))
    visitor.send()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")


@pytest.mark.parametrize(
    ("language", "rejected"), [("vi", "bị từ chối (8)"), ("en", "rejected (8)")]
)
def test_bad_rows_are_all_listed_at_once(programme, seat, language, rejected):
    visitor = seat(language)
    visitor.sign_in(programme.coordinator)
    upload(visitor, programme, "04-bad-rows.xlsx")
    visitor.check()
    visitor.page.get_by_role("link", name=rejected).click()
    visitor.check()
    numbers = visitor.page.locator("tbody td.number").all_inner_texts()
    assert [text.split()[0] for text in numbers] == ["3", "4", "5", "7", "10", "11", "12", "13"]
    with visitor.page.expect_download() as download:
        visitor.page.locator("a[download]").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert programme.open.enrollments.count() == 0


def test_a_row_is_corrected_on_its_page(programme, seat):
    visitor = seat("vi", size=PHONE)
    visitor.sign_in(programme.coordinator)
    upload(visitor, programme, "04-bad-rows.xlsx")
    visitor.page.get_by_role("link", name="bị từ chối (8)").click()
    visitor.page.locator("#row-4 td.number a").click()
    birth = visitor.page.locator("#row-4 [name=birth]")
    birth.wait_for()
    assert birth.evaluate("element => element === document.activeElement")
    visitor.check()
    birth.fill(MENDED["B4"])
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector("#row-4", state="detached")
    assert visitor.page.locator("[aria-current=page]", has_text="bị từ chối (7)").count() == 1
    assert "4" in visitor.page.locator("#messages").inner_text()
    visitor.check()


def test_a_good_roster_is_entered_after_it_was_looked_at(programme, seat):
    visitor = seat("vi", dark=True, size=PHONE)
    visitor.sign_in(programme.coordinator)
    upload(visitor, programme, "03-duplicates.xlsx")
    visitor.check()
    assert programme.open.enrollments.count() == 0
    visitor.page.get_by_role("button", name="Nhập 12 người vào lớp").click()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    visitor.check()
    visitor.page.get_by_role("link", name="Xem lớp").click()
    visitor.check()
    assert visitor.page.locator("tbody tr").count() == 12
    assert "Châu Quỳnh Yến" in visitor.page.locator("table").last.inner_text()


def test_rejected_rows_come_back_marked_and_go_in_once_mended(programme, seat, tmp_path):
    visitor = seat("vi")
    visitor.sign_in(programme.coordinator)
    upload(visitor, programme, "04-bad-rows.xlsx")
    with visitor.page.expect_download() as download:
        visitor.page.locator("a[download]").click()
    marked = tmp_path / "mended.xlsx"
    download.value.save_as(marked)
    book = load_workbook(marked)
    (sheet,) = [one for one in book.worksheets if any(c.comment for row in one for c in row)]
    red = [cell for row in sheet for cell in row if cell.comment]
    assert {cell.fill.fgColor.rgb for cell in red} == {"FFFFC7CE"}
    assert {cell.row for cell in red} == {3, 4, 5, 7, 10, 11, 12, 13}
    for cell, value in MENDED.items():
        sheet[cell] = value
    book.save(marked)
    visitor.open(f"/rosters/new/?run={programme.open.code}")
    visitor.page.set_input_files("#id_file", str(marked))
    visitor.send()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    visitor.check()
    visitor.page.locator("form[action$='/confirm/'] button").click()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    assert programme.open.enrollments.live().count() == 12


@pytest.mark.parametrize(
    ("language", "dark", "size"), [("vi", False, DESKTOP), ("en", True, PHONE), ("vi", True, PHONE)]
)
def test_rest_and_missing_people_are_settled_on_the_page(
    programme, seat, tmp_path, language, dark, size
):
    """A sample file, a messy upload, its rest corrected, and a roster that is sent again."""
    visitor = seat(language, dark=dark, size=size)
    visitor.sign_in(programme.coordinator)
    visitor.open("/rosters/new/")
    visitor.page.locator("main details summary").click()
    visitor.check()
    with visitor.page.expect_download() as download:
        visitor.page.locator("main details a[download]").first.click()
    assert download.value.suggested_filename.endswith(".xlsx")

    upload(visitor, programme, "04-bad-rows.xlsx")
    visitor.page.locator("form[action$='/confirm/'] button").click()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    visitor.check()
    before = programme.open.enrollments.live().count()
    visitor.send("form[action$='/rest/'] button")
    visitor.page.locator("#row-4 td.number a").click()
    visitor.page.locator("#row-4 [name=birth]").fill(MENDED["B4"])
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector("form[action$='/confirm/'] button")
    visitor.check()
    visitor.page.locator("form[action$='/confirm/'] button").click()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    assert programme.open.enrollments.live().count() == before + 1

    few = tmp_path / "few.csv"
    first = programme.open.enrollments.live().select_related("trainee").first().trainee
    few.write_text(f"Mã học viên,Họ và tên\n{first.code},{first.full_name}\n")
    upload(visitor, programme, few)
    visitor.check()
    visitor.page.locator("#id_withdraw_all").check()
    visitor.send("form[action$='/confirm/'] button")
    assert visitor.page.locator("#id_reason_error, .errors").count()
    visitor.page.locator("#id_reason").fill("Cơ quan đổi người")
    visitor.page.locator("form[action$='/confirm/'] button").click()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    visitor.check()
    assert programme.open.enrollments.live().count() == 1


def test_a_text_file_comes_back_as_a_list_of_whole_names(programme, seat, tmp_path):
    visitor = seat("vi")
    visitor.sign_in(programme.coordinator)
    sent, mended = tmp_path / "roster.txt", tmp_path / "mended.xlsx"
    sent.write_text("Họ đệm\tTên\tNgày sinh\nLê Văn\tBảy\t31/02/1980\n", "utf-16")
    upload(visitor, programme, sent)
    with visitor.page.expect_download() as download:
        visitor.page.locator("a[download]").click()
    download.value.save_as(mended)
    book = load_workbook(mended)
    (sheet,) = book.worksheets
    assert [cell.value for cell in sheet[2]][:2] == ["Lê Văn Bảy", "31/02/1980"]
    sheet["B2"] = "28/02/1980"
    book.save(mended)
    upload(visitor, programme, mended)
    visitor.page.locator("form[action$='/confirm/'] button").click()
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    assert programme.open.enrollments.live().filter(trainee__full_name="Lê Văn Bảy").exists()


def test_a_file_that_is_no_roster_is_refused_with_one_sentence(programme, seat):
    visitor = seat("en")
    visitor.sign_in(programme.coordinator)
    upload(visitor, programme, "07-html-named-xlsx.xlsx")
    visitor.check()
    assert visitor.page.locator(".alert-bad").count() == 1


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_pages_of_a_coordinator_are_sound(programme, seat, language):
    visitor = seat(language)
    visitor.sign_in(programme.coordinator)
    for path in ("/my/", f"/runs/{programme.closed.code}/", "/rosters/", "/jobs/", "/sign-in/2fa/"):
        visitor.open(path)
