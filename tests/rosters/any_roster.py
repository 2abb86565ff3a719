"""Rosters as agencies may send them: any layout, wording, type and form, with who stands in them.

One row of headings or two, merged or not, under a letter or at the top; names in one column or
split; one birth column or one for each sex; true dates, serial numbers, texts and bare years; as a
workbook or as CSV.
"""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from common.dates import format_long
from common.vietnamese import tidy
from rosters.fields import FIELDS
from tests.common.workbooks import workbook

# What our own lists hold that an import reads back, without the running number.
OWN_COLUMNS: Final = tuple(
    field.key
    for field in FIELDS
    if field.by_default and field.is_importable and field.key != "index"
)

HEADINGS: Final = {
    "full_name": [
        "Họ và tên", "HỌ TÊN", "Ho va ten", "Full name", "Họ và tên (chữ in hoa) *",
        "Họ và tên cán bộ, công chức", "Họ, tên đệm và tên", "Họ và tên\nFull name",
        "Name of trainee", "Participant's name", "Họ và tên người được cử đi bồi dưỡng",
    ],
    "birth": [
        "Ngày sinh", "Ngày, tháng, năm sinh", "NĂM SINH", "Date of birth", "Sinh ngày:",
        "Ngày/tháng/năm sinh", "Ngay thang nam sinh", "Ngày sinh / Date of birth (dd/mm/yyyy)",
    ],
    "sex": ["Giới tính", "Giới tính (Nam/Nữ)", "Nam/Nữ", "Gender", "Phái", "Male / Female"],
    "personal_number": [
        "Số CCCD", "CCCD/CMND", "Số định danh cá nhân", "Citizen ID", "Số thẻ CCCD", "ID No.",
        "Số căn cước/CCCD", "Số CMND hoặc CCCD", "Passport / ID", "CCCD/Hộ chiếu",
        "National ID number",
    ],
    "phone": [
        "Điện thoại", "SĐT", "Số ĐT liên hệ", "Mobile", "Số ĐT di động", "SĐT/Zalo", "Tel.",
        "Phone No.",
    ],
    "email": ["Email", "E-mail", "Thư điện tử", "Địa chỉ email", "Hộp thư công vụ", "Mail"],
    "position": [
        "Chức vụ", "Chức danh", "Chức vụ, chức danh", "Job title", "Chức vụ hiện nay",
        "Chức vụ/Chức danh", "Ngạch/Chức danh", "Current position", "Chức vụ của học viên",
    ],
    "unit": [
        "Đơn vị công tác", "Đơn vị", "Cơ quan, đơn vị", "Department", "Agency / Unit",
        "Đơn vị công tác hiện nay", "Cơ quan / phòng ban", "Work unit",
    ],
    "trainee_kind": [
        "Cán bộ/chuyên gia", "Đối tượng", "CÁN BỘ / CHUYÊN GIA", "Official or expert",
        "Đối tượng (cán bộ, chuyên gia)", "Cán bộ/Chuyên gia - Official/Expert",
        "Đối tượng học viên",
    ],
    "remarks": ["Ghi chú", "Remarks", "Ghi chú khác", "Note"],
}  # fmt: skip
SPLIT_NAMES: Final = [
    ("Họ và tên đệm", "Tên"), ("Họ đệm", "Tên"), ("Họ và chữ đệm", "Tên"),
    ("Surname", "Given name"),
]  # fmt: skip
BIRTHS_BY_SEX: Final = [
    ("Ngày sinh Nam", "Ngày sinh Nữ"), ("Năm sinh (nam)", "Năm sinh (nữ)"),
    ("Date of birth (male)", "Date of birth (female)"),
]  # fmt: skip
SEXES: Final = [("Nam", "Nữ"), ("Male", "Female"), ("Giới tính: Nam", "Giới tính: Nữ")]
# A heading over two columns, what stands below it over ours, and over the other with what it holds.
DRAWN_OVER: Final = {
    "personal_number": ("Căn cước công dân", "Số", ("Ngày cấp", "01/02/2021")),
    "phone": ("Điện thoại", "Di động", ("Cơ quan", "02438220000")),
    "unit": ("Đơn vị công tác", "Tên đơn vị", ("Tên", "Cục B")),
    "position": ("Chức vụ, đơn vị công tác", "Chức vụ", ("Cấp", "Vụ")),
}
NOT_OURS: Final = ["Mã ngạch", "Học vị", "Ngày vào Đảng"]
SEX_WORDS: Final = {"male": ["Nam", "nam", "NAM", "Male"], "female": ["Nữ", "nữ", "Nu", "F"]}
KIND_WORDS: Final = {
    "official": ["Cán bộ", "CÁN BỘ", "can bo", "Công chức", "Official", "CBCCVC", "Cán bộ quản lý"],
    "expert": ["Chuyên gia", "chuyên gia CNTT", "Expert", "CG"],
}

