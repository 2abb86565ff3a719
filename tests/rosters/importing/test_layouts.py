"""The columns of a roster are found however its sender laid it out."""

import datetime as dt

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from common import clock
from common.spreadsheets import open_sheets
from rosters.errors import RosterError
from rosters.exporting.columns import roster_columns
from rosters.importing.layouts.finder import find_layouts
from rosters.importing.rows import read_roster
from tests.common.workbooks import saved, workbook
from tests.rosters.any_roster import HEADINGS, OWN_COLUMNS, Sent, expected, rosters, values_of


def layout_of(*rows, **kwargs):
    return find_layouts(open_sheets(workbook(*rows, **kwargs)))[0]


def fields(layout):
    return {field: column for field, column in layout.columns.items() if field != "index"}


def one_heading_each():
    return st.tuples(*(st.sampled_from(texts) for texts in HEADINGS.values()))


@settings(deadline=None, max_examples=40)
@given(one_heading_each(), st.permutations(range(len(HEADINGS))), st.integers(0, 29))
def test_headings_are_found_in_any_order_and_words_within_30_rows(texts, order, above):
    names = list(HEADINGS)
    letter = [["Kính gửi: Ban quản lý"]] * above
    layout = layout_of(*letter, [texts[at] for at in order], ["x"])
    assert fields(layout) == {names[at]: column for column, at in enumerate(order)}
    assert (layout.header_row, layout.first_data_row) == (above + 1, above + 2)


@settings(deadline=None, max_examples=120)
@given(rosters())
def test_whatever_the_layout_everybody_is_read_as_they_were_meant(sent: Sent):
    with clock.set_to(dt.date(2026, 11, 22)):
        roster = read_roster(sent.content, sent.file_name, bare_birth_years=True)
    assert not roster.errors
    assert [values_of(row.values) for row in roster.rows] == expected(sent)


def test_headings_below_row_30_are_not_looked_for():
    with pytest.raises(RosterError) as problem:
        layout_of(*[["…"]] * 30, ["Họ và tên", "Ngày sinh"])
    assert problem.value.code == "no_known_columns"


def test_two_rows_of_headings_with_a_column_for_each_sex():
    layout = layout_of(
        ["STT", "Họ và tên", "Ngày sinh", None, "Chức vụ"],
        [None, None, "Nam", "Nữ", None],
        [1, "An", "01/01/1980"],
        merged=["A1:A2", "B1:B2", "C1:D1", "E1:E2"],
    )
    assert fields(layout) == {"full_name": 1, "birth_male": 2, "birth_female": 3, "position": 4}
    assert layout.first_data_row == 3
    assert layout.heading("birth_female") == "Ngày sinh Nữ"


@pytest.mark.parametrize(
    ("men", "women"),
    [
        ("Ngày sinh Nam", "Ngày sinh Nữ"), ("Năm sinh (nam)", "Năm sinh (nữ)"),
        ("Giới tính: Nam", "Giới tính: Nữ"), ("Nam", "Nữ"), ("Male", "Female"),
        ("Date of birth (male)", "Date of birth (female)"),
    ],
)  # fmt: skip
def test_a_column_for_each_sex_on_one_row_of_headings(men, women):
    assert fields(layout_of(["TT", "Họ và tên", men, women], ["x"])) == {
        "full_name": 1,
        "birth_male": 2,
        "birth_female": 3,
    }


def test_a_lone_column_for_women_is_known_and_a_lone_nam_may_be_a_year():
    assert "birth_female" in layout_of(["Họ và tên", "Nữ", "Ngày sinh"], ["x"]).columns
    assert layout_of(["Ho va ten", "Nam", "Ngay sinh"], ["x"]).extra == ("Nam",)


