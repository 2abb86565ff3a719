"""Calendar files: what a telephone reads is what was meant."""

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from common import clock
from common.calendars import Meeting, calendar_file

START = dt.datetime(2026, 3, 10, 8, tzinfo=clock.HANOI)


def meeting(**fields) -> Meeting:
    first = Meeting("AI-101-1-1@699", START, START + dt.timedelta(hours=3), "Mở đầu")
    return replace(first, **fields)


def test_a_morning_in_hanoi_is_written_in_utc():
    text = calendar_file([meeting(location="Phòng A, tầng 2; nhà B")])
    assert "DTSTART:20260310T010000Z\r\n" in text
    assert "DTEND:20260310T040000Z\r\n" in text
    assert "LOCATION:Phòng A\\, tầng 2\\; nhà B\r\n" in text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=200))
def test_long_lines_are_folded_and_read_back_whole(title):
    text = calendar_file([meeting(title=title)])
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    (found,) = [line for line in unfolded.split("\r\n") if line.startswith("SUMMARY:")]
    plain = found.removeprefix("SUMMARY:")
    for special in ",;\\":
        plain = plain.replace(f"\\{special}", special)
    assert plain == title


def test_nothing_in_a_title_can_add_a_line_of_its_own():
    text = calendar_file([meeting(title="x\r\nATTENDEE:mailto:a@b")])
    assert "\r\nATTENDEE" not in text
