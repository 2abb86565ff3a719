"""Every row is read as its sender meant it, and every problem is reported at once."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common import clock
from common.legacy_encodings import legacy_encoding
from common.spreadsheets import SpreadsheetError, write_csv, write_xlsx
from common.vietnamese import tidy
from rosters.errors import RosterError
from rosters.exporting.columns import roster_columns
from rosters.importing.rows import read_roster
from rosters.importing.rows.names import FIRST_WORDS, NOBODY
from tests.common.workbooks import with_sheet, workbook
from tests.rosters.any_roster import OWN_COLUMNS

ROSTERS = Path(__file__).parents[2] / "data" / "rosters"
HEADINGS = [
    "STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Điện thoại", "Email", "Chức vụ",
    "Đơn vị công tác", "Ghi chú",
]  # fmt: skip
AN = [1, "Nguyễn Văn An", "05/03/1980", "Nam", "001080123456", "0912345678", "an@example.vn"]


@pytest.fixture(autouse=True)
def _autumn_2026():
    with clock.set_to(dt.date(2026, 11, 22)):
        yield


def sample(name, bare_birth_years=True):
    (path,) = ROSTERS.glob(f"{name}-*")
    return read_roster(path, path.name, bare_birth_years=bare_birth_years)


def read(*rows, bare_birth_years=True, headings=HEADINGS, **kwargs):
    data = workbook(headings, *rows, **kwargs)
    return read_roster(data, "x.xlsx", bare_birth_years=bare_birth_years)


def person(**cells):
    """A roster's one row: good cells, except those given by heading."""
    by_heading = {**dict(zip(HEADINGS, AN, strict=False)), **cells}
    (row,) = read([by_heading.get(heading) for heading in HEADINGS]).rows
    return row


def codes(problems):
    return [(problem.row, problem.code) for problem in problems]


# --- the samples ---


def test_the_official_letter_is_read_with_its_two_rows_of_headings():
    roster = sample("01")
    assert [row.number for row in roster.rows] == list(range(9, 33))
    assert not roster.errors
    assert codes(roster.warnings) == [
        (number, "zeros_restored") for number in (9, 12, 15, 18, 21, 24, 27, 30)
    ]
    first, third = roster.rows[0].values, roster.rows[2].values
    assert first.full_name == "ĐINH ĐỨC HẢI"
    assert (first.birth_date, first.sex) == (dt.date(1967, 1, 14), "male")
    assert (first.personal_number, first.phone) == ("001067165189", "0570330268")
    assert (third.full_name, third.birth_date, third.sex) == (
        "Châu Bích Hương",
        dt.date(1990, 8, 13),
        "female",
    )


def test_a_birth_in_words_is_no_signature_block_and_place_and_date_are_no_person():
    first, second = (
        [None, name, birth] for name, birth in [("Nguyễn Văn An", "ngày 05 tháng 3 năm 1980")] * 2
    )
    signed = [
        [None, "Hà Nội, ngày 05 tháng 3 năm 2026", None],
        [None, "NGƯỜI LẬP BIỂU", "Ngày 05 tháng 3 năm 2026"],
    ]
    rows = read(first, second, *signed).rows
    assert [row.values.birth_date for row in rows] == [dt.date(1980, 3, 5)] * 2


@pytest.mark.parametrize("code", ["hv-7k3m9qxb", "HV - 7K3M9QXB", " Hv-7K3M 9qxb "])
def test_a_trainee_code_is_known_in_small_letters_and_with_blanks(code):
    (row,) = read([code, "Nguyễn Văn An"], headings=["Mã học viên", "Họ và tên"]).rows
    assert (row.values.trainee_code, row.problems) == ("HV-7K3M9QXB", ())


def test_total_and_signature_block_are_no_people():
    assert "34, 36, 37, 41" in " ".join(map(str, sample("01").notes))


def test_split_names_are_joined_and_composed():
    roster = sample("02")
    assert len(roster.rows) == 18
    assert not roster.errors
    assert not roster.warnings
    second = roster.rows[1].values
    assert second.full_name == "Lê Ngọc Hằng"
    assert (second.phone, second.email) == (
        "0834377669",
        "le.ngoc.hang585@example.gov.vn",
    )


