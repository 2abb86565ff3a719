"""Calendars by subscription: what a calendar program is told, and who may read it."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from accounts.choices import Role
from accounts.models import User
from accounts.services.roles import close_account
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.choices import CalendarScope, DayPart, RunState
from courses.models import CalendarAddress, CourseRun, RunTrainer
from courses.services import change_run
from courses.services.calendar import record_changes
from courses.services.teaching import remove_trainer
from courses.services.timetables import (
    Pattern,
    add_session,
    generate_timetable,
    remove_session,
)
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.calendar_addresses import create_address
from enrollment.services.enrollments import Nominee, nominate, withdraw
from enrollment.services.run_changes import cancel_run, move_run
from people.services.merges import merge
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
BEFORE = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)
SECRET_LENGTH = 43  # 32 random bytes


@pytest.fixture(autouse=True)
def _before_the_class() -> Any:
    with clock.set_to(BEFORE):
        yield


@pytest.fixture
def run() -> CourseRun:
    course = make_course(title_vi="Trí tuệ nhân tạo", title_en="Artificial intelligence")
    return make_run(course, code="AI-01", venue="Phòng 301")


@pytest.fixture
def user() -> User:
    return make_user(Role.TRAINEE, language="en")


@pytest.fixture
def enrollment(run: CourseRun, user: User) -> Enrollment:
    return seated(run, user)


def seated(run: CourseRun, user: User) -> Enrollment:
    trainee = make_trainee(user=user)
    nominees = [Nominee(trainee.pk)]
    nominate(by=OFFICE, run=run, sending_agency=trainee.agency, nominees=nominees)
    return Enrollment.objects.get(run=run, trainee=trainee)


def address_of(user: User, scope: str = CalendarScope.OWN, run: CourseRun | None = None) -> str:
    token = create_address(by=user.as_actor(), user=user, scope=scope, run=run)[1]
    return reverse("calendar_feed", args=[token])


def read(address: str) -> Any:
    answer = Client().get(address)
    assert answer.status_code == 200, answer.text
    return Calendar.from_ical(answer.content)


def by_uid(address: str) -> dict[str, Any]:
    return {str(event["UID"]): event for event in read(address).walk("VEVENT")}


def states(address: str) -> list[tuple[str, int]]:
    return sorted(
        (str(event["STATUS"]), int(event["SEQUENCE"])) for event in by_uid(address).values()
    )


# What it shows --------------------------------------------------------------------------


def test_a_person_reads_the_sessions_of_their_classes_in_their_language(enrollment, user):
    make_run(code="AI-02")
    calendar = read(address_of(user))
    assert calendar["X-WR-CALNAME"] == "Applied AI training: My classes"
    first, _second = sorted(calendar.walk("VEVENT"), key=lambda event: event.start)
    assert first["SUMMARY"] == "Artificial intelligence (AI-01)"
    assert first["LOCATION"] == "Phòng 301"
    assert first["URL"].endswith("/runs/AI-01/")
    assert first.start == dt.datetime(2026, 3, 10, 8, tzinfo=clock.HANOI)
    User.objects.update(language="vi")
    summaries = {str(event["SUMMARY"]) for event in by_uid(address_of(user)).values()}
    assert summaries == {"Trí tuệ nhân tạo (AI-01)"}


def test_a_trainer_reads_the_sessions_that_they_teach(run):
    trainer = make_trainer(run)
    assert len(by_uid(address_of(trainer, CalendarScope.TAUGHT))) == 2
    assert by_uid(address_of(trainer)) == {}


def test_a_trainers_file_has_the_sessions_that_they_teach(run, client):
    client.force_login(make_trainer(run))
    assert client.get(reverse("my_calendar")).text.count("BEGIN:VEVENT") == 2


def test_whoever_waits_for_a_seat_reads_nothing_of_the_class(run, user):
    make_enrollment(
        run, make_trainee(user=user), state=EnrollmentState.WAITLISTED, waiting_number=1
    )
    assert by_uid(address_of(user)) == {}


def test_two_installations_never_share_an_identifier(run):
    """A session's key in the database would: both begin with 1."""
    for event in run.calendar_events.all():
        assert event.uid.version == 4


# Changes --------------------------------------------------------------------------------


def test_a_class_moved_keeps_its_identifiers_with_a_higher_sequence(enrollment, user, run):
    address = address_of(user)
    before = by_uid(address)
    with clock.set_to(BEFORE + dt.timedelta(hours=1)):
        move_run(by=OFFICE, run=run, starts_on=dt.date(2026, 3, 17))
        after = by_uid(address)
    assert set(after) == set(before)
    for uid, event in after.items():
        assert event.start == before[uid].start + dt.timedelta(days=7)
        assert (before[uid]["SEQUENCE"], event["SEQUENCE"]) == (0, 1)
        assert event["LAST-MODIFIED"].dt > before[uid]["LAST-MODIFIED"].dt


