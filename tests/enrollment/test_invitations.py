"""Mail tells calendars of a class: read as it left, byte for byte, by a mail server."""

import datetime as dt
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from icalendar import Calendar

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.choices import DayPart, RunState
from courses.models import CourseRun, Session
from courses.services.calendar import record_changes
from courses.services.timetables import Pattern
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.announcements import announce
from enrollment.services.calendar_addresses import create_address
from enrollment.services.calendars import subscribed_meetings
from enrollment.services.enrollments import Nominee, nominate, withdraw
from enrollment.services.run_changes import (
    cancel_run,
    cancel_session,
    move_run,
    replace_timetable,
    reschedule_session,
)
from notices.models import Notice
from notices.services.delivery import deliver_pending
from people.models import Trainee
from tests.factories import make_agency, make_run, make_trainee, make_trainer, make_user
from tests.mail_server import MailServer, mail_server

pytestmark = pytest.mark.django_db
AN, BINH = "an@example.gov.vn", "binh@example.gov.vn"
FIRST_DAY, WEEK = dt.date(2026, 3, 10), dt.timedelta(days=7)
Invitation = tuple[str, str, int]  # method, UID, sequence


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with clock.set_to(dt.date(2026, 3, 1)), mail_server(settings) as server:
        yield server


@pytest.fixture
def run() -> CourseRun:
    return make_run(code="AI-01", venue="Phòng 301", capacity=1, starts_on=FIRST_DAY)


@pytest.fixture
def an() -> Trainee:
    return make_trainee(user=make_user(Role.TRAINEE, email=AN, language="vi"))


@pytest.fixture
def binh() -> Trainee:
    return make_trainee(user=make_user(Role.TRAINEE, email=BINH, language="en"))


def send(run: CourseRun, *people: Trainee) -> None:
    nominees = [Nominee(one.pk) for one in people]
    nominate(by=OFFICE, run=run, sending_agency=make_agency(), nominees=nominees)


def delivered(server: MailServer, to: str) -> list[EmailMessage]:
    """What has left since the last look."""
    announce()
    server.raw.clear()
    deliver_pending()
    return [message for message in server.messages if message["To"] == to]


def invitations(message: EmailMessage) -> list[Invitation]:
    """Of the attached files, in the order of the message."""
    found = []
    for part in message.iter_attachments():
        calendar = Calendar.from_ical(part.get_content())
        assert part.get_content_type() == "text/calendar"
        assert part["Content-Type"].params["method"] == calendar["METHOD"]
        (event,) = calendar.events
        found.append((str(calendar["METHOD"]), str(event["UID"]), event.sequence))
    return found


def received(server: MailServer, to: str) -> list[Invitation]:
    (message,) = delivered(server, to)
    return invitations(message)


def uids(run: CourseRun) -> list[str]:
    return [str(event.uid) for event in run.calendar_events.order_by("starts_at")]


def test_whoever_gets_a_seat_is_invited_to_each_session(server, run, an):
    send(run, an)
    first, second = uids(run)
    assert received(server, AN) == [("REQUEST", first, 0), ("REQUEST", second, 0)]


def test_an_invitation_is_a_file_that_names_the_office_and_its_reader(server, run, an):
    run.sessions.get(number=2).delete()
    record_changes()
    send(run, an)
    (message,) = delivered(server, AN)
    (file,) = message.iter_attachments()
    assert file.get_filename() == "session-1.ics"
    # And beside text and HTML, where most mail programs look for a single one.
    (beside,) = [
        part
        for part in message.walk()
        if part.get_content_type() == "text/calendar" and part.get_filename() is None
    ]
    assert beside["Content-Type"].params["method"] == "REQUEST"
    text = file.get_content()
    assert text == beside.get_content()
    assert "ORGANIZER;CN=" in text
    assert text.count("ATTENDEE") == 1
    assert f"mailto:{AN}" in text.replace("\r\n ", "")
    assert "SUMMARY:" in text
    assert "Phòng 301" in text


def test_whoever_waits_is_invited_once_promoted(server, run, an, binh):
    send(run, an, binh)
    assert received(server, BINH) == []
    withdraw(by=OFFICE, enrollment=Enrollment.objects.get(trainee=an))
    messages = delivered(server, BINH)
    assert [invitations(one) for one in messages] == [[("REQUEST", uid, 0) for uid in uids(run)]]