def test_every_bad_row_is_reported_at_once():
    roster = sample("04")
    assert [row.number for row in roster.rows if row.rejected] == [3, 4, 5, 7, 10, 11, 12, 13]
    assert codes(roster.errors) == [
        (3, "name_missing"),
        (4, "date_impossible"),
        (5, "old_identity_number"),
        (7, "formula"),
        (10, "formula_text"),
        (11, "legacy_encoding"),
        (12, "birth_in_future"),
        (13, "name_too_long"),
    ]
    assert codes(roster.warnings) == [
        (6, "email_invalid"),
        (8, "number_disagrees"),
        (9, "birth_year_only"),
        (9, "number_disagrees"),
    ]


def test_a_bare_year_is_rejected_where_the_course_wants_dates():
    assert (9, "birth_year_only") in codes(sample("04", bare_birth_years=False).errors)


@pytest.mark.parametrize(("name", "people"), [("03", 14), ("05", 5000), ("06", 9)])
def test_clean_samples_have_no_problems(name, people):
    roster = sample(name)
    assert len(roster.rows) == people
    assert not roster.errors
    assert not roster.warnings
    assert not roster.notes


@pytest.mark.parametrize("name", ["07", "08", "10", "11", "12"])
def test_samples_that_are_no_spreadsheets_are_refused(name):
    with pytest.raises(SpreadsheetError):
        sample(name)


def test_a_sample_without_known_columns_is_refused():
    with pytest.raises(RosterError) as problem:
        sample("09")
    assert problem.value.code == "no_known_columns"


# --- cells ---


@pytest.mark.parametrize(
    ("heading", "cell", "code"),
    [
        ("Họ và tên", None, "name_missing"),
        ("Họ và tên", "???", "name_missing"),
        ("Họ và tên", "+84 912", "name_missing"),
        ("Họ và tên", "-Nguyễn An", "formula_text"),
        ("Họ và tên", "=1+1", "formula"),
        ("Họ và tên", "#N/A", "cell_error"),
        ("Họ và tên", "Nguyễn Văn 2", "name_has_digits"),
        ("Họ và tên", "NguyÔn V¨n B×nh", "legacy_encoding"),
        ("Họ và tên", "Nguyá»…n VÄƒn An", "legacy_encoding"),
        ("Ngày sinh", "12/25/1980", "date_impossible"),
        ("Ngày sinh", "05/03/80", "date_short_year"),
        ("Ngày sinh", "tháng 5", "date_unreadable"),
        ("Ngày sinh", 2020, "birth_implausible"),
        ("Số CCCD", "12345678", "personal_number_invalid"),
        ("Số CCCD", "123456789", "old_identity_number"),
        ("Số CCCD", "C1234567", "personal_number_invalid"),
    ],
)
def test_an_error_rejects_the_row_and_names_row_column_and_remedy(heading, cell, code):
    row = person(**{heading: cell})
    assert row.rejected
    (problem,) = row.problems
    assert (problem.row, problem.column, problem.code) == (2, heading, code)
    assert "2" in str(problem.sentence)
    assert heading in str(problem.sentence)


@pytest.mark.parametrize(
    ("heading", "cell", "code", "field", "kept"),
    [
        ("Điện thoại", "không có", "phone_invalid", "phone", None),
        ("Email", "không có", "email_invalid", "email", None),
        ("Giới tính", "khác", "sex_unknown", "sex", None),
        ("Ngày sinh", "1980", "birth_year_only", "birth_year", 1980),
        ("Số CCCD", "1080123456", "zeros_restored", "personal_number", "001080123456"),
        ("Số CCCD", 1080123456, "zeros_restored", "personal_number", "001080123456"),
        ("Số CCCD", "001180123456", "number_disagrees", "personal_number", "001180123456"),
        ("Số CCCD", "*********456", "masked_number", "masked_number", "*********456"),
        ("Chức vụ", "Chuyeân vieân chính", "legacy_encoding", "position", None),
        ("Đơn vị công tác", "a" * 300, "text_too_long", "unit", "a" * 200),
        ("Ghi chú", "=1+1", "cell_error", "remarks", None),
        ("Họ và tên", "Lê_x0007_ Thị Hòa", "control_characters", "full_name", "Lê Thị Hòa"),
        ("Chức vụ", "Vụ_x001F_ phó", "control_characters", "position", "Vụ phó"),
    ],
)  # fmt: skip
def test_a_warning_lets_the_row_in(heading, cell, code, field, kept):
    row = person(**{heading: cell})
    assert not row.rejected
    assert codes(row.problems) == [(2, code)]
    assert row.values.get(field) == kept