@pytest.mark.parametrize(
    "change",
    [
        lambda run: change_run(by=OFFICE, run=run, venue="Phòng 302"),
        lambda run: change_run(by=OFFICE, run=run, link="https://meet.example/1"),
        lambda run: CourseRun.objects.update(venue="Phòng 303"),  # in a shell
        lambda run: type(run.course).objects.update(title_en="Applied AI"),
    ],
    ids=["venue", "link", "shell", "title"],
)
def test_whatever_a_calendar_shows_of_a_class_is_a_change(change, enrollment, user, run):
    address = address_of(user)
    change(run)
    record_changes()
    assert states(address) == [("CONFIRMED", 1)] * 2
    record_changes()
    assert states(address) == [("CONFIRMED", 1)] * 2


def test_a_session_removed_is_told_as_cancelled_for_sixty_days(enrollment, user, run):
    address = address_of(user)
    (kept, gone) = run.sessions.order_by("number")
    gone_uid = str(gone.calendar_event.uid)
    remove_session(by=OFFICE, session=gone)
    found = by_uid(address)
    assert found[gone_uid]["STATUS"] == "CANCELLED"
    assert found[gone_uid]["SEQUENCE"] == 1
    assert found[str(kept.calendar_event.uid)]["STATUS"] == "CONFIRMED"
    with clock.set_to(BEFORE + dt.timedelta(days=60)):
        assert gone_uid in by_uid(address)
    with clock.set_to(BEFORE + dt.timedelta(days=61)):
        assert gone_uid not in by_uid(address)


def test_a_session_deleted_in_a_shell_is_told_as_cancelled(enrollment, user, run):
    address = address_of(user)
    run.sessions.get(number=1).delete()
    record_changes()
    assert states(address) == [("CANCELLED", 1), ("CONFIRMED", 0)]


def test_a_session_in_place_of_a_removed_one_is_another_one(run):
    session = run.sessions.get(number=2)
    gone, hours = session.calendar_event.uid, (session.starts_at, session.ends_at)
    remove_session(by=OFFICE, session=session)
    added = add_session(by=OFFICE, run=run, starts_at=hours[0], ends_at=hours[1])
    assert added.calendar_event.uid != gone


def test_a_cancelled_class_is_told_as_cancelled(enrollment, user, run):
    address, of_class = address_of(user), address_of(user, CalendarScope.RUN, run)
    cancel_run(by=OFFICE, run=run, reason="Ốm")
    assert [status for status, _sequence in states(address)] == ["CANCELLED"] * 2
    assert [status for status, _sequence in states(of_class)] == ["CANCELLED"] * 2


def test_a_timetable_made_again_keeps_the_sessions_at_the_same_hours(run):
    pattern = Pattern(frozenset(range(7)), (DayPart.MORNING,))
    generate_timetable(by=OFFICE, run=run, pattern=pattern)
    before = dict(run.calendar_events.coming().values_list("starts_at", "uid"))
    both = Pattern(frozenset(range(7)), (DayPart.MORNING, DayPart.AFTERNOON))
    generate_timetable(by=OFFICE, run=run, pattern=both)
    after = dict(run.calendar_events.coming().values_list("starts_at", "uid"))
    assert len(after) == 4
    assert {start: after[start] for start in before} == before
    assert set(run.calendar_events.coming().values_list("sequence", flat=True)) == {0}


def test_a_draft_is_told_to_nobody_until_it_is_announced(user):
    run = make_run(state=RunState.DRAFT)
    trainer = make_trainer(run)
    assert record_changes() == 0
    assert by_uid(address_of(trainer, CalendarScope.TAUGHT)) == {}


def test_a_seat_lost_and_had_again_is_a_change_each_time(enrollment, user, run):
    address = address_of(user)
    assert states(address) == [("CONFIRMED", 0)] * 2
    withdraw(by=OFFICE, enrollment=enrollment)
    assert states(address) == [("CANCELLED", 1)] * 2
    nominees = [Nominee(enrollment.trainee_id)]
    nominate(by=OFFICE, run=run, sending_agency=enrollment.sending_agency, nominees=nominees)
    assert states(address) == [("CONFIRMED", 2)] * 2
    withdraw(by=OFFICE, enrollment=run.enrollments.live().get())
    assert states(address) == [("CANCELLED", 3)] * 2
    with clock.set_to(BEFORE + dt.timedelta(days=61)):
        assert states(address) == []


# Who may read it ------------------------------------------------------------------------


def test_the_secret_is_stored_and_recorded_nowhere(user):
    token = create_address(by=user.as_actor(), user=user, scope=CalendarScope.OWN)[1]
    assert len(token) == SECRET_LENGTH
    row = CalendarAddress.objects.get()
    assert token not in str(vars(row))
    assert token not in str(list(AuditEntry.objects.values()))


def test_a_new_address_ends_the_one_before(user):
    former = address_of(user)
    address_of(user)
    assert Client().get(former).status_code == 404


def test_an_unknown_a_revoked_and_an_ended_address_are_answered_alike(user):
    known = address_of(user)
    CalendarAddress.objects.all().delete()
    unknown = reverse("calendar_feed", args=["x" * SECRET_LENGTH])
    pages = []
    for address in (known, unknown):
        answer = Client().get(address, headers={"Accept-Language": "en"})
        assert answer.status_code == 404
        # Where the language is chosen, the page names itself and a token.
        page = answer.text.replace(address, "ADDRESS")
        pages.append(re.sub(r'csrfmiddlewaretoken" value="\w+"', "TOKEN", page))
    assert pages[0] == pages[1]
    assert "This calendar address does not work" in pages[0]


