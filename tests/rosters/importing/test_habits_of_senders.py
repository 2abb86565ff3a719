"""What offices write around people, beside them and between them: nobody is misread or lost.

Each habit is tried with any people, not only those of the samples.
"""

import datetime as dt
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from common import clock
from common.dates import format_date
from common.errors import DomainError
from common.identity import parse_personal_number
from rosters.errors import RosterError
from rosters.importing.rows import read_roster
from rosters.importing.rows.names import name_in
from tests.common.workbooks import saved, workbook

HEAD = ["STT", "Họ và tên", "Ngày sinh"]
NAMES = st.sampled_from([
    "Trần Văn Bảy", "Lê Thị Sáu", "H'Hen Niê", "Y Phương", "Ông Ích Đường", "Nguyễn Thị A",
    "Đồng Chí Hùng", "NGUYỄN THỊ BỐN", "Phó Đức Phương", "Tôn Nữ Thị Ninh", "Lê-Hoàng An",
    "K’ Brẻo", "Anh Thơ", "Trương Đình Hồ Quốc Việt Anh Tuấn Kiệt",
])  # fmt: skip
# Names whose first word is a family name: a form of address before them can be nothing else.
OFFICIALS = st.sampled_from(["Trần Văn Bảy", "Lê Thị Sáu", "Ông Ích Đường", "Phó Đức Phương"])
ADDRESSES = st.sampled_from(["Ông", "Bà", "ông", "Anh", "Chị", "Đồng chí", "Ông/Bà", "Ông (bà)"])
TITLES = st.sampled_from([
    "TS.", "ThS.", "PGS.TS", "GS.TSKH.", "Đ/c", "Mr.", "Ms", "KS.", "BS CKII", "Tiến sĩ", "Th.S",
])  # fmt: skip
BEHIND = st.sampled_from([" (Phó phòng)", "*", " (*)", " - Phó phòng", ", Trưởng phòng", ", TS."])
IN_FRONT = st.sampled_from(["1.", "12)", "(3)", "-", "•"])
BIRTHS = st.dates(dt.date(1950, 1, 1), dt.date(2005, 12, 31))


def read(content: bytes, name: str = "list.xlsx"):
    with clock.set_to(dt.date(2026, 11, 22)):
        return read_roster(content, name, bare_birth_years=True)


def people(roster) -> list[tuple[str, dt.date | None]]:
    return [
        (row.values.full_name, row.values.birth_date) for row in roster.rows if not row.rejected
    ]


def codes(problems) -> list[str]:
    return [problem.code for problem in problems]


# --- names ---


@given(NAMES)
def test_a_name_alone_stays_as_it_is_typed(name):
    assert name_in(name).name == name
    assert not name_in(name).taken_off


@given(OFFICIALS, ADDRESSES | TITLES | IN_FRONT)
def test_what_precedes_a_name_is_taken_off_and_reported(name, before):
    found = name_in(f"{before} {name}")
    assert (found.name, found.taken_off) == (name, before)


@given(NAMES, BEHIND)
def test_what_follows_a_name_is_taken_off_and_reported(name, behind):
    found = name_in(f"{name}{behind}")
    assert found.name == name
    assert found.taken_off


@given(
    OFFICIALS,
    OFFICIALS,
    st.sampled_from(["\n", ", ", "; ", " và ", " - ", " – ", " / ", "/", " & ", "\r\n", " | "]),
)
def test_two_people_in_a_cell_are_never_entered_as_one(first, second, between):
    with pytest.raises(DomainError) as problem:
        name_in(f"{first}{between}{second}")
    assert problem.value.code == "two_people"


@given(NAMES, st.data())
def test_letters_lost_to_question_marks_are_never_a_name(name, data):
    at = data.draw(st.integers(0, len(name) - 1))
    with pytest.raises(DomainError) as problem:
        name_in(f"{name[:at]}?{name[at + 1 :]}")
    assert problem.value.code == "letters_lost"


@given(st.lists(st.tuples(OFFICIALS, BIRTHS), min_size=1, max_size=5), st.booleans())
def test_a_name_over_two_columns_without_a_merge_is_read_whole(rows, with_index):
    lines = [",Họ và tên,,Ngày sinh"]
    for name, born in rows:
        family, _blank, given_name = name.rpartition(" ")
        lines.append(f"{1 if with_index else ''},{family},{given_name},{format_date(born)}")
    assert people(read("\n".join(lines).encode(), "list.csv")) == rows


