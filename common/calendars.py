"""Meetings as calendar files (iCalendar, RFC 5545) and as invitations by mail (iTIP, RFC 5546)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from email.mime.text import MIMEText
from functools import lru_cache
from typing import TYPE_CHECKING

from django.core.mail import EmailMultiAlternatives

from common import clock

if TYPE_CHECKING:
    from icalendar import Alarm, Calendar, Event, Timezone

REQUEST, CANCEL = "REQUEST", "CANCEL"
MIME_TYPE = "text/calendar"
_PRODUCT = "-//699//Timetable//VI"
_REFRESH = dt.timedelta(hours=1)
_ALARM = dt.timedelta(hours=-1)
_END = "END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Meeting:
    """``sequence`` grows with each change of which calendars are told."""

    uid: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str
    sequence: int
    changed_at: dt.datetime
    location: str = ""
    description: str = ""
    link: str = ""
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Mailbox:
    address: str
    name: str = ""


def calendar_file(meetings: Iterable[Meeting], *, name: str) -> bytes:
    """The same meetings give the same bytes."""
    calendar = _calendar()
    calendar.calendar_name = name
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_time_zone())
    for meeting in meetings:
        # Without a METHOD this is the instant of the last change (RFC 5545, 3.8.7.2).
        event = _event(meeting, stamp=meeting.changed_at)
        if not meeting.is_cancelled:
            event.add_component(_alarm(meeting.title))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def invitations(meetings: Iterable[Meeting], *, organizer: Mailbox, attendee: Mailbox) -> str:
    """One iCalendar object for each meeting: those of an invitation share one UID (RFC 5546, 3.2).

    The attendee is the recipient alone: nobody reads who else is invited.
    """
    return "".join(
        _invitation(meeting, organizer, attendee).to_ical().decode() for meeting in meetings
    )


def _invitation(meeting: Meeting, organizer: Mailbox, attendee: Mailbox) -> "Calendar":
    from icalendar import vCalAddress

    calendar = _calendar()
    calendar.add("method", CANCEL if meeting.is_cancelled else REQUEST)
    calendar.add_component(_time_zone())
    event = _event(meeting, stamp=clock.now())
    event.add("organizer", vCalAddress(f"mailto:{organizer.address}"), {"CN": organizer.name})
    event.add(
        "attendee",
        vCalAddress(f"mailto:{attendee.address}"),
        # Whoever has a seat takes part: a reply would reach nobody.
        {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"},
    )
    if not meeting.is_cancelled:
        event.add_component(_alarm(meeting.title))
    calendar.add_component(event)
    return calendar


def _calendar() -> "Calendar":
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


@lru_cache(maxsize=1)
def _time_zone() -> "Timezone":
    from icalendar import Timezone

    # Hà Nội has kept one offset since 1975, so that this holds for good.
    zone = Timezone.from_tzinfo(clock.HANOI, first_date=dt.date(2000, 1, 1))
    zone.pop("comment", None)
    return zone


def _event(meeting: Meeting, *, stamp: dt.datetime) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", meeting.uid)
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", stamp.astimezone(dt.UTC))
    event.add("last-modified", meeting.changed_at.astimezone(dt.UTC))
    event.add("dtstart", meeting.starts_at.astimezone(clock.HANOI))
    event.add("dtend", meeting.ends_at.astimezone(clock.HANOI))
    event.add("summary", _one_line(meeting.title))
    for name, text in (("location", meeting.location), ("description", meeting.description)):
        if text:
            event.add(name, text)
    if meeting.link:
        event.add("url", meeting.link)
    event.add("status", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if meeting.is_cancelled else "OPAQUE")
    return event


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _alarm(title: str) -> "Alarm":
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _one_line(title))
    alarm.add("trigger", _ALARM)
    return alarm


# In mail --------------------------------------------------------------------------------


def attach_invitations(message: EmailMultiAlternatives, text: str) -> None:
    """Attach what ``invitations`` made: a part and a file ``.ics`` for each meeting.

    A single one also stands beside the text, where most mail programs look for it.
    """
    found = [f"{part}{_END}" for part in text.split(_END) if part]
    for number, one in enumerate(found, start=1):
        message.attach(_part(one, f"session-{number}.ics"))
    if len(found) == 1:
        message.attach_alternative(found[0], f"{MIME_TYPE}; method={_method_of(found[0])}")


def _part(text: str, name: str) -> MIMEText:
    part = MIMEText(text, "calendar", "utf-8")
    part.set_param("method", _method_of(text))
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def _method_of(text: str) -> str:
    return CANCEL if f"\r\nMETHOD:{CANCEL}\r\n" in text else REQUEST
