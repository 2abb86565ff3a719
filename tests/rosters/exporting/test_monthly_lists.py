"""Lists that are made ready every month, with the rights that their owner has then."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from agencies.models import Agency, Coordinator
from audit.models import AuditEntry
from common import clock
from common.personal_data import Subject
from people.models import Trainee
from rosters.errors import RosterError
from rosters.exporting import export_requests
from rosters.exporting.chosen_rows import MATRIX, PEOPLE
from rosters.exporting.schedules import prepare_due, schedule_list
from rosters.models import ListSchedule, RosterExport
from rosters.privacy import erase
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
CHOSEN = {"of": PEOPLE, "fields": ["full_name"], "form": "plain-csv", "q": "", "agency": ""}


@pytest.fixture
def agency() -> Agency:
    return make_agency("bo-a")


@pytest.fixture
def owner(agency) -> User:
    make_trainee(agency, full_name="Lê Văn An")
    return make_coordinator(agency)


def saved(owner: User, **wanted: Any) -> ListSchedule:
    """A list saved in March."""
    with clock.set_to(dt.date(2026, 3, 10)):
        return schedule_list(
            by=owner.as_actor(), user=owner, name="Của tôi", wanted=CHOSEN | wanted
        )


@pytest.fixture
def on(django_capture_on_commit_callbacks):
    """Runs the timed task on a day; how many lists were asked for."""

    def run(day: dt.date) -> int:
        with clock.set_to(day), django_capture_on_commit_callbacks(execute=True):
            return prepare_due()

    return run


def files() -> list[str]:
    exports = list(RosterExport.objects.order_by("pk"))
    with clock.set_to(exports[-1].asked_at):
        return [export_requests.file_of(export).decode() for export in exports]


@pytest.mark.both_engines
def test_a_list_is_made_once_a_month_from_the_next_one_on(owner, on, mailoutbox):
    saved(owner)
    assert on(dt.date(2026, 3, 31)) == 0
    assert [on(dt.date(2026, 4, day)) for day in (1, 1, 2, 30)] == [1, 0, 0, 0]
    assert on(dt.date(2026, 5, 3)) == 1  # the worker was down on the first
    assert RosterExport.objects.count() == 2
    assert (
        reverse("export_file", args=[RosterExport.objects.latest("pk").pk]) in mailoutbox[-1].body
    )


def test_the_link_needs_sign_in_and_expires(client, owner, on):
    saved(owner)
    on(dt.date(2026, 4, 1))
    export = RosterExport.objects.get()
    address = reverse("export_file", args=[export.pk])
    with clock.set_to(export.asked_at):
        assert client.get(address)["Location"].startswith("/sign-in/")
        client.force_login(owner)
        assert client.get(address).content.decode() == "Họ và tên\r\nLê Văn An\r\n"
    with clock.set_to(export.expires_at):
        assert client.get(address).status_code == 302


def test_the_day_of_the_month_is_the_owners(owner, on):
    ListSchedule.objects.filter(pk=saved(owner).pk).update(day=15)
    assert [on(dt.date(2026, 4, day)) for day in (14, 15)] == [0, 1]


@pytest.mark.both_engines
def test_the_list_has_whom_its_owner_sees_on_that_day(agency, owner, on):
    saved(owner)
    make_trainee(agency, full_name="Lê Văn Bình")
    Trainee.objects.filter(full_name="Lê Văn An").update(agency=make_agency())
    on(dt.date(2026, 4, 1))
    assert files() == ["Họ và tên\r\nLê Văn Bình\r\n"]


@pytest.mark.both_engines
@pytest.mark.parametrize("end", ["term", "role", "account"])
def test_whose_role_has_ended_gets_nothing_and_the_list_is_paused(owner, on, end, mailoutbox):
    schedule = saved(owner)
    if end == "term":
        Coordinator.objects.filter(user=owner).update(until=dt.date(2026, 3, 31))
    elif end == "role":
        owner.role_grants.all().delete()
    else:
        User.objects.filter(pk=owner.pk).update(is_active=False)
    assert on(dt.date(2026, 4, 1)) == 0
    schedule.refresh_from_db()
    assert (schedule.paused_at is not None, RosterExport.objects.count(), mailoutbox) == (
        True, 0, []
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="list_schedule_paused").exists()


def test_the_month_before_is_the_period_where_its_owner_says_so(agency, owner, on):
    for day in (dt.date(2026, 2, 5), dt.date(2026, 3, 5)):
        run = make_run(starts_on=day, ends_on=day)
        make_completion(Trainee.objects.get(), run)
    schedule = saved(owner, of=MATRIX, since="2026-01-01", until="")
    ListSchedule.objects.filter(pk=schedule.pk).update(month_before=True)
    on(dt.date(2026, 4, 1))
    (text,) = files()
    assert ("2026-03-05" in text, "2026-02-05" in text) == (True, False)


def test_a_monthly_list_never_has_whole_numbers():
    office = make_user("programme_office")
    with pytest.raises(RosterError) as refused:
        schedule_list(
            by=office.as_actor(), user=office, name="x", wanted=CHOSEN | {"reason": "Kiểm tra"}
        )
    assert refused.value.code == "numbers_not_scheduled"


def test_an_erasure_takes_a_list_that_searches_for_the_person(owner):
    person = Trainee.objects.get()
    kept, gone = saved(owner), saved(owner, q="Lê Văn An")
    erase(Subject(code=person.code, trainee_ids=(person.pk,), names=(person.full_name,)))
    assert list(ListSchedule.objects.values_list("pk", flat=True)) == [kept.pk]
    assert gone.pk != kept.pk


def test_the_page_saves_changes_pauses_and_deletes(client, owner):
    client.force_login(owner)
    asked = {"form": "csv", "columns": "full_name", "agency": "bo-a", "schedule": "1"}
    answer = client.post(reverse("export_people"), asked)
    schedule = ListSchedule.objects.get()
    assert answer["Location"] == reverse("schedule", args=[schedule.pk])
    assert (schedule.wanted["agency"], schedule.wanted["fields"]) == ("bo-a", ["full_name"])
    client.post(reverse("schedule", args=[schedule.pk]), {"name": "Đầu tháng", "day": 5})
    schedule.refresh_from_db()
    assert (schedule.name, schedule.day) == ("Đầu tháng", 5)
    assert "Đầu tháng" in client.get(reverse("schedules")).text
    for action, is_paused in (("pause", True), ("resume", False)):
        client.post(reverse("act_on_schedule", args=[schedule.pk, action]))
        schedule.refresh_from_db()
        assert (schedule.paused_at is not None) == is_paused
    client.post(reverse("act_on_schedule", args=[schedule.pk, "remove"]))
    assert not ListSchedule.objects.exists()
    done = AuditEntry.objects.filter(action__startswith="list_schedule").values_list(
        "action", flat=True
    )
    assert set(done) == {
        "list_scheduled", "list_schedule_changed", "list_schedule_paused",
        "list_schedule_resumed", "list_schedule_removed",
    }  # fmt: skip


def test_a_day_that_not_every_month_has_is_refused(client, owner):
    client.force_login(owner)
    answer = client.post(reverse("schedule", args=[saved(owner).pk]), {"name": "x", "day": 31})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["day"])


def test_the_lists_of_others_are_not_found(client, owner, agency):
    schedule = saved(owner)
    client.force_login(make_coordinator(agency))
    assert client.get(reverse("schedule", args=[schedule.pk])).status_code == 404
    answer = client.post(reverse("act_on_schedule", args=[schedule.pk, "remove"]))
    assert (answer.status_code, ListSchedule.objects.count()) == (404, 1)