@pytest.mark.parametrize("empty", [None, "", " ", "-", "–", "..."])
def test_a_dash_is_an_empty_cell(empty):
    row = person(**{"Điện thoại": empty, "Email": empty, "Giới tính": empty})
    assert row.problems == ()
    assert (row.values.phone, row.values.email, row.values.sex) == (None, None, None)


def test_a_name_alone_is_nobody():
    row = person(**{"Ngày sinh": None, "Số CCCD": None})
    assert codes(row.problems) == [(2, "identity_missing")]
    assert row.rejected


def test_a_personal_number_or_a_birth_date_is_enough():
    assert not person(**{"Ngày sinh": None}).problems
    assert not person(**{"Số CCCD": None}).problems


def test_several_problems_of_one_row_are_all_reported():
    row = person(**{"Họ và tên": None, "Ngày sinh": "x/y", "Số CCCD": "1", "Email": "?"})
    assert {problem.code for problem in row.problems} == {
        "name_missing",
        "date_unreadable",
        "personal_number_invalid",
        "email_invalid",
    }


@given(st.from_regex(r"[0-9]{9,13}", fullmatch=True))
@settings(max_examples=40, deadline=None)
def test_no_message_repeats_a_personal_number(number):
    with clock.set_to(dt.date(2026, 11, 22)):
        row = person(**{"Số CCCD": number})
    assert all(number not in str(problem.sentence) for problem in row.problems)


def test_names_are_tidied_but_never_re_cased():
    assert person(**{"Họ và tên": " ĐINH\u00a0 đỨC  hải "}).values.full_name == "ĐINH đỨC hải"


def test_a_computed_cell_counts_with_its_value_but_a_computed_name_does_not():
    data = with_sheet(
        '<sheetData><row r="1"><c t="inlineStr"><is><t>Họ và tên</t></is></c>'
        '<c t="inlineStr"><is><t>Ngày sinh</t></is></c></row>'
        '<row r="2"><c t="inlineStr"><is><t>Lê An</t></is></c>'
        '<c t="str"><f>C2</f><v>05/03/1980</v></c></row>'
        '<row r="3"><c t="str"><f>C3</f><v>Lê Bình</v></c><c><v>29285</v></c></row></sheetData>'
    )
    good, bad = read_roster(data, "x", bare_birth_years=False).rows
    assert good.values.birth_date == dt.date(1980, 3, 5)
    assert codes(bad.problems) == [(3, "formula")]


# --- rows ---


def test_marks_in_the_columns_of_the_sexes_set_the_sex():
    headings = ["Họ và tên", "Giới tính", None, "Ngày sinh"]
    data = workbook(
        headings,
        [None, "Nam", "Nữ", None],
        ["Lê An", "x", None, "1/2/1980"],
        ["Lê Bình", None, "X", "1/2/1980"],
        ["Lê Chi", "x", "x", "1/2/1980"],
    )
    rows = read_roster(data, "x", bare_birth_years=False).rows
    assert [row.values.sex for row in rows] == ["male", "female", None]
    assert codes(rows[2].problems) == [(5, "sex_twice")]


def test_parts_gaps_and_page_headings_are_no_people():
    roster = read(
        ["I", "Lãnh đạo Bộ"],
        AN,
        [None],
        ["II", "Cục Chuyển đổi số"],
        [2, *AN[1:]],
        HEADINGS,
        [3, *AN[1:]],
        [4],
        ["Tổng cộng: 3 người"],
        [None, "NGƯỜI LẬP BIỂU", None, None, None, "Hà Nội, ngày 05 tháng 3 năm 2026"],
        [None, "(Ký, ghi rõ họ tên)"],
        [None],
        [None, "Trần Thị Bích"],
    )
    assert [row.number for row in roster.rows] == [3, 6, 8]
    assert not roster.errors


