"""What a coordinator is told of use at work where few people have answered."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from agencies.models import Agency
from audit.services import SYSTEM
from common import clock
from evaluations.models import FollowUp
from evaluations.results import effect_by
from tests.api.conftest import Visitor
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Agency:
    return make_agency("bo-a")


def answers(agency: Agency, code: str, *, count: int, respondent: str = "trainee") -> None:
    """So many people of a course who use it at work, and one who has not answered."""
    run = make_run(make_course(code))
    for number in range(count + 1):
        FollowUp.objects.create(
            completion=make_completion(make_trainee(agency), run),
            months=3,
            respondent=respondent,
            closes_on=clock.today() + dt.timedelta(days=30),
            **({"answered_at": clock.now(), "use": "sometimes"} if number else {}),
        )


def used(reader: User) -> dict[str, int | None]:
    key = "completion__run__course__code"
    rows = FollowUp.objects.visible_to(reader)
    return {one[key]: one["uses_it"] for one in effect_by(key, rows, reader)}


def test_a_coordinator_reads_no_figure_of_fewer_than_five_answers(agency):
    answers(agency, "A", count=4)
    answers(agency, "B", count=3)
    answers(agency, "C", count=5)
    answers(agency, "D", count=0)
    coordinator, office = make_coordinator(agency), make_user(Role.PROGRAMME_OFFICE)
    assert used(coordinator) == {"A": None, "B": None, "C": 5, "D": 0}
    assert used(office) == {"A": 4, "B": 3, "C": 5, "D": 0}


def test_a_single_hidden_figure_does_not_follow_from_the_sum_of_all(agency):
    """The next smallest is hidden with it."""
    answers(agency, "A", count=1)
    answers(agency, "B", count=5)
    answers(agency, "C", count=9)
    assert used(make_coordinator(agency)) == {"A": None, "B": None, "C": 9}


def test_page_and_api_hide_the_same_and_the_page_says_so(client: Any, agency):
    answers(agency, "A", count=2)
    coordinator = make_coordinator(agency)
    client.force_login(coordinator)
    page = client.get(reverse("effect")).text
    assert page.count("–</td>") == 2 * 3  # by respondent, course and agency
    assert "dưới 5 người" in page
    (group,) = Visitor(coordinator).get("effect/").json()["groups"]
    assert group == {"key": "A", "asked": 3, "answered": 2, "uses_it": None, "with_example": None}


def test_a_coordinator_cannot_narrow_the_figures_and_compare(client, agency):
    """All days but one would tell the one answer of that day."""
    answers(agency, "A", count=9)
    client.force_login(make_coordinator(agency))
    whole = client.get(reverse("effect"))
    for query in ("since=2000-01-01&until=2000-01-02", "months=6", "course=A", "since=x"):
        narrowed = client.get(f"{reverse('effect')}?{query}")
        assert (narrowed.context["total"], narrowed.context["courses"]) == (
            whole.context["total"],
            whole.context["courses"],
        )
    assert 'name="since"' not in whole.content.decode()
    create_second_factor(by=SYSTEM, user=(office := make_user(Role.PROGRAMME_OFFICE)))
    client.force_login(office)
    assert not client.get(f"{reverse('effect')}?until=2000-01-01").context["total"]