def test_a_known_title_is_in_a_warning_with_its_row():
    roster = read(workbook(HEAD, [1, "TS. Trần Văn Bảy", "05/03/1980"]))
    (warning,) = roster.warnings
    assert (warning.row, warning.code) == (2, "title_in_name")
    assert "TS." in str(warning.sentence)


# --- births and numbers ---


@given(st.lists(BIRTHS, min_size=1, max_size=4), st.booleans())
def test_a_birth_in_three_columns_is_one_date(births, merged):
    top = ["STT", "Họ và tên", "Ngày sinh", None, None, "Đơn vị"]
    rows = [[n, "Trần Văn Bảy", b.day, b.month, b.year, "Vụ A"] for n, b in enumerate(births)]
    areas = ["C1:E1"] if merged else []
    content = workbook(top, [None, None, "Ngày", "Tháng", "Năm"], *rows, merged=areas)
    assert [birth for _name, birth in people(read(content))] == births


@given(BIRTHS)
def test_a_plain_number_is_another_day_in_a_workbook_of_the_1904_system(born):
    book: Any = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(HEAD)
    book.active.append([1, "Trần Văn Bảy", (born - dt.date(1904, 1, 1)).days])
    serial = (born - dt.date(1904, 1, 1)).days
    read_as = people(read(saved(book)))
    if serial not in range(1900, 2100):  # these are years
        assert read_as == [("Trần Văn Bảy", born)]


@given(st.integers(1, 96), st.integers(0, 10**5 - 1))
def test_a_number_that_a_program_rounded_is_rejected(province, digits):
    with pytest.raises(DomainError) as problem:
        parse_personal_number(float(f"{province:03d}{digits:05d}0000".lstrip("0") or "1"))
    assert problem.value.code in {
        "personal_number_rounded",
        "personal_number_invalid",
        "old_identity_number",
    }


@given(st.integers(0, 10**10 - 1))
def test_a_text_that_begins_with_a_zero_has_lost_none(digits):
    with pytest.raises(DomainError):
        parse_personal_number(f"0{digits:010d}")


@pytest.mark.parametrize(
    "written",
    [
        "001080123456\n01/01/2021\nCục CS QLHC về TTXH",
        "001080123456, ngày 01/01/2021",
        "001080123456 cấp 2021",
    ],
)
def test_a_number_is_read_beside_its_day_of_issue(written):
    head = [*HEAD, "Số CCCD, ngày cấp, nơi cấp"]
    roster = read(workbook(head, [1, "Trần Văn Bảy", "05/03/1980", written]))
    assert roster.rows[0].values.personal_number == "001080123456"


def test_a_cell_that_keeps_its_zeros_by_a_formula_is_its_text():
    content = 'Họ và tên,Ngày sinh,Số CCCD\nTrần Văn Bảy,05/03/1980,"=""001080123456"""'
    assert read(content.encode(), "list.csv").rows[0].values.personal_number == "001080123456"


# --- sex ---


@pytest.mark.parametrize(("man", "woman"), [(True, False), (1, 0), ("x", None), ("Có", "Không")])
def test_sexes_ticked_in_two_columns_are_read(man, woman):
    head = [*HEAD, "Nam", "Nữ"]
    rows = [1, "An Ba", "05/03/1980", man, woman], [2, "Bê Cao", "06/03/1980", woman, man]
    roster = read(workbook(head, *rows))
    assert [row.values.sex for row in roster.rows] == ["male", "female"]


def test_a_column_for_women_alone_implies_both_sexes_and_says_so():
    roster = read(
        workbook([*HEAD, "Nữ"], [1, "An Ba", "05/03/1980"], [2, "Bê Cao", "06/03/1980", "x"])
    )
    assert [row.values.sex for row in roster.rows] == ["male", "female"]
    assert codes(roster.notes) == ["sex_by_absence"]


# --- rows set apart ---


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("DANH SÁCH DỰ BỊ", "reserve"),
        ("II. Danh sách xin rút", "withdrawn"),
        ("Dự phòng", "reserve"),
    ],
)
def test_people_under_a_heading_that_sets_them_apart_are_not_nominated(heading, code):
    rows = [[1, "An Ba", "05/03/1980"], [None, heading], [2, "Bê Cao", "06/03/1980"]]
    roster = read(workbook(HEAD, *rows))
    assert people(roster) == [("An Ba", dt.date(1980, 3, 5))]
    assert [(error.row, error.code) for error in roster.errors] == [(4, code)]