NAMES: Final = [
    "Nguyễn Văn An", "H'Hen Niê", "K'Brêu", "Đỗ Ý", "Trần Thị Bình", "Lý", "Lê Thị Hoà", "Lê Nam",
    "Nguye\u0302\u0303n Va\u0306n A\u0301nh", "Phạm-Lê Thuỷ", "ĐẶNG  QUỐC",
]  # fmt: skip
PLAIN: Final = st.sampled_from([None, "Chuyên viên", "Phó Vụ trưởng", "Vụ Pháp chế", "00123"])
BIRTHS: Final = st.dates(dt.date(1950, 1, 1), dt.date(2005, 12, 31))
# Of a number that ends in 0000 a program may have lost the last digits: it is rejected.
NUMBERS: Final = (
    st.integers(1_000_000_000, 96 * 10**9)
    .filter(lambda number: number % 10_000)
    .map(lambda number: f"{number:012d}")
)
SPREADSHEET_EPOCH: Final = dt.date(1899, 12, 30)


@dataclass(frozen=True)
class Sent:
    """A file, and the values that reading it must give, as ``values_of``."""

    content: bytes
    file_name: str
    people: list[dict[str, Any]]


@dataclass
class Block:
    """Columns that belong together: their headings on two rows, and each person's cells."""

    top: list[str | None]
    lower: list[str | None]
    cells: list[tuple[Any, ...]]


@st.composite
def rosters(draw: Any, texts: st.SearchStrategy[str | None] = PLAIN) -> Sent:
    """Any roster of a few people; ``texts`` are their positions, units and notes."""
    form, people = draw(st.sampled_from(["xlsx", "csv"])), draw(_people(texts))
    blocks = draw(_blocks(people, form))
    if draw(st.booleans()) and not any(any(block.lower) for block in blocks):
        blocks = draw(_grouped(blocks))
    width = sum(len(block.top) for block in blocks)
    heads = [[text for block in blocks for text in block.top]]
    if any(any(block.lower) for block in blocks):
        heads.append([text for block in blocks for text in block.lower])
    above = [["Kính gửi: Ban quản lý chương trình"], []] * draw(st.integers(0, 2))
    numbered = [[f"({at + 1})" for at in range(width)]] * draw(st.integers(0, 1))
    cells = [[cell for block in blocks for cell in block.cells[at]] for at in range(len(people))]
    rows = [*above, *heads, *numbered, *cells]
    if form == "csv":
        return Sent(draw(_csv(rows, width)), "any.csv", people)
    merged = _merged(blocks, len(above) + 1, len(heads))
    return Sent(workbook(*rows, merged=merged), "any.xlsx", people)


@st.composite
def _people(draw: Any, texts: st.SearchStrategy[str | None]) -> list[dict[str, Any]]:
    sex = st.sampled_from(["male", "female"])
    person = st.fixed_dictionaries({
        "full_name": st.sampled_from(NAMES),
        "birth": BIRTHS | st.integers(1950, 2005),
        "sex": sex if draw(st.booleans()) else sex | st.none(),
        "personal_number": NUMBERS | st.none(),
        "phone": st.sampled_from(["0912345678", None]),
        "email": st.sampled_from(["an@example.gov.vn", None]),
        "position": texts,
        "unit": texts,
        "trainee_kind": st.sampled_from([*KIND_WORDS, None]),
        "remarks": texts,
    })  # fmt: skip
    people: list[dict[str, Any]] = draw(st.lists(person, min_size=1, max_size=4))
    return people


