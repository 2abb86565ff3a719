"""The quick reader gives the same result as the careful one."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.spreadsheets import CellError, Formula, Row, Sheet
from rosters.importing.layouts.layout import Layout
from rosters.importing.rows.person import read_person
from rosters.importing.rows.quick import QuickReader

FIELDS = (
    "full_name", "birth", "sex", "personal_number", "phone", "email", "position", "unit", "remarks",
    "trainee_code", "run_code", "trainee_kind",
)  # fmt: skip
LAYOUT = Layout(
    Sheet("1", lambda: iter(())),
    1,
    2,
    {field: at for at, field in enumerate(FIELDS)},
    dict(enumerate(FIELDS)),
)
TODAY = dt.date(2026, 11, 22)
ANYTHING = st.one_of(
    st.none(), st.text(max_size=12), st.integers(0, 10**12), st.floats(allow_nan=False),
    st.booleans(), st.dates(), st.datetimes(), st.just(CellError("#N/A")),
    st.just(Formula("An")), st.sampled_from(["-", "x", " ", "'=1", "Nguyeãn Vaên", "a" * 160]),
)  # fmt: skip
USUAL = {
    "full_name": st.sampled_from(["Nguyễn Văn An", "H'Hen Niê", "  Lê  Hòa ", "Trần Thị Bình"]),
    "birth": st.sampled_from(
        [
            dt.date(1980, 3, 5),
            "05/03/1980",
            "1980",
            1980,
            dt.date(2020, 1, 1),
            "29285",
            "05/03/1980 07:00:00",
            "ngày 05 tháng 3 năm 1980",
        ]
    ),
    "sex": st.sampled_from(["Nam", "Nữ", "nữ ", "male", "?"]),
    "personal_number": st.sampled_from(["001080123456", "001180123456", "*********456", "0" * 12]),
    "phone": st.sampled_from(["0912345678", "912345678", "+84912345678", 912345678, "012"]),
    "email": st.sampled_from(["an@example.vn", "An@Example.vn", "a..b@example.vn", "x"]),
    "position": st.sampled_from(["Chuyên viên", "c" * 151]),
    "unit": st.sampled_from(["Vụ 1", "c" * 151]),
    "remarks": st.sampled_from(["nghỉ", "c" * 151]),
    "trainee_code": st.sampled_from(["HV-7K3M9QXB", "hv-7k3m9qxb", "HV - 7K3M9QXB", "HV-1"]),
    "run_code": st.sampled_from(["AI-2026-01", "c" * 151]),
    "trainee_kind": st.sampled_from(["Cán bộ", "chuyên gia", "không rõ", "không", "cán bộ - CG"]),
}
CELLS = st.tuples(*(st.one_of(USUAL[field], st.none(), ANYTHING) for field in FIELDS))
GOOD = st.tuples(*(USUAL[field] for field in FIELDS))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(CELLS, GOOD), min_size=1, max_size=8), st.booleans())
def test_every_row_is_read_as_the_careful_reader_reads_it(rows, bare_years):
    quick = QuickReader(LAYOUT, bare_birth_years=bare_years, today=TODAY)
    for number, cells in enumerate([*rows, *rows], start=2):
        row = Row(number, cells)
        careful = read_person(LAYOUT, row, bare_birth_years=bare_years, today=TODAY)
        assert quick.read(row) == careful
