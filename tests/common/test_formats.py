"""Days and numbers as pages write them."""

import datetime as dt

import pytest
from django.utils import translation

from common import formats

DAY = dt.date(2026, 3, 5)


def test_a_day_is_written_day_first_in_every_language():
    assert formats.day(DAY) == "05/03/2026"
    assert formats.day(None) == ""


def test_one_day_is_not_written_as_a_span():
    assert formats.days(DAY, DAY) == "05/03/2026"
    assert formats.days(DAY, dt.date(2026, 3, 7)) == "05/03/2026 – 07/03/2026"


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        (None, None, ""),
        (DAY, None, "từ 05/03/2026"),
        (None, DAY, "đến hết 05/03/2026"),
        (DAY, dt.date(2026, 3, 7), "05/03/2026 – 07/03/2026"),
    ],
)
def test_a_term_may_be_open_at_either_end(first, last, text):
    with translation.override("vi"):
        assert formats.term(first, last) == text


@pytest.mark.parametrize(("hour", "day"), [(16, 5), (17, 6)])
def test_the_day_of_an_instant_is_that_of_hanoi(hour, day):
    moment = dt.datetime(2026, 3, 5, hour, 30, tzinfo=dt.UTC)
    assert formats.local_day(moment) == dt.date(2026, 3, day)


@pytest.mark.parametrize(("language", "text"), [("vi", "1.234.567"), ("en", "1,234,567")])
def test_thousands_stand_apart_as_the_reader_writes_them(language, text):
    with translation.override(language):
        assert formats.number(1_234_567) == text
