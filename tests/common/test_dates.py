"""Dates are printed as offices print them and read without guessing."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import clock
from common.clock import end_of_day, today
from common.dates import (
    DateError,
    check_birth,
    format_date,
    format_long,
    parse_birth,
    parse_date,
)

MARCH_5 = dt.date(1980, 3, 5)
days = st.dates(dt.date(1900, 3, 1), dt.date(2099, 12, 31))


@pytest.mark.parametrize(
    "value",
    [
        "05/03/1980",
        "5/3/1980",
        " 05-03-1980 ",
        "05.03.1980",
        "05 / 03 / 1980",
        "1980-03-05",
        "1980/03/05",
        "1980-03-05 00:00:00",
        "1980-03-05T00:00:00",
        "'05/03/1980",
        "05/03/1980 07:00:00",
        "5/3/1980 23:59",
        "05-03-1980  12:00:00 AM",
        "1980-03-05 07:30:00.000",
        "1980-03-05T17:00",
        "ngày 05 tháng 3 năm 1980",
        "Ngày 5 tháng 03 năm 1980",
        "ngay 05 thang 3 nam 1980",
        "nga\u0300y 05 tha\u0301ng 3 na\u0306m 1980",
        "29285",
        " '29285 ",
        MARCH_5,
        dt.datetime(1980, 3, 5, 0, 0),
        29285,
        29285.0,
    ],
)
def test_every_form_of_a_date_is_the_same_day(value):
    assert parse_birth(value) == MARCH_5


@pytest.mark.parametrize("value", ["1984", " 1984 ", 1984, 1984.0])
def test_a_bare_year_stays_a_year(value):
    assert parse_birth(value) == 1984


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("31/02/1980", "date_impossible"),
        ("12/25/1980", "date_impossible"),
        ("00/01/1980", "date_impossible"),
        ("05/03/80", "date_short_year"),
        ("5-3-80", "date_short_year"),
        ("05/03-1980", "date_unreadable"),
        ("03/1980", "date_unreadable"),
        ("không rõ", "date_unreadable"),
        ("", "date_unreadable"),
        ("90000", "date_unreadable"),
        ("292850", "date_unreadable"),
        ("02928", "date_unreadable"),
        ("ngày 31 tháng 2 năm 1980", "date_impossible"),
        ("Hà Nội, ngày 05 tháng 3 năm 1980", "date_unreadable"),
        ("ngày 05 tháng 3 năm 80", "date_unreadable"),
        ("05/03/1980 25:00", "date_unreadable"),
        ("05/03/1980 lúc 7 giờ", "date_unreadable"),
        ("1980-03-04T17:00:00Z", "date_unreadable"),
        ("05/03/1980 07", "date_unreadable"),
        (5031980, "date_unreadable"),
        (0, "date_unreadable"),
        (float("nan"), "date_unreadable"),
        (float("inf"), "date_unreadable"),
        (True, "date_unreadable"),
        (None, "date_unreadable"),
        ("1٩80", "date_unreadable"),
    ],
)
def test_what_is_no_date_is_refused_and_never_guessed(value, code):
    with pytest.raises(DateError) as problem:
        parse_birth(value)
    assert problem.value.code == code


def test_a_date_needs_more_than_a_year():
    with pytest.raises(DateError):
        parse_date("1984")


@given(days, st.sampled_from("/-."))
def test_a_written_day_is_read_back(day, sign):
    assert parse_birth(format_date(day).replace("/", sign)) == day
    assert parse_birth(day.isoformat()) == day


@given(days)
def test_a_serial_number_is_read_as_its_day(day):
    serial = (day - dt.date(1899, 12, 30)).days
    if serial not in range(1900, 2100):
        assert parse_birth(serial) == day


@given(st.text(max_size=20) | st.floats() | st.integers())
def test_reading_gives_a_date_a_year_or_a_problem(value):
    try:
        parsed = parse_birth(value)
    except DateError:
        return
    assert isinstance(parsed, dt.date | int)


@pytest.mark.parametrize(
    ("birth", "code"),
    [
        (dt.date(2026, 3, 6), "birth_in_future"),
        (2035, "birth_in_future"),
        (dt.date(2026, 3, 5), "birth_implausible"),
        (dt.date(2015, 1, 1), "birth_implausible"),
        (1925, "birth_implausible"),
    ],
)
def test_an_unbelievable_birth_is_refused(birth, code):
    with clock.set_to(dt.date(2026, 3, 5)), pytest.raises(DateError) as problem:
        check_birth(birth)
    assert problem.value.code == code


@pytest.mark.parametrize("birth", [dt.date(2008, 1, 1), 1926, dt.date(1967, 1, 14)])
def test_a_believable_birth_passes(birth):
    with clock.set_to(dt.date(2026, 3, 5)):
        check_birth(birth)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (dt.date(2026, 3, 5), "ngày 05 tháng 3 năm 2026"),
        (dt.date(2026, 1, 10), "ngày 10 tháng 01 năm 2026"),
        (dt.date(2026, 2, 28), "ngày 28 tháng 02 năm 2026"),
        (dt.date(2026, 12, 9), "ngày 09 tháng 12 năm 2026"),
    ],
)
def test_documents_write_dates_with_their_own_zeros(day, text):
    assert format_long(day) == text


def test_the_day_changes_at_midnight_in_hanoi():
    with clock.set_to(dt.datetime(2026, 3, 5, 16, 59, tzinfo=dt.UTC)):
        assert today() == dt.date(2026, 3, 5)
    with clock.set_to(dt.datetime(2026, 3, 5, 17, 0, tzinfo=dt.UTC)):
        assert today() == dt.date(2026, 3, 6)


def test_a_day_ends_just_before_the_next_in_hanoi():
    end = end_of_day(dt.date(2026, 3, 5))
    assert end + dt.timedelta(microseconds=1) == dt.datetime(2026, 3, 5, 17, tzinfo=dt.UTC)