@st.composite
def _blocks(draw: Any, people: list[dict[str, Any]], form: str) -> list[Block]:
    """The columns in any order; a column may be left out."""
    optional = ["personal_number", "phone", "email", "position", "unit", "trainee_kind", "remarks"]
    chosen = draw(st.lists(st.sampled_from(optional), unique=True))
    for field in set(optional) - set(chosen):
        for person in people:
            person[field] = None
    blocks = [draw(_names(people, form)), *draw(_births_and_sexes(people, form))]
    for field in chosen:
        cells = [draw(_cell(field, person, form)) for person in people]
        if field in DRAWN_OVER and draw(st.booleans()):
            blocks.append(_drawn_over(field, cells, draw(st.booleans())))
            continue
        heading = draw(st.sampled_from(HEADINGS[field]))
        blocks.append(Block([heading], [None], [(cell,) for cell in cells]))
    others = draw(st.lists(st.sampled_from(NOT_OURS), unique=True, max_size=2))
    blocks += [Block([heading], [None], [("01.003",)] * len(people)) for heading in others]
    if draw(st.booleans()):
        schooling = [("Thạc sĩ", "Cao cấp")] * len(people)
        blocks.append(Block(["Trình độ", None], ["Chuyên môn", "Lý luận chính trị"], schooling))
    blocks = draw(st.permutations(blocks))
    if draw(st.booleans()):
        index = [(number,) for number in range(1, len(people) + 1)]
        blocks = [Block(["STT"], [None], index), *blocks]
    return blocks


def _drawn_over(field: str, cells: Sequence[Any], is_first: bool) -> Block:
    """A field beside a column of another kind, under one heading."""
    over, own, (other, holds) = DRAWN_OVER[field]
    pairs: list[tuple[Any, ...]] = [(own, other), *((cell, holds) for cell in cells)]
    lower, *rows = pairs if is_first else [pair[::-1] for pair in pairs]
    return Block([over, None], [*lower], rows)


@st.composite
def _names(draw: Any, people: list[dict[str, Any]], form: str) -> Block:
    whole = [(person["full_name"],) for person in people]
    parts = [(family or None, given) for family, _, given in (n.rpartition(" ") for (n,) in whole)]
    ways = ["one column", "two headings", "two rows", *(["drawn over two"] * (form == "xlsx"))]
    heading = draw(st.sampled_from(HEADINGS["full_name"]))
    split = draw(st.sampled_from(SPLIT_NAMES))
    match draw(st.sampled_from(ways)):
        case "one column":
            return Block([heading], [None], whole)
        case "two headings":
            return Block([*split], [None, None], parts)
        case "two rows":
            return Block([heading, None], [*split], parts)
    return Block([heading, None], [None, None], parts)


@st.composite
def _births_and_sexes(draw: Any, people: list[dict[str, Any]], form: str) -> list[Block]:
    births = [draw(_cell("birth", person, form)) for person in people]
    heading = draw(st.sampled_from(HEADINGS["birth"]))
    by_sex = all(person["sex"] for person in people)
    ways = ["sex", "none", *(["births by sex", "below", "marks"] if by_sex else [])]
    match draw(st.sampled_from(ways)):
        case "births by sex":
            heads = [*draw(st.sampled_from(BIRTHS_BY_SEX))]
            return [Block([*heads], [None, None], _under_sexes(people, births))]
        case "below":
            return [Block([heading, None], ["Nam", "Nữ"], _under_sexes(people, births))]
        case "marks":
            heads = [*draw(st.sampled_from(SEXES))]
            marks = Block([*heads], [None, None], _under_sexes(people, ["x"] * len(people)))
            return [Block([heading], [None], [(b,) for b in births]), marks]
        case "sex":
            words = [(draw(_cell("sex", person, form)),) for person in people]
            sexes = Block([draw(st.sampled_from(HEADINGS["sex"]))], [None], words)
            return [Block([heading], [None], [(b,) for b in births]), sexes]
    for person in people:
        person["sex"] = None
    return [Block([heading], [None], [(b,) for b in births])]


