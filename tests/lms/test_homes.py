"""Homes are work queues: what waits, how much of it, for how long, and where it is done."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from accounts.sessions import PREVIOUS_VISIT
from audit.services import SYSTEM
from certificates.models import NameConfirmation
from common import clock
from courses.models import ENDLESS_SEATS
from enrollment.models import Attendance
from lms.views.home.lines import LATE, SOON, Line, Queue, due
from notices.models import Notice
from people.models import DataRequest, TransferRequest
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 30)


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.set_to(TODAY):
        yield


def day(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


def make_class(first: int, last: int | None = None, **fields: Any) -> Any:
    return make_run(starts_on=day(first), ends_on=day(first if last is None else last), **fields)


def home(client: Client, user: Any) -> Any:
    if user.reads_everything:
        create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    context: Any = client.get(reverse("my")).context
    return context


def office_queue(client: Client) -> Queue:
    queue: Queue = home(client, make_user(Role.PROGRAMME_OFFICE))["overview"]["queue"]
    return queue


def test_what_is_past_its_day_is_late_and_what_ends_by_tomorrow_is_soon():
    tones = [due(day(days))["tone"] for days in (-1, 0, 1, 2)]
    assert tones == [LATE, SOON, SOON, ""]


def test_kinds_with_nothing_are_not_shown_among_those_that_wait():
    lines = [
        Line(title="a", href="/a", count=0),
        Line(title="b", href="/b", count=1),
        Line(title="c", href="/c", count=2, tone=LATE),
    ]
    queue = Queue.of(lines)
    assert [
        [line.title for line in part] for part in (queue.pressing, queue.waiting, queue.quiet)
    ] == [["c"], ["b"], ["a"]]


def test_an_office_without_work_is_told_so(client):
    queue = office_queue(client)
    assert (queue.pressing, queue.waiting) == ([], [])
    page = client.get(reverse("my"), headers={"accept-language": "en"}).content.decode()
    assert "Nothing is waiting" in page


def test_every_kind_of_work_of_the_office_leads_to_a_page_that_opens(client):
    queue = office_queue(client)
    for line in queue.quiet:
        assert client.get(line.href).status_code == 200, line.title


def test_a_class_over_for_more_than_a_week_is_late_to_close(client):
    make_class(-1)
    run = make_class(-10)
    make_class(-10, state="closed")
    (line,) = [one for one in office_queue(client).pressing if "state=over" in one.href]
    assert (line.count, line.tone) == (2, LATE)
    found = client.get(line.href).context["runs"]
    assert {one["code"] for one in found} >= {run.code}
    assert len(found) == 2


def test_a_single_class_to_close_leads_straight_to_its_results(client):
    run = make_class(-10)
    hrefs = [line.href for line in office_queue(client).pressing]
    assert reverse("run_results", args=[run.code]) in hrefs


def test_requests_about_data_are_late_by_their_own_clock(client):
    for days in (-1, 10):
        DataRequest.objects.create(
            trainee=make_trainee(), kind="access", reply_by=day(days), asked_at=clock.now()
        )
    (line,) = [one for one in office_queue(client).pressing if one.href == reverse("data_requests")]
    assert (line.count, line.tone) == (2, LATE)


def test_the_office_finds_the_classes_with_enrollments_to_approve(client):
    run, other = make_class(5), make_class(9)
    for state in ("nominated", "requested", "enrolled"):
        make_enrollment(run, state=state)
    queue = office_queue(client)
    (line,) = [one for one in queue.waiting if one.href == reverse("run_seats", args=[run.code])]
    assert line.count == 2
    make_enrollment(other, state="requested")
    (line,) = [one for one in office_queue(client).waiting if one.href == reverse("to_approve")]
    assert line.count == 3
    rows = client.get(line.href).context["rows"]
    assert [(row["code"], row["pending"]) for row in rows] == [(run.code, "2"), (other.code, "1")]


def test_certificates_of_a_class_just_closed_lead_to_issuing_them(client):
    run = make_class(-5, state="closed")
    make_completion(make_trainee(), run, completed_on=run.ends_on)
    hrefs = {one.href: one.count for one in office_queue(client).waiting}
    assert hrefs[reverse("run_certificates", args=[run.code])] == 1


def test_failed_messages_and_transfers_wait_for_the_office(client):
    Notice.objects.create(recipient="a@x.vn", subject="Thư mời", body="…", state="failed")
    TransferRequest.objects.create(trainee=make_trainee(), to_agency=make_agency(), asked_by="test")
    hrefs = {one.href: one.count for one in office_queue(client).waiting}
    assert hrefs[f"{reverse('message_outbox')}?state=failed"] == 1
    assert hrefs[reverse("transfer_requests")] == 1


def test_a_year_with_results_and_no_report_is_told(client):
    run = make_run(starts_on=dt.date(2024, 5, 5), ends_on=dt.date(2024, 5, 6), state="closed")
    make_completion(make_trainee(), run, completed_on=run.ends_on)
    (line,) = [one for one in office_queue(client).pressing if "/reports/new/" in one.href]
    assert (line.count, line.tone) == (2, LATE)


def test_the_auditor_decides_nothing_and_reads_what_changed_since_the_last_visit(client):
    auditor = make_user(Role.AUDITOR)
    overview = home(client, auditor)["overview"]
    assert "queue" not in overview
    assert not overview["auditor"]["is_visit"]
    session = client.session
    session[PREVIOUS_VISIT] = (clock.now() + dt.timedelta(days=1)).isoformat()
    session.save()
    seen = client.get(reverse("my")).context["overview"]["auditor"]
    assert seen["is_visit"]
    assert seen["changes"] == []


def test_a_sign_in_remembers_the_one_before(client):
    user = make_user(Role.TRAINEE)
    form = {"login": user.email, "password": "pw"}
    client.post(reverse("account_login"), form)
    assert PREVIOUS_VISIT not in client.session
    client.post(reverse("account_logout"))
    user.refresh_from_db()
    assert user.last_login
    client.post(reverse("account_login"), form)
    assert client.session[PREVIOUS_VISIT] == user.last_login.isoformat()


def test_a_trainer_finds_todays_session_with_its_attendance_first(client):
    run = make_class(0)
    trainer = make_trainer(run)
    shown = home(client, trainer)["trainer"]["sessions"]
    assert [one["run"] for one in shown] == [run]
    assert reverse("run_attendance", args=[run.code]) in client.get("/my/").content.decode()


def test_marks_already_taken_stand_at_the_session(client):
    run = make_class(0)
    trainer = make_trainer(run)
    Attendance.objects.create(
        enrollment=make_enrollment(run), session=run.sessions.first(), mark="present",
        evidence="trainers_mark", recorded_by="test",
    )  # fmt: skip
    (shown,) = home(client, trainer)["trainer"]["sessions"]
    assert shown["marks"].startswith("1 ")


def test_without_a_session_today_the_next_one_is_named(client):
    run = make_class(14)
    shown = home(client, make_trainer(run))["trainer"]
    assert shown["sessions"] == []
    assert shown["next"]["run"] == run


def test_a_trainer_sees_only_classes_of_their_own_and_what_is_to_be_closed(client):
    over, other = make_class(-9), make_class(3)
    make_trainer(other)
    shown = home(client, make_trainer(over))["trainer"]
    assert shown["coming"] == []
    assert [line.href for line in shown["to_finish"]] == [reverse("run_results", args=[over.code])]


def test_my_classes_are_those_that_a_trainer_teaches(client):
    own, other = make_class(3), make_class(3)
    make_trainer(other)
    client.force_login(make_trainer(own))
    runs = client.get(f"{reverse('runs')}?mine=on").context["runs"]
    assert [run["code"] for run in runs] == [own.code]


def test_a_coordinator_sees_the_people_and_transfers_of_their_own_agency_alone(client):
    own, former, sender = make_agency(), make_agency(), make_agency()
    person = make_trainee(former)
    make_trainee(own)
    TransferRequest.objects.create(trainee=person, to_agency=sender, asked_by="test")
    shown = home(client, make_coordinator(own))["coordinator"]
    assert (shown["agencies"], shown["people"]["total"]) == ([own], "1")
    assert shown["queue"].waiting == []


def test_a_coordinators_open_classes_come_with_the_way_to_nominate(client):
    run = make_class(14)
    home(client, make_coordinator(make_agency()))
    assert reverse("nominate", args=[run.code]) in client.get("/my/").content.decode()


def test_a_class_without_end_of_seats_counts_none_of_them(client):
    make_class(14, capacity=ENDLESS_SEATS, seats_taken=12)
    home(client, make_coordinator(make_agency()))
    page = client.get(reverse("my"), headers={"accept-language": "en"}).content.decode()
    assert "any number of seats" in page
    assert "999988" not in page


def test_a_coordinator_is_told_whose_name_is_not_confirmed(client):
    agency = make_agency()
    run = make_class(14)
    people = [make_trainee(agency, user=make_user(Role.TRAINEE)) for _ in range(2)]
    for person in people:
        make_enrollment(run, person)
    NameConfirmation.objects.create(
        trainee=people[0], full_name=people[0].full_name, confirmed_by="test"
    )
    queue = home(client, make_coordinator(agency))["coordinator"]["queue"]
    (line,) = [one for one in queue.waiting if one.href.endswith("status=enrolled")]
    assert line.count == 1


def test_a_trainee_reads_first_when_to_be_where(client):
    person = make_trainee(user=make_user(Role.TRAINEE))
    late, soon = make_class(28, venue="Huế"), make_class(14, venue="Hà Nội")
    for run in (late, soon):
        make_enrollment(run, person)
    shown = home(client, person.user)["trainee"]
    assert (shown["next"]["run"], shown["next"]["venue"]) == (soon, "Hà Nội")


def test_a_place_on_the_waiting_list_is_no_seat(client):
    person = make_trainee(user=make_user(Role.TRAINEE))
    make_enrollment(make_class(14), person, state="waitlisted", waiting_number=1)
    shown = home(client, person.user)["trainee"]
    assert shown["next"] is None
    assert "1" in shown["enrollments"][0]["words"]
