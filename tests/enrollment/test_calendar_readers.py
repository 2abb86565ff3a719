"""Other programs' libraries read our calendars as icalendar does: a class as it changes."""

import datetime as dt
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.choices import CalendarScope
from enrollment.services.announcements import announce
from enrollment.services.calendar_addresses import create_address
from enrollment.services.enrollments import Nominee, nominate
from enrollment.services.run_changes import cancel_run, cancel_session, move_run
from notices.services.delivery import deliver_pending
from tests.factories import make_course, make_run, make_trainee, make_user
from tests.mail_server import mail_server
from tests.validators.node import install

AN = "an@example.gov.vn"
Events = dict[str, dict[str, Any]]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.full,
    pytest.mark.skipif(
        not (shutil.which("node") and shutil.which("npm")),
        reason="Node.js is missing: script/setup --full",
    ),
]


@pytest.fixture
def files(settings: Any, tmp_path: Path) -> Iterator[dict[str, Path]]:
    """The subscription and the invitations of a class: created, moved, a session removed, gone."""
    course = make_course(title_vi="Trí tuệ nhân tạo; phần 1, “mở đầu”")
    run = make_run(course, venue="Phòng 301, 18 Nguyễn Du; nhà B")
    user = make_user(Role.TRAINEE, email=AN)
    trainee = make_trainee(user=user)
    _address, token = create_address(by=OFFICE, user=user, scope=CalendarScope.OWN)
    found: dict[str, Path] = {}
    with clock.set_to(dt.date(2026, 3, 1)), mail_server(settings) as server:

        def save(step: str) -> None:
            announce()
            server.raw.clear()
            deliver_pending()
            found[f"{step} subscription"] = tmp_path / f"{step}.ics"
            feed = Client().get(reverse("calendar_feed", args=[token]))
            found[f"{step} subscription"].write_bytes(feed.content)
            for number, part in enumerate(server.messages[0].iter_attachments()):
                path = found[f"{step} invitation {number}"] = tmp_path / f"{step}-{number}.ics"
                path.write_bytes(part.get_content().encode())

        nominees = [Nominee(trainee.pk)]
        nominate(by=OFFICE, run=run, sending_agency=trainee.agency, nominees=nominees)
        save("created")
        move_run(by=OFFICE, run=run, starts_on=dt.date(2026, 3, 17))
        save("moved")
        cancel_session(by=OFFICE, session=run.sessions.get(number=2))
        save("removed")
        cancel_run(by=OFFICE, run=run, reason="Ốm")
        save("cancelled")
        yield found


def by_icalendar(path: Path) -> Events:
    calendar = Calendar.from_ical(path.read_bytes())
    return {
        str(event["UID"]): {
            "start": _utc(event.start),
            "end": _utc(event.end),
            "zone": event["DTSTART"].params["TZID"],
            "summary": str(event["SUMMARY"]),
            "location": str(event["LOCATION"]),
            "status": str(event["STATUS"]),
            "sequence": event.sequence,
            "method": str(calendar["METHOD"]) if "METHOD" in calendar else None,
            "alarm": "-PT1H" if event.walk("VALARM") else None,
        }
        for event in calendar.events
    }


def _utc(moment: Any) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def by_node(paths: list[Path], folder: Path) -> dict[Path, dict[str, Events]]:
    install("calendars", folder)
    read = ["node", "read.mjs", *map(str, paths)]
    run = subprocess.run(read, cwd=folder, check=True, capture_output=True, text=True, timeout=60)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    return {Path(answer.pop("path")): answer for answer in answers}


def test_three_libraries_read_the_same_of_a_class_as_it_changes(
    files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = by_node(list(files.values()), tmp_path_factory.mktemp("node"))
    for name, path in files.items():
        for library, events in elsewhere[path].items():
            assert events == by_icalendar(path), f"{name} as {library} reads it"
    read = {name: by_icalendar(path) for name, path in files.items()}
    assert {name: [_short(one) for one in events.values()] for name, events in read.items()} == {
        "created subscription": ["CONFIRMED 10 0", "CONFIRMED 11 0"],
        "created invitation 0": ["REQUEST 10 0"],
        "created invitation 1": ["REQUEST 11 0"],
        "moved subscription": ["CONFIRMED 17 1", "CONFIRMED 18 1"],
        "moved invitation 0": ["REQUEST 17 1"],
        "moved invitation 1": ["REQUEST 18 1"],
        "removed subscription": ["CONFIRMED 17 1", "CANCELLED 18 2"],
        "removed invitation 0": ["CANCEL 18 2"],
        "cancelled subscription": ["CANCELLED 17 3", "CANCELLED 18 3"],
        "cancelled invitation 0": ["CANCEL 17 3"],
    }
    assert len({uid for events in read.values() for uid in events}) == 2


def _short(event: dict[str, Any]) -> str:
    return f"{event['method'] or event['status']} {event['start'][8:10]} {event['sequence']}"