IN_WORK = ["Họ và tên", "Ngày sinh", "Chức vụ", "Ghi chú"]
BORN = ["Bùi Thị An", "1/1/1980", "Chuyên viên"]


def found(*rows):
    """The rows read of a list below which these stand, those rejected, and all warnings."""
    roster = read(BORN, *rows, headings=IN_WORK)
    rejected = [row.number for row in roster.rows if row.rejected]
    return [row.number for row in roster.rows], rejected, codes(roster.file_warnings)


@pytest.mark.parametrize("post", ["Phó Vụ trưởng", "Thứ trưởng", "Trưởng phòng", "CV"])
def test_people_without_birth_dates_below_a_gap_are_rejected_and_not_lost(post):
    second = ["Vũ Trường", None, "Chuyên viên"]
    assert found([], ["Bùi B", None, post], second) == ([2, 4, 5], [4, 5], [])


@pytest.mark.parametrize("heading", ["Lãnh đạo Bộ", "Cán bộ các Vụ", "Vụ trưởng và tương đương"])
def test_people_without_birth_dates_below_the_heading_of_a_part_are_rejected(heading):
    assert found([], [heading], ["Bùi B", None, "Thứ trưởng"]) == ([2, 5], [5], [])


def test_people_without_birth_dates_below_a_total_are_rejected_and_not_lost():
    rows = (["Cộng: 1 người"], ["Trần Thị Bích", None, "Thứ trưởng"])
    assert found(*rows) == ([2, 4], [4], [])


def test_a_name_alone_below_a_gap_is_not_read_and_warned_of():
    assert found([], ["Bùi Văn B"], ["BÙI VĂN C"]) == ([2], [], [(4, "names_unread")])


@pytest.mark.parametrize(
    "rows",
    [
        (["Ghi chú: danh sách có thể thay đổi"], [None, None, "Ghi chú: xem công văn"]),
        (["Tổng số: 1 người"], [None, None, "Hà Nội, ngày 05 tháng 3 năm 2026"]),
        (["NGƯỜI LẬP BIỂU", None, "THỦ TRƯỞNG ĐƠN VỊ"], ["(Ký tên)", None, "(Ký tên, đóng dấu)"],
         [], ["Trần Thị Bích", None, "Lê Văn Cường"]),
        (["Người lập biểu"], ["(Ký, ghi rõ họ tên)"], [], [], ["Trần Thị Bích"]),
        ([None, None, "KT. BỘ TRƯỞNG"], [None, None, "THỨ TRƯỞNG"], [],
         ["Trần Thị Bích", None, "Lê Văn Cường"]),
        (["VỤ TRƯỞNG"], [], ["Trần Thị Bích", "(đã ký)"]),
        ([None, "PHÓ CỤC TRƯỞNG"], [], [None, "Trần Thị Bích"]),
        (["Người duyệt", None, "Kế toán trưởng"], [], ["TRẦN THỊ BÍCH", None, "LÊ VĂN CƯỜNG"]),
        (["Cục Chuyển đổi số", None, "Đơn vị đầu mối"],),
    ],
)  # fmt: skip
def test_text_below_a_list_is_no_person_and_no_warning(rows):
    assert found([], *rows) == ([2], [], [])


def test_a_numbered_row_with_a_name_alone_is_rejected_and_not_lost():
    assert codes(read(AN, [2, "Trần Thị Bích"]).errors) == [(3, "identity_missing")]


def test_a_row_that_says_who_but_no_name_is_rejected_and_not_lost():
    assert codes(read(AN, [2, None, "05/03/1980"]).errors) == [(3, "name_missing")]


def test_people_below_a_total_are_read_on():
    roster = read(AN, ["Tổng cộng: 1 người"], HEADINGS, AN)
    assert [row.number for row in roster.rows] == [2, 5]