@pytest.mark.parametrize(
    "heading",
    [
        "Chức vụ / Đơn vị tính", "Điện thoại/Email", "Mã ngạch", "Ngạch", "Zalo", "Trainee ID",
        "ID", "Passport", "Trình độ cán bộ", "Cơ quan quản lý cán bộ", "Số hiệu viên chức",
        "Nơi sinh", "Ngày cấp",
    ],
)  # fmt: skip
def test_a_heading_that_may_mean_something_else_is_not_guessed(heading):
    assert layout_of(["Họ và tên", heading, "Ngày sinh"], ["x"]).extra == (heading,)


def test_columns_grouped_under_common_headings():
    layout = layout_of(
        ["Thông tin cá nhân", None, None, "Liên hệ", None],
        ["Họ đệm", "Tên", "Ngày sinh", "SĐT", "Email"],
        ["Nguyễn Văn", "An", "01/01/1980", None, None],
    )
    assert fields(layout) == {
        "family_name": 0,
        "given_name": 1,
        "birth": 2,
        "phone": 3,
        "email": 4,
    }


FIRST = ["STT", "Họ và tên", "Ngày sinh"]
DRAWN_OVER = ["A1:A2", "B1:B2", "C1:C2"]


@pytest.mark.parametrize("is_drawn", [True, False])
@pytest.mark.parametrize(
    ("over", "below", "found", "extra"),
    [
        (
            "Chức vụ, đơn vị công tác", ["Chức vụ", "Đơn vị công tác"],
            {"position": 3, "unit": 4}, (),
        ),
        ("Điện thoại", ["Cơ quan", "Di động"], {"phone": 4}, ("Điện thoại Cơ quan",)),
        ("Điện thoại", ["Di động", "Email"], {"phone": 3, "email": 4}, ()),
        (
            "Đơn vị công tác", ["Phòng", "Cục, vụ"],
            {"unit": 3}, ("Đơn vị công tác Cục, vụ",),
        ),
        ("Đơn vị công tác", ["Tên đơn vị", "Tên"], {"unit": 3}, ("Đơn vị công tác Tên",)),
        (
            "Căn cước công dân", ["Ngày cấp", "Nơi cấp", "Số"],
            {"personal_number": 5},
            ("Căn cước công dân Ngày cấp", "Căn cước công dân Nơi cấp"),
        ),
        ("CCCD", ["Số", "Ngày cấp"], {"personal_number": 3}, ("CCCD Ngày cấp",)),
    ],
)  # fmt: skip
def test_a_heading_over_several_columns_is_understood_with_those_below_it(
    over, below, found, extra, is_drawn
):
    last = "DEF"[len(below) - 1]
    layout = layout_of(
        [*FIRST, over],
        [None, None, None, *below],
        [1, "Nguyễn Văn An", "12/03/1980", "một", "hai", "ba"],
        merged=[*DRAWN_OVER, f"D1:{last}1"] if is_drawn else [],
    )
    assert fields(layout) == {"full_name": 1, "birth": 2, **found}
    assert layout.extra[: len(extra)] == extra
    assert (layout.header_row, layout.first_data_row) == (1, 3)


@pytest.mark.parametrize("is_drawn", [True, False])
def test_three_rows_of_headings_tell_the_sexes_apart(is_drawn):
    layout = layout_of(
        ["STT", "Thông tin cá nhân", None, None, "Chức vụ"],
        [None, "Họ và tên", "Ngày, tháng, năm sinh"],
        [None, None, "Nam", "Nữ"],
        [1, "Nguyễn Văn An", "12/03/1980", None, "CV"],
        [2, "Lê Thị Bé", None, "12/03/1981", "CV"],
        merged=["A1:A3", "B1:D1", "B2:B3", "C2:D2", "E1:E3"] if is_drawn else [],
    )
    assert fields(layout) == {"full_name": 1, "birth_male": 2, "birth_female": 3, "position": 4}
    assert layout.heading("birth_female") == "Ngày, tháng, năm sinh Nữ"
    assert layout.first_data_row == 4