def test_hidden_people_are_warned_of_and_those_struck_out_are_not_nominated():
    book: Any = Workbook()
    for row in (
        HEAD,
        [1, "An Ba", "05/03/1980"],
        [2, "Bê Cao", "06/03/1980"],
        [3, "Cù Đỗ", "07/03/1980"],
    ):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    for cell in book.active[4]:
        cell.font = Font(strike=True)
    roster = read(saved(book))
    assert [(one.row, one.code) for one in roster.warnings] == [(3, "hidden")]
    assert [(one.row, one.code) for one in roster.errors] == [(4, "struck")]


@given(st.sampled_from(["VỤ TỔ CHỨC CÁN BỘ", "II. Văn phòng Bộ", "Cục Tin học", "B. Sở Nội vụ"]))
def test_the_unit_that_heads_a_part_is_that_of_its_people(heading):
    roster = read(workbook(HEAD, [None, heading], [1, "An Ba", "05/03/1980"]))
    assert [row.values.unit for row in roster.rows] == [heading.partition(". ")[2] or heading]
    assert codes(roster.notes) == ["units_from_headings"]


def test_the_unit_in_a_row_outweighs_the_heading_above():
    roster = read(workbook([*HEAD, "Đơn vị"], [None, "VỤ A"], [1, "An Ba", "05/03/1980", "Vụ B"]))
    assert [row.values.unit for row in roster.rows] == ["Vụ B"]


# --- nothing unread in silence ---


def test_columns_without_a_use_are_counted_and_named():
    roster = read(
        workbook([*HEAD, "Học vị", "Ngạch lương"], [1, "An Ba", "05/03/1980", "ThS", "A1"])
    )
    (note,) = roster.notes
    assert note.code == "columns_not_used"
    assert "2" in str(note.reason)
    assert "Học vị, Ngạch lương" in str(note.reason)


def test_a_list_beside_another_is_reported_with_its_column():
    head = [*HEAD, None, *HEAD]
    roster = read(workbook(head, [1, "An Ba", "05/03/1980", None, 2, "Bê Cao", "06/03/1980"]))
    assert "list_beside" in codes(roster.notes)


def test_a_repeated_heading_is_reported_with_the_column_that_was_not_read():
    roster = read(
        workbook([*HEAD, "Email", "Email"], [1, "An Ba", "05/03/1980", None, "an@example.vn"])
    )
    (note,) = [one for one in roster.notes if one.code == "column_repeated"]
    assert (note.column, "E" in str(note.reason)) == ("Email", True)


def test_another_table_below_is_reported_once_and_nobody_of_it_is_read_wrongly():
    other = ["STT", "Họ tên", "Giới tính", "Ngày sinh"]
    rows: list[list[Any]] = [
        [1, "An Ba", "05/03/1980"],
        [],
        other,
        [1, "Bê Cao", "Nữ", "06/03/1980"],
    ]
    roster = read(workbook(HEAD, *rows))
    assert people(roster) == [("An Ba", dt.date(1980, 3, 5))]
    assert (4, "second_table") in [(note.row, note.code) for note in roster.notes]


def test_a_row_in_a_single_cell_is_refused_with_the_remedy():
    with pytest.raises(RosterError) as refused:
        read(workbook(["STT;Họ và tên;Ngày sinh;Giới tính"], ["1;An Ba;05/03/1980;Nam"]))
    assert refused.value.code == "all_in_one_column"


# --- pasted from Word ---


@given(OFFICIALS, BIRTHS)
@settings(max_examples=20)
def test_a_name_over_two_rows_is_joined_where_the_row_is_drawn_as_one(name, born):
    family, _blank, given_name = name.rpartition(" ")
    content = workbook(
        HEAD, [1, family, format_date(born)], [None, given_name], merged=["A2:A3", "C2:C3"]
    )
    assert people(read(content)) == [(name, born)]


