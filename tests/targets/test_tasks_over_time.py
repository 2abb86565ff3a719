"""Tasks as they stood on any day: page, API and command; on the page of an agency and at home."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from targets.models import AgencyTask
from targets.services.tasks import answer_task, decide_progress, finish_task
from tests.factories import make_agency, make_coordinator, make_succession, make_user
from tests.targets.test_tasks import progress, task_of

TODAY = dt.date(2026, 11, 22)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def office_client(client):
    user = make_user(Role.PROGRAMME_OFFICE, language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


@pytest.fixture
def past():
    """A task whose words, units, answers and progress changed, month after month."""
    with clock.set_to(dt.date(2026, 1, 5)):
        task = task_of(make_agency("bo-a"), make_agency("bo-b"), title="Việc đầu")
    with clock.set_to(dt.date(2026, 3, 5)):
        answer_task(by=SYSTEM, unit=task.units.get(), answer="accepted")
        report = progress(task, day=dt.date(2026, 3, 4), text="Nửa chặng")
    with clock.set_to(dt.date(2026, 5, 5)):
        decide_progress(by=PROGRAMME_OFFICE, report=report, accept=True)
        unit = task.units.current().get()
        answer_task(by=SYSTEM, unit=unit, answer="refused", reason="Thiếu người")
    with clock.set_to(dt.date(2026, 7, 5)):
        task_of(
            task.agency, make_agency("bo-c"), title="Việc sau", task=task, reason="QĐ 5",
            due_on=dt.date(2026, 8, 1),
        )  # fmt: skip
    with clock.set_to(dt.date(2026, 9, 5)):
        finish_task(by=SYSTEM, task=task)
    return task


def words_of(row):
    answers = [(unit["agency"], unit["answer"]) for unit in row["cooperating_units"]]
    return row["title"], answers, row["state"], row["progress"] and row["progress"]["text"]


PAST = {
    "2026-01-01": [],
    "2026-02-01": [("Việc đầu", [("bo-b", "")], "open", None)],
    "2026-04-01": [("Việc đầu", [("bo-b", "accepted")], "open", None)],
    "2026-06-01": [("Việc đầu", [("bo-b", "refused")], "open", "Nửa chặng")],
    "2026-08-02": [("Việc sau", [("bo-c", "")], "overdue", "Nửa chặng")],
    "2026-10-01": [("Việc sau", [("bo-c", "")], "done_late", "Nửa chặng")],
}


@pytest.mark.both_engines
def test_the_api_replays_tasks_with_their_answers_and_progress(past, office_client):
    for day, expected in PAST.items():
        address = f"/api/v1/tasks/?as_of={day}&known_as_of={day}"
        rows = office_client.get(address).json()["results"]
        assert [words_of(row) for row in rows] == expected
        assert {row["id"] for row in rows} <= {past.pk}


def test_the_command_replays_tasks_as_the_api_does(past, capsys):
    for day, expected in PAST.items():
        call_command("tasks", "--as-of", day, "--known-as-of", day, "--json")
        rows = json.loads(capsys.readouterr().out)["tasks"]
        assert [words_of(row) for row in rows] == expected
    call_command("tasks")
    assert "Việc sau" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("day", "shown"), [("2026-04-01", "Việc đầu"), ("2026-10-01", "Việc sau"), ("2026-01-01", "")]
)
def test_the_page_replays_tasks(past, office_client, day, shown):
    page = office_client.get(reverse("tasks"), {"as_of": day, "known_as_of": day})
    found = {title for title in ("Việc đầu", "Việc sau") if title in page.content.decode()}
    assert found == ({shown} if shown else set())


def test_the_past_is_read_not_marked(past, office_client):
    address = reverse("finish_task", args=[past.pk])
    for asked, is_offered in (({}, True), ({"as_of": "2026-10-01"}, False)):
        page = office_client.get(reverse("tasks"), asked).content.decode()
        assert (address in page) is is_offered


def test_a_task_links_to_its_versions_with_their_reasons(past, office_client):
    page = office_client.get(reverse("task_progress", args=[past.pk])).content.decode()
    assert ("Việc đầu" in page, "QĐ 5" in page) == (True, True)


@pytest.mark.parametrize("name", ["as_of", "known_as_of"])
def test_a_day_to_come_is_refused_by_page_and_api_alike(office_client, name):
    for address in (reverse("tasks"), "/api/v1/tasks/"):
        assert office_client.get(address, {name: "2027-01-01"}).status_code == 400


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"starts_on": dt.date(2026, 11, 23)}, "planned"),
        ({"starts_on": TODAY}, "open"),
        ({"due_on": TODAY}, "open"),
        ({"due_on": dt.date(2026, 11, 21)}, "overdue"),
    ],
)
def test_the_state_of_a_task_follows_from_its_days(office_client, fields, state):
    task_of(make_agency(), **fields)
    for asked, number in ((state, 1), ("done", 0)):
        answer = office_client.get("/api/v1/tasks/", {"state": asked})
        assert len(answer.json()["results"]) == number
    (row,) = AgencyTask.objects.with_state(TODAY)
    assert row.state == state


@pytest.mark.both_engines
def test_the_page_is_narrowed_to_a_state_and_to_progress_to_review(office_client):
    task_of(make_agency(), title="Việc một", due_on=dt.date(2026, 11, 1))
    progress(task_of(make_agency(), title="Việc hai"))
    for asked, title in (({"state": "overdue"}, "Việc một"), ({"to_review": "on"}, "Việc hai")):
        page = office_client.get(reverse("tasks"), asked).content.decode()
        assert [one for one in ("Việc một", "Việc hai") if one in page] == [title]


def test_coordinators_see_the_tasks_that_concern_them_alone(client):
    own = make_agency()
    task_of(own, title="Việc một")
    task_of(make_agency(), own, title="Việc hai")
    task_of(make_agency(), title="Việc ba")
    client.force_login(make_coordinator(own))
    page = client.get(reverse("tasks")).content.decode()
    titles = ("Việc một", "Việc hai", "Việc ba")
    assert [title in page for title in titles] == [True, True, False]


# Elsewhere ------------------------------------------------------------------------------


def test_the_page_of_an_agency_says_what_it_must_do(office_client):
    agency, other = make_agency("bo-a"), make_agency("bo-b")
    task_of(agency, title="Việc một")
    asked = task_of(other, agency, title="Việc hai")
    done = task_of(agency, title="Việc ba")
    finish_task(by=SYSTEM, task=done)
    address = reverse("agency", args=[agency.slug])

    def musts():
        page = office_client.get(address, headers={"Accept-Language": "en"})
        (tasks,) = (shown["tasks"] for _form, shown in page.context["sections"] if "tasks" in shown)
        return {row["title"]: row["must"] for row in tasks}

    assert musts() == {"Việc một": "report progress", "Việc hai": "answer", "Việc ba": ""}
    answer_task(by=SYSTEM, unit=asked.units.get(), answer="accepted")
    assert musts()["Việc hai"] == "do its part"
    answer_task(by=SYSTEM, unit=asked.units.current().get(), answer="done")
    assert musts()["Việc hai"] == ""


def test_the_page_of_a_successor_shows_what_its_predecessor_was_to_do(office_client):
    before, after = make_agency(), make_agency()
    task_of(before, title="Việc một")
    make_succession(before, after, on=dt.date(2026, 5, 1))
    for agency in (before, after):
        page = office_client.get(reverse("agency", args=[agency.slug])).content.decode()
        assert "Việc một" in page


def test_strangers_do_not_read_the_tasks_on_the_page_of_an_agency(client):
    agency = make_agency()
    task_of(agency, title="Việc một")
    client.force_login(make_coordinator(make_agency()))
    page = client.get(reverse("agency", args=[agency.slug])).content.decode()
    assert "Việc một" not in page


def test_the_office_sees_at_home_how_much_progress_waits_and_where(office_client):
    progress(task_of(make_agency()))
    queue = office_client.get(reverse("my")).context["overview"]["queue"]
    (found,) = [line for line in queue.waiting if "to_review" in line.href]
    assert found.count == 1
    assert office_client.get(found.href).status_code == 200


def test_a_coordinator_sees_at_home_how_many_tasks_wait_for_an_answer(client):
    own = make_agency()
    for answer in ("", "accepted"):
        task = task_of(make_agency(), own)
        if answer:
            answer_task(by=SYSTEM, unit=task.units.get(), answer=answer)
    client.force_login(make_coordinator(own))
    queue = client.get(reverse("my")).context["coordinator"]["queue"]
    assert [line.count for line in queue.waiting] == [1]