def test_the_first_person_below_a_heading_over_several_columns_is_no_heading():
    layout = layout_of(
        ["Họ và tên", None, "Đơn vị công tác", None],
        ["Lê", "Nam", "Phòng", "Vụ Pháp chế"],
        ["Trần", "An", "Phòng", "Vụ Pháp chế"],
        merged=["A1:B1"],
    )
    assert fields(layout) == {"full_name": 0, "given_name": 1, "unit": 2}
    assert layout.first_data_row == 2


def test_a_column_without_a_heading_goes_by_its_letter_where_something_stands_in_it():
    layout = layout_of(
        ["Họ và tên", None, "Ngày sinh", None, None],
        ["Nguyễn Văn An", None, "12/03/1980", None, "0912345678"],
        [None, None, None, "Người lập biểu"],
    )
    assert layout.headings == {0: "Họ và tên", 2: "Ngày sinh", 4: "E"}
    assert layout.extra == ("E",)


def test_the_first_person_is_no_second_row_of_headings():
    layout = layout_of(["Họ và tên", "Giới tính", "Ngày sinh"], [None, "Nam", "01/01/1980"])
    assert fields(layout) == {"full_name": 0, "sex": 1, "birth": 2}
    assert layout.first_data_row == 2


def test_a_name_drawn_over_two_columns_is_split():
    layout = layout_of(["Họ và tên", None, "Ngày sinh"], ["Lê", "An"], merged=["A1:B1"])
    assert fields(layout) == {"full_name": 0, "given_name": 1, "birth": 2}


def test_an_empty_heading_beside_the_name_is_left_alone():
    assert fields(layout_of(["Họ và tên", None, "Ngày sinh"])) == {"full_name": 0, "birth": 2}


@pytest.mark.parametrize("numbers", [["(1)", "(2)", "(3)"], [1, 2, 3], ["A", "B", "C"]])
def test_a_line_that_numbers_the_columns_is_no_person(numbers):
    layout = layout_of(["STT", "Họ và tên", "Ngày sinh"], numbers, [1, "An", "01/01/1980"])
    assert layout.first_data_row == 3


def test_unknown_and_repeated_columns_are_not_used():
    layout = layout_of(["Họ và tên", "Mã ngạch", "Ngày sinh", "Đơn vị", "Phòng"])
    assert layout.extra == ("Mã ngạch", "Phòng")


def test_the_sheets_most_like_rosters_come_first_and_hidden_ones_last():
    book = Workbook()
    book.active.append(["Hướng dẫn"])  # type: ignore[union-attr]  # a new workbook has an active sheet
    book.create_sheet("Tóm tắt").append(["Họ và tên", "Ghi chú"])
    book.create_sheet("Danh sách").append(["Họ và tên", "Ngày sinh", "Số CCCD"])
    hidden = book.create_sheet("Cũ")
    hidden.append(["Họ và tên", "Ngày sinh", "Số CCCD", "Email"])
    hidden.sheet_state = "hidden"
    layouts = find_layouts(open_sheets(saved(book)))
    assert [layout.sheet.name for layout in layouts] == ["Danh sách", "Tóm tắt", "Cũ"]


@pytest.mark.parametrize(
    ("heads", "code"),
    [
        (["Foo", "Bar"], "no_known_columns"),
        (["STT", "Foo"], "no_known_columns"),
        (["Ngày sinh", "Số CCCD"], "no_name_column"),
        (["Tên", "Ngày sinh"], "no_name_column"),
        (["Hä vµ tªn", "Ngµy sinh"], "legacy_encoding"),
        ([], "no_known_columns"),
    ],
)
def test_a_file_without_a_roster_is_refused_with_a_remedy(heads, code):
    with pytest.raises(RosterError) as problem:
        layout_of(heads, ["x", "y"])
    assert problem.value.code == code
    assert problem.value.message.endswith(".")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_headings_of_our_own_export_are_known_in_both_languages(language):
    with translation.override(language):
        columns = roster_columns(OWN_COLUMNS)
    layout = layout_of([column.heading for column in columns])
    assert list(fields(layout)) == [column.key for column in columns]
    assert layout.extra == ()
