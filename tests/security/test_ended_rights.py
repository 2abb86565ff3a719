"""A right ends with its last day: on the pages, in the API, for a session that is still open."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import RoleGrant
from agencies.models import Coordinator
from common import clock
from tests.api.conftest import Visitor, api  # noqa: F401  # a fixture of elsewhere
from tests.architecture.test_access import _VISITORS, RIGHTS, answer_to
from tests.architecture.world import World, make_world

YESTERDAY = dt.timedelta(days=-1)
# Jobs that somebody asked for in person stay theirs, and so do columns and filters that they saved;
# a file stays open while its owner may see whom it holds
# (tests/rosters/exporting/test_export_page.py).
# What is asked of one's own things: an export, a request that one sent, one's own second factor.
# A monthly list is made with the rights of its day (tests/rosters/exporting/test_monthly_lists.py).
OWN = {
    "account_change_password", "act_on_schedule", "cancel_job", "export_file", "job",
    "mfa_reauthenticate", "remove_columns", "remove_saved_filter", "retry_job", "saved_columns",
    "saved_filter", "schedule", "withdraw_transfer",
}  # fmt: skip
API_LISTS = ("trainees/", "enrollments/", "attendance/", "completions/", "certificates/")


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def answers(world: World, visitor: str) -> dict[tuple[str, str], str]:
    """The answer to a visitor at every address of the table."""
    user = world.visitors[visitor]
    return {
        (method, route): answer_to(user, method, reverse(route, kwargs=world.kwargs.get(route)))
        for method, route in RIGHTS
        if route not in OWN
    }


def told(visitor: str) -> dict[tuple[str, str], str]:
    """What the table promises a kind of visitor."""
    at = _VISITORS.index(visitor)
    return {row: said[at] for row, said in RIGHTS.items() if row[1] not in OWN}


def end_audit(world: World) -> None:
    grants = RoleGrant.objects.filter(user=world.visitors["auditor"])
    assert grants.update(until=clock.today() + YESTERDAY) == 1


def end_term(world: World) -> None:
    terms = Coordinator.objects.filter(user=world.visitors["coordinator"])
    assert terms.update(until=clock.today() + YESTERDAY) == 1


def test_an_auditor_whose_date_has_passed_is_anybody_with_an_account(world: World) -> None:
    end_audit(world)
    trainee, stranger = told("trainee"), told("other_trainer")
    found = answers(world, "auditor")
    opened = {row: said for row, said in found.items() if said not in {trainee[row], stranger[row]}}
    assert opened == {}
    closed = [row for row, said in found.items() if said == "403" and told("auditor")[row] == "200"]
    assert len(closed) > 30


def test_a_coordinator_whose_term_is_over_is_a_coordinator_of_another_agency(
    world: World,
) -> None:
    end_term(world)
    found, elsewhere = answers(world, "coordinator"), told("other_coord")
    assert {row: said for row, said in found.items() if said != elsewhere[row]} == {}


@pytest.mark.parametrize(("visitor", "end"), [("auditor", end_audit), ("coordinator", end_term)])
def test_the_api_lists_nobody_after_the_last_day(
    world: World,
    api: Callable[..., Visitor],  # noqa: F811  # a fixture of elsewhere
    visitor: str,
    end: Callable[[World], None],
) -> None:
    caller = api(world.visitors[visitor])
    assert caller.get("trainees/").json()["results"]
    end(world)
    caller = api(world.visitors[visitor])
    for path in API_LISTS:
        assert caller.get(path).json()["results"] == [], path
    assert caller.get(f"trainees/{world.certificate.completion.trainee.code}/").status_code == 404


def test_a_session_still_open_on_the_last_day_is_shut_out_on_the_next(world: World) -> None:
    client, auditor = Client(), world.visitors["auditor"]
    RoleGrant.objects.filter(user=auditor).update(until=clock.today())
    assert auditor
    client.force_login(auditor)
    assert client.get(reverse("audit")).status_code == 200
    RoleGrant.objects.filter(user=auditor).update(until=clock.today() + YESTERDAY)
    assert client.get(reverse("audit")).status_code == 403