@given(OFFICIALS, BIRTHS)
@settings(max_examples=20)
def test_a_name_over_two_rows_that_nothing_joins_is_rejected(name, born):
    family, _blank, given_name = name.rpartition(" ")
    roster = read(
        workbook(
            HEAD, [1, family, format_date(born)], [None, given_name], [2, "An Ba", "05/03/1980"]
        )
    )
    assert people(roster) == [("An Ba", dt.date(1980, 3, 5))]
    assert roster.errors[0].code == "goes_on"


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Họ và tên của anh/chị", "full_name"),
        ("Cơ quan/đơn vị anh/chị đang công tác", "unit"),
        ("Địa chỉ email nhận thông báo", "email"),
        ("Giới tính của ông/bà", "sex"),
        ("3. Số điện thoại liên hệ (Zalo)", "phone"),
        ("Câu 4: Vui lòng nhập số CCCD của bạn", "personal_number"),
        ("Your full name", "full_name"),
        ("Ngày tháng năm sinh, nơi sinh", "birth"),
    ],
)
def test_headings_of_web_forms_are_understood(heading, field):
    head = ["Họ và tên" if field != "full_name" else "Ghi chú", "Chức vụ", heading]
    layout = read(workbook(head, ["An Ba", "Chuyên viên", "An Bình"])).layout
    assert layout.columns.get(field) == 2


# --- found by a second look ---


@pytest.mark.parametrize(
    "written",
    [
        "Đồng chí: Trần Văn Bảy", "đ/c: Trần Văn Bảy", "Ô. Trần Văn Bảy", "Ông/Bà: Trần Văn Bảy",
        "CVC Trần Văn Bảy", "Thượng tá Trần Văn Bảy", "Phó Giám đốc: Trần Văn Bảy",
        "1/ Trần Văn Bảy", "1 Trần Văn Bảy", "a) Trần Văn Bảy", 'Trần Văn "Bảy"', "“Trần Văn Bảy”",
        "NSƯT Trần Văn Bảy", "Trần Văn Bảy\nPhó phòng", "Trần Văn Bảy\nTran Van Bay",
        "Trần Văn Bảy - xin rút", "Trần Văn Bảy\n0912345678", "Cô giáo Trần Văn Bảy",
        "Trung tá, TS. Trần Văn Bảy",
    ],
)  # fmt: skip
def test_posts_ranks_numbers_and_quotation_marks_are_taken_off_and_reported(written):
    found = name_in(written)
    assert found.name == "Trần Văn Bảy"
    assert found.taken_off


@given(
    OFFICIALS,
    OFFICIALS,
    st.sampled_from([
        "-", "- ", "—", "\t", "    ", "+", "\\", "·", " thay ", " thay cho ", " cùng ", " hoặc ",
        " (và ",
    ]),
)  # fmt: skip
def test_two_people_with_next_to_nothing_between_them_are_noticed(first, second, between):
    with pytest.raises(DomainError) as problem:
        name_in(f"{first}{between}{second}" + (")" if "(" in between else ""))
    assert problem.value.code == "two_people"


@pytest.mark.parametrize("written", ["x", "Không", "nt", "(trống)", "Chưa có", "TBA", "N/A"])
def test_placeholders_for_nobody_are_no_names(written):
    with pytest.raises(DomainError) as problem:
        name_in(written)
    assert problem.value.code == "name_missing"


@pytest.mark.parametrize(
    "lines",
    [
        ["Họ và tên,,,Ngày sinh", "Trần,Văn,Bảy,05/03/1980", "Lê,Thị,Sáu,05/03/1980"],
        ["Họ và tên,,Ngày sinh", "Trần,Văn Bảy,05/03/1980", "Lê,Thị Sáu,05/03/1980"],
        [",Họ và tên,Ngày sinh", "Trần Văn,Bảy,05/03/1980", "Lê Thị,Sáu,05/03/1980"],
    ],
)
def test_a_name_is_read_whole_wherever_its_heading_is(lines):
    read_as = people(read("\n".join(lines).encode(), "list.csv"))
    assert [name for name, _born in read_as] == ["Trần Văn Bảy", "Lê Thị Sáu"]


def test_a_word_beside_one_of_the_names_is_never_dropped():
    lines = (
        "Họ và tên,,Ngày sinh",
        "Trần Văn,Bảy,05/03/1980",
        "Lê Thị Sáu,,05/03/1980",
        "An Ba,,1980",
    )
    roster = read("\n".join(lines).encode(), "list.csv")
    assert codes(roster.rows[0].problems) == ["word_beside"]


def test_the_same_word_beside_all_names_is_no_part_of_them():
    lines = [
        "Họ và tên,,Ngày sinh",
        *[f"Lê Thị {name},Kinh,05/03/1980" for name in ("An", "Bê", "Ca", "Da")],
    ]
    assert people(read("\n".join(lines).encode(), "list.csv"))[0][0] == "Lê Thị An"