def test_a_unit_written_once_for_several_people_is_everybodys():
    full = [*AN, "Chuyên viên", "Vụ Pháp chế"]
    roster = read(full, AN, AN, full[:-1], merged=["I2:I4"])
    assert [row.values.unit for row in roster.rows] == ["Vụ Pháp chế"] * 3 + [None]


def test_unused_columns_are_reported_once_for_the_file():
    roster = read([*AN, None, None, None, "x", "y"], headings=[*HEADINGS, "Mã ngạch", "Bậc"])
    assert not roster.warnings
    assert [note for note in roster.notes if "Mã ngạch, Bậc" in str(note)]


def test_headings_without_people_are_refused():
    with pytest.raises(RosterError) as problem:
        read([1], [2])
    assert problem.value.code == "no_rows"


# --- there and back ---


def in_good_order(text):
    return legacy_encoding(text) is None  # chance may write VNI


LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyÁẢĐẶẾỘỪỲ'’-"
words = st.text(LETTERS, min_size=1, max_size=7).filter(lambda w: w[0].isalpha())
texts = (
    st.text(LETTERS + '=+-@;,"&<( 0123', max_size=20)
    .map(lambda t: t.strip(" -–.") and tidy(t))
    .filter(in_good_order)
)


def is_name_alone(text):
    """Neither a title nor a placeholder; both have tests of their own."""
    words = text.casefold().split()
    return text.casefold() not in NOBODY and FIRST_WORDS.isdisjoint(words)


people = st.fixed_dictionaries(
    {
        "trainee_code": st.from_regex(r"HV-[A-Z0-9]{8}", fullmatch=True),
        "full_name": (
            st.lists(words, min_size=1, max_size=5)
            .map(" ".join)
            .filter(lambda name: in_good_order(name) and is_name_alone(name))
        ),
        "birth": st.dates(dt.date(1940, 1, 1), dt.date(2005, 1, 1)) | st.integers(1940, 2005),
        "sex": st.sampled_from(["Nam", "Nữ", "Male", "Female", ""]),
        "personal_number": st.from_regex(r"\*{9}[0-9]{3}|0[0-9]{10}1|", fullmatch=True),
        "phone": st.from_regex(r"0[35789][0-9]{8}|", fullmatch=True),
        "email": st.from_regex(r"[a-z]{3,8}@example\.gov\.vn|", fullmatch=True),
        "position": texts,
        "unit": texts,
        "trainee_kind": st.sampled_from(["cán bộ", "chuyên gia", "official", "expert", ""]),
        "remarks": texts,
    }
)


@settings(max_examples=50, deadline=None)
@given(st.lists(people, min_size=1, max_size=4), st.permutations(list(OWN_COLUMNS)), st.booleans())
def test_what_we_write_we_read(persons, order, as_csv):
    columns = roster_columns(order)
    rows = [[person[field] or None for field in order] for person in persons]
    pieces = write_csv(columns, rows) if as_csv else write_xlsx(columns, rows, sheet_name="Lớp 1")
    with clock.set_to(dt.date(2026, 11, 22)):
        roster = read_roster(b"".join(pieces), "x", bare_birth_years=True)
    assert not roster.errors
    for person_, row in zip(persons, roster.rows, strict=True):
        assert written(row.values) == person_


def written(values):
    """The cells that values were read from."""
    sexes = {"male": ("Nam", "Male"), "female": ("Nữ", "Female"), None: ("", "")}
    kinds = {"official": ("cán bộ", "official"), "expert": ("chuyên gia", "expert"), None: ("", "")}
    return {
        "trainee_code": values.trainee_code,
        "full_name": values.full_name,
        "birth": values.birth_date or values.birth_year,
        "sex": Either(sexes[values.sex]),
        "personal_number": values.personal_number or values.masked_number or "",
        "phone": values.phone or "",
        "email": values.email or "",
        "position": values.position or "",
        "unit": values.unit or "",
        "trainee_kind": Either(kinds[values.texts.get("trainee_kind")]),
        "remarks": values.texts.get("remarks", ""),
    }


class Either(tuple[str, ...]):
    """Equal to each of its texts: two languages name one sex."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # compared, never hashed

    def __eq__(self, other):
        return other in tuple(self)
