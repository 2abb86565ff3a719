"""Meetings as a calendar file (iCalendar, RFC 5545)."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from common import clock

_LONGEST = 75  # octets of one line


@dataclass(frozen=True, slots=True)
class Meeting:
    uid: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str
    location: str = ""
    link: str = ""


def calendar_file(meetings: Iterable[Meeting]) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//699//Timetable//VI"]
    for meeting in meetings:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_escaped(meeting.uid)}",
            f"DTSTAMP:{_instant(clock.now())}",
            f"DTSTART:{_instant(meeting.starts_at)}",
            f"DTEND:{_instant(meeting.ends_at)}",
            f"SUMMARY:{_escaped(meeting.title)}",
        ]
        lines += [f"LOCATION:{_escaped(meeting.location)}"] if meeting.location else []
        lines += [f"URL:{_escaped(meeting.link)}"] if meeting.link else []
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _instant(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for special in "\\;,":
        text = text.replace(special, f"\\{special}")
    return " ".join(text.split())


def _folded(line: str) -> str:
    # RFC 5545: at most 75 octets per line, never cut inside a character.
    parts, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > _LONGEST:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += octets
    return "\r\n".join(parts)