def _closed(user: User, run: CourseRun) -> None:
    close_account(by=OFFICE, user=user)


def _merged(user: User, run: CourseRun) -> None:
    merge(by=OFFICE, survivor=make_trainee(), absorbed=user.trainee)


@pytest.mark.parametrize("end", [_closed, _merged])
@pytest.mark.parametrize("scope", [CalendarScope.OWN, CalendarScope.RUN])
def test_an_address_ends_with_its_account(end, scope, enrollment, user, run):
    address = address_of(user, scope, run if scope == CalendarScope.RUN else None)
    assert Client().get(address).status_code == 200
    end(user, run)
    assert Client().get(address).status_code == 404


def _role_ended(user: User, run: CourseRun) -> None:
    user.role_grants.update(until=clock.today() - dt.timedelta(days=1))


def _no_trainer(user: User, run: CourseRun) -> None:
    remove_trainer(by=OFFICE, trainer=RunTrainer.objects.get(user=user))


@pytest.mark.parametrize("end", [_role_ended, _no_trainer])
def test_the_address_of_a_class_ends_with_teaching_it(end, run):
    trainer = make_trainer(run)
    address = address_of(trainer, CalendarScope.RUN, run)
    assert len(by_uid(address)) == 2
    end(trainer, run)
    assert Client().get(address).status_code == 404


def test_the_address_of_a_class_ends_with_the_seat_in_it(enrollment, user, run):
    address = address_of(user, CalendarScope.RUN, run)
    assert len(by_uid(address)) == 2
    withdraw(by=OFFICE, enrollment=enrollment)
    assert Client().get(address).status_code == 404


def test_an_office_whose_role_ended_reads_no_class(run):
    office = make_user(Role.PROGRAMME_OFFICE)
    address = address_of(office, CalendarScope.RUN, run)
    assert len(by_uid(address)) == 2
    _role_ended(office, run)
    assert Client().get(address).status_code == 404


# Over HTTP ------------------------------------------------------------------------------


def test_a_program_is_told_when_nothing_has_changed(enrollment, user, run):
    address = address_of(user)
    first = Client().get(address)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"] == "private, no-cache"
    with clock.set_to(BEFORE + dt.timedelta(hours=1)):
        again = Client().get(address, headers={"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        change_run(by=OFFICE, run=run, venue="Phòng 302")
        assert Client().get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_program_may_ask_for_the_head_alone(enrollment, user):
    address = address_of(user)
    head = Client().head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == Client().get(address)["ETag"]
    assert Client().head(address, headers={"If-None-Match": head["ETag"]}).status_code == 304


def test_reading_a_calendar_signs_nobody_in(enrollment, user):
    client = Client()
    client.get(address_of(user))
    assert not client.cookies
    assert client.get(reverse("my")).status_code == 302


# The page -------------------------------------------------------------------------------


@pytest.fixture
def signed_in(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def test_an_address_is_shown_once_for_programs_and_as_a_link(signed_in, settings):
    settings.SITE_URL = "https://699.example.gov.vn"
    signed_in.post(reverse("create_calendar"), {"scope": "own"})
    page = signed_in.get(reverse("my_calendars")).text
    assert "https://699.example.gov.vn/calendar/" in page
    assert 'href="webcal://699.example.gov.vn/calendar/' in page
    assert "/calendar/" not in signed_in.get(reverse("my_calendars")).text


def test_one_revokes_ones_own_address_alone(signed_in, user):
    address = address_of(user)
    foreign = address_of(make_user(Role.TRAINEE))
    other = CalendarAddress.objects.exclude(user=user).get()
    assert signed_in.post(reverse("revoke_calendar", args=[other.pk])).status_code == 404
    own = CalendarAddress.objects.get(user=user)
    signed_in.post(reverse("revoke_calendar", args=[own.pk]))
    assert Client().get(address).status_code == 404
    assert Client().get(foreign).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"scope": "everything"},
        {"scope": "taught"},
        {"scope": "run"},
        {"scope": "run", "run": "AI-01"},
        {"scope": "run", "run": "no-such-class"},
        {"scope": "own", "run": "AI-01"},
    ],
)
def test_a_calendar_of_somebody_else_is_refused_in_one_sentence(asked, signed_in, run):
    page = signed_in.post(reverse("create_calendar"), asked, follow=True)
    assert "There is no such calendar for you" in page.text
    assert not CalendarAddress.objects.exists()


def test_a_class_offers_its_calendar_to_whoever_takes_part(signed_in, run, user):
    link = f"{reverse('my_calendars')}?run=AI-01"
    assert link not in signed_in.get(reverse("run", args=["AI-01"])).text
    assert 'value="AI-01"' not in signed_in.get(link).text
    seated(run, user)
    assert link in signed_in.get(reverse("run", args=["AI-01"])).text
    assert 'name="run" value="AI-01"' in signed_in.get(link).text