@pytest.mark.parametrize(
    "heading", ["Danh sách chờ", "Waiting list", "Không đi học được", "Xin thôi học", "Cancelled"]
)
@pytest.mark.parametrize("column", [0, 1])
def test_withdrawals_are_recognised_by_other_words(heading, column):
    line = [None, None, None]
    line[column] = heading
    roster = read(workbook(HEAD, [1, "An Ba", "05/03/1980"], line, [2, "Bê Cao", "06/03/1980"]))
    assert people(roster) == [("An Ba", dt.date(1980, 3, 5))]


def test_the_unit_for_preventive_medicine_is_no_reserve():
    roster = read(workbook(HEAD, ["I", "Cục Y tế dự phòng"], [1, "An Ba", "05/03/1980"]))
    assert roster.rows[0].values.unit == "Cục Y tế dự phòng"
    assert not roster.rows[0].problems


def test_somebody_is_set_apart_by_a_column_that_is_not_read():
    roster = read(workbook([*HEAD, "Trạng thái"], [1, "An Ba", "05/03/1980", "Xin rút"]))
    (problem,) = roster.rows[0].problems
    assert (problem.code, problem.column) == ("withdrawn", "Trạng thái")


def test_a_unit_in_a_heading_is_read_without_the_count_of_its_people():
    roster = read(workbook(HEAD, ["II. UBND huyện B (02 người)"], [1, "An Ba", "05/03/1980"]))
    assert roster.rows[0].values.unit == "UBND huyện B"


def test_letters_struck_out_in_a_cell_are_never_read_in_silence():
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    book: Any = Workbook()
    book.active.append(HEAD)
    struck = TextBlock(InlineFont(strike=True), "Lê Thị Sáu")
    book.active.append([1, CellRichText(struck, " Hà Thị Mai"), "05/03/1980"])
    book.active.append([2, "An Ba", "05/03/1980"])
    book.active["B3"].font = Font(strike=True)
    roster = read(saved(book))
    assert [codes(row.problems) for row in roster.rows] == [["struck"], ["partly_struck"]]


@pytest.mark.parametrize(
    "written",
    ["Hà Nội, 05/03/1980", "05/03/1980/Hà Nội", "Sinh ngày 05/03/1980", "05/03/1980 tại Huế"],
)
def test_a_birth_is_read_beside_its_place(written):
    roster = read(workbook(["STT", "Họ và tên", "Ngày, nơi sinh"], [1, "An Ba", written]))
    assert people(roster) == [("An Ba", dt.date(1980, 3, 5))]


def test_of_two_columns_with_one_heading_the_filled_one_is_read_and_the_other_reported():
    roster = read(workbook([*HEAD, "Ngày sinh"], [1, "An Ba", None, "05/03/1980"]))
    assert people(roster) == [("An Ba", dt.date(1980, 3, 5))]
    assert codes(roster.notes) == ["column_repeated"]


def test_questions_of_forms_are_headings():
    head = "What is your full name?", "3. Bạn là nam hay nữ?", "Chức vụ của bạn là gì?", "Năm sinh"
    roster = read(workbook(head, ["An Ba", "Nam", "Chuyên viên", "05/03/1980"]))
    values = roster.rows[0].values
    assert (values.full_name, values.sex, values.position) == ("An Ba", "male", "Chuyên viên")


@pytest.mark.parametrize("piece", ["1 ", "ông ", "- ", "()", "ts. ", "a-", "Lê An\n", "* "])
def test_a_cell_full_of_titles_costs_no_time(piece):
    began = time.process_time()
    with pytest.raises(DomainError):
        name_in(piece * (32_000 // len(piece)))
    assert time.process_time() - began < 0.5


def test_a_grade_beside_a_name_is_no_part_of_it():
    head = [["Ngày sinh", "Trình độ", None, "Họ và tên"], [None, "Chuyên môn", "Lý luận"]]
    roster = read(workbook(*head, ["05/03/1980", "Thạc sĩ", "Cao cấp", "Nguyễn Văn An"]))
    assert people(roster) == [("Nguyễn Văn An", dt.date(1980, 3, 5))]


def test_an_apostrophe_at_the_end_of_a_name_is_a_part_of_it():
    assert name_in("Y Blo’").name == "Y Blo’"
    assert name_in("‘Trần Văn Bảy’").name == "Trần Văn Bảy"
