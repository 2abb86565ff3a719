"""Calendar files: what a calendar program reads is what was meant."""

import datetime as dt
from dataclasses import replace
from email import message_from_bytes
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from common import clock
from common.calendars import (
    CANCEL,
    REQUEST,
    Mailbox,
    Meeting,
    attach_invitations,
    calendar_file,
    invitations,
)

START = dt.datetime(2026, 3, 10, 8, tzinfo=clock.HANOI)
OFFICE, AN = Mailbox("office@x.vn", "Chương trình 699"), Mailbox("an@x.vn")


def meeting(**fields) -> Meeting:
    first = Meeting("a-1", START, START + dt.timedelta(hours=3), "Mở đầu", 0, START)
    return replace(first, **fields)


def written(*meetings: Meeting) -> str:
    return calendar_file(meetings, name="Lớp AI").decode()


def events(text: str | bytes) -> list:
    return Calendar.from_ical(text).walk("VEVENT")


def test_a_morning_in_hanoi_is_written_in_its_time_zone():
    text = written(meeting(location="Phòng A, tầng 2; nhà B"))
    assert "DTSTART;TZID=Asia/Ho_Chi_Minh:20260310T080000\r\n" in text
    assert "TZID:Asia/Ho_Chi_Minh\r\n" in text
    (zone,) = Calendar.from_ical(text).walk("VTIMEZONE")
    (standard,) = zone.subcomponents
    assert standard["TZOFFSETTO"].to_ical() == "+0700"
    (event,) = events(text)
    assert event.start == START
    assert event["LOCATION"] == "Phòng A, tầng 2; nhà B"


def test_a_calendar_says_its_name_how_often_to_ask_and_when_to_remind():
    text = written(meeting())
    assert "X-WR-CALNAME:Lớp AI\r\n" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    (event,) = events(text)
    (alarm,) = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == dt.timedelta(hours=-1)


def test_what_is_cancelled_says_so_and_reminds_of_nothing():
    (event,) = events(written(meeting(is_cancelled=True, sequence=3)))
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 3)
    assert event.walk("VALARM") == []


def test_the_same_meetings_give_the_same_bytes():
    assert written(meeting()) == written(meeting())


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=200))
def test_long_lines_are_folded_and_read_back_whole(title):
    text = written(meeting(title=title))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    (event,) = events(text)
    assert event["SUMMARY"] == title


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_nothing_in_a_text_can_add_a_line_of_its_own(text):
    hostile = f"x\r\nATTENDEE:mailto:a@b\r{text}"
    found = meeting(title=hostile, location=hostile, description=hostile)
    assert "\r\nATTENDEE" not in written(found)


def test_an_invitation_names_the_office_and_its_reader_alone():
    text = invitations([meeting(), meeting(uid="b-2")], organizer=OFFICE, attendee=AN)
    read = Calendar.from_ical(text, multiple=True)
    # RFC 5546, 3.2: the events of one invitation share a UID.
    assert [[str(event["UID"]) for event in one.walk("VEVENT")] for one in read] == [
        ["a-1"],
        ["b-2"],
    ]
    for one in read:
        (event,) = one.walk("VEVENT")
        assert one["METHOD"] == "REQUEST"
        assert event["ORGANIZER"] == "mailto:office@x.vn"
        assert event["ATTENDEE"] == "mailto:an@x.vn"


@pytest.mark.parametrize(("is_cancelled", "method"), [(False, REQUEST), (True, CANCEL)])
def test_a_mail_carries_an_invitation_as_a_part_and_as_a_file(is_cancelled, method):
    message = EmailMultiAlternatives("Lớp", "Nội dung", to=[AN.address])
    message.attach_alternative("<p>Nội dung</p>", "text/html")
    text = invitations([meeting(is_cancelled=is_cancelled)], organizer=OFFICE, attendee=AN)
    attach_invitations(message, text)
    parts = [
        part
        for part in message_from_bytes(message.message().as_bytes()).walk()
        if part.get_content_type() == "text/calendar"
    ]
    assert [part.get_param("method") for part in parts] == [method, method]
    assert sorted(filter(None, (part.get_filename() for part in parts))) == ["session-1.ics"]
    for part in parts:
        content: Any = part.get_payload(decode=True)
        read = Calendar.from_ical(content)
        assert read["METHOD"] == method