def test_whoever_loses_the_seat_reads_the_sessions_as_cancelled(server, run, an):
    send(run, an)
    delivered(server, AN)
    withdraw(by=OFFICE, enrollment=Enrollment.objects.get(trainee=an))
    assert received(server, AN) == [("CANCEL", uid, 1) for uid in uids(run)]
    send(run, an)
    assert received(server, AN) == [("REQUEST", uid, 2) for uid in uids(run)]


def test_a_class_moved_invites_to_the_same_sessions_with_a_higher_sequence(server, run, an):
    trainer = make_trainer(run)
    send(run, an)
    delivered(server, AN)
    move_run(by=OFFICE, run=run, starts_on=FIRST_DAY + WEEK)
    deliver_pending()
    for address in (AN, trainer.email):
        (message,) = [one for one in server.messages if one["To"] == address][-1:]
        assert invitations(message) == [("REQUEST", uid, 1) for uid in uids(run)]


def test_whoever_waits_is_told_of_a_move_without_an_invitation(server, run, an, binh):
    send(run, an, binh)
    delivered(server, BINH)
    move_run(by=OFFICE, run=run, starts_on=FIRST_DAY + WEEK)
    assert received(server, BINH) == []


def test_one_session_rescheduled_is_the_one_that_is_told(server, run, an):
    send(run, an)
    delivered(server, AN)
    session = run.sessions.get(number=1)
    ends_at = session.ends_at + dt.timedelta(minutes=30)
    reschedule_session(by=OFFICE, session=session, ends_at=ends_at)
    assert received(server, AN) == [("REQUEST", uids(run)[0], 1)]


def test_one_session_removed_is_cancelled_alone(server, run, an):
    send(run, an)
    delivered(server, AN)
    cancel_session(by=OFFICE, session=run.sessions.get(number=2))
    assert received(server, AN) == [("CANCEL", uids(run)[1], 1)]


def test_a_cancelled_class_cancels_every_session(server, run, an):
    send(run, an)
    delivered(server, AN)
    cancel_run(by=OFFICE, run=run, reason="Ốm")
    assert [method for method, _uid, _sequence in received(server, AN)] == ["CANCEL"] * 2


def test_a_new_timetable_tells_what_is_gone_and_what_is_new(server, run, an):
    send(run, an)
    delivered(server, AN)
    former = uids(run)
    pattern = Pattern(frozenset({1}), (DayPart.AFTERNOON,))
    replace_timetable(by=OFFICE, run=run, pattern=pattern)
    told = received(server, AN)
    assert {(method, uid) for method, uid, _n in told if method == "CANCEL"} == {
        ("CANCEL", uid) for uid in former
    }
    (new,) = [uid for method, uid, _n in told if method == "REQUEST"]
    assert new not in former


def test_mail_and_subscription_tell_the_same(server, run, an):
    address, _token = create_address(by=OFFICE, user=an.user, scope="own")
    send(run, an)
    told = received(server, AN)
    move_run(by=OFFICE, run=run, starts_on=FIRST_DAY + WEEK)
    told += received(server, AN)
    withdraw(by=OFFICE, enrollment=Enrollment.objects.get(trainee=an))
    told += received(server, AN)
    last = {uid: (method == "CANCEL", sequence) for method, uid, sequence in told}
    assert last == {
        one.uid: (one.is_cancelled, one.sequence) for one in subscribed_meetings(address)
    }


def test_what_is_over_is_not_cancelled(server, run, an):
    send(run, an)
    delivered(server, AN)
    with clock.set_to(run.sessions.get(number=2).starts_at - dt.timedelta(hours=1)):
        CourseRun.objects.update(state=RunState.RUNNING)
        cancel_run(by=OFFICE, run=run, reason="Ốm")
        assert [uid for _method, uid, _n in received(server, AN)] == [uids(run)[1]]


def test_a_message_in_a_readers_language_invites_in_it(server, run, binh):
    run.course.title_en = "Artificial intelligence"
    run.course.save()
    record_changes()
    send(run, binh)
    (message,) = delivered(server, BINH)
    (file, _other) = message.iter_attachments()
    assert "SUMMARY:Artificial intelligence (AI-01)" in file.get_content()


def test_an_import_of_the_past_invites_nobody(server, an):
    past = make_run(starts_on=dt.date(2026, 2, 1), ends_on=dt.date(2026, 2, 2))
    Enrollment.objects.create(
        run=past, trainee=an, sending_agency=an.agency, state=EnrollmentState.ENROLLED
    )
    announce()
    assert not Notice.objects.exclude(calendar="").exists()
    assert Session.objects.filter(run=past).exists()