def _under_sexes(people: Sequence[dict[str, Any]], cells: Sequence[Any]) -> list[tuple[Any, ...]]:
    pairs = zip(people, cells, strict=True)
    return [(cell, None) if p["sex"] == "male" else (None, cell) for p, cell in pairs]


@st.composite
def _cell(draw: Any, field: str, person: dict[str, Any], form: str) -> Any:
    """One of the ways to write a value."""
    value: Any = person[field]
    ways: list[Any]
    if value is None:
        return None
    match field, value:
        case "birth", dt.date():
            ways = [f"{value:%d/%m/%Y}", f"{value:%d-%m-%Y}", f"{value:%d.%m.%Y}", f"{value}"]
            ways += [f"{value:%d/%m/%Y} 07:00:00", format_long(value), str(serial(value))]
            ways += [value, serial(value)] if form == "xlsx" else []
        case "birth", _:
            ways = [value, str(value)]
        case "sex", _:
            ways = SEX_WORDS[value]
        case "trainee_kind", _:
            ways = KIND_WORDS[value]
        case "personal_number", _:
            ways = [value, int(value)]
        case "phone", _:
            ways = [value, int(value), "+84 912 345 678"]
        case _:
            ways = [value]
    return draw(st.sampled_from(ways))


@st.composite
def _grouped(draw: Any, blocks: list[Block]) -> list[Block]:
    """The headings on the lower row, below titles that speak of several columns."""
    titles = iter(["Thông tin cá nhân", "Công tác và liên hệ"])
    cuts = {0, draw(st.integers(0, len(blocks) - 1))}
    return [
        Block([next(titles) if at in cuts else None, *block.top[1:]], block.top, block.cells)
        if len(block.top) == 1
        else Block(
            [next(titles) if at in cuts else None, *[None] * (len(block.top) - 1)],
            block.top,
            block.cells,
        )
        for at, block in enumerate(blocks)
    ]


def serial(day: dt.date) -> int:
    """The number of a day in spreadsheets."""
    return (day - SPREADSHEET_EPOCH).days


def _merged(blocks: Sequence[Block], row: int, heads: int) -> list[str]:
    """Headings drawn over the columns and rows that they speak of."""
    areas, column = [], 1
    for block in blocks:
        width = len(block.top)
        left, right = get_column_letter(column), get_column_letter(column + width - 1)
        if width == 2 and block.lower[0] and block.lower[1] is None:
            areas.append(f"{left}{row + 1}:{right}{row + 1}")
        elif width == 2 and block.top[0] and block.top[1] is None:
            last = row if any(block.lower) else row + heads - 1
            areas.append(f"{left}{row}:{right}{last}")
        elif width == 1 and heads == 2 and block.lower[0] is None:
            areas.append(f"{left}{row}:{left}{row + 1}")
        column += width
    return areas


@st.composite
def _csv(draw: Any, rows: Sequence[Sequence[Any]], width: int) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=draw(st.sampled_from(";,\t")))
    for row in rows:
        writer.writerow([*row, *[None] * (width - len(row))])
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return file.getvalue().encode(encoding)


def values_of(values: Any) -> dict[str, Any]:
    """What was read of a person, in the words of ``Sent``."""
    return {
        "full_name": values.full_name,
        "birth": values.birth_date or values.birth_year,
        **{field: values.get(field) for field in HEADINGS if field not in ("full_name", "birth")},
    }


def expected(sent: Sent) -> list[dict[str, Any]]:
    """The values that reading must give; names are tidied."""
    return [person | {"full_name": tidy(person["full_name"])} for person in sent.people]
