"""Pages of the counter: explanation, sample, versions of the rule."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock
from counting.asked import asked_day
from counting.counter import counted
from counting.errors import CountingError
from counting.models import CountingRule
from counting.sample import sample
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

JUNE = dt.date(2024, 6, 10)


@pytest.fixture
def office(client):
    user = make_user("programme_office", language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


@pytest.fixture
def run():
    course = make_course("AI-101")
    make_rule([course])
    return make_run(course, sessions=0)


def people(run, number=1):
    agency = make_agency()
    return [
        make_completion(make_trainee(agency), run, completed_on=JUNE).trainee for _ in range(number)
    ]


def page(client, route, *args, **query):
    response = client.get(reverse(route, args=args), query, headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_of_a_counted_person_says_since_when_and_by_what(office, run):
    (person,) = people(run)
    text = page(office, "explain", person.code)
    for expected in ("Counted", "since 10/06/2024", "AI-101", run.code, "Each person once."):
        assert expected in text


def test_the_page_of_somebody_else_says_what_is_missing(office, run):
    text = page(office, "explain", make_trainee().code)
    assert "Not counted" in text
    assert "No completion is recorded for this person." in text


def test_the_page_answers_for_another_day_and_belief(office, run):
    (person,) = people(run)
    assert "Not counted" in page(office, "explain", person.code, as_of="2024-06-09")
    assert "Not counted" in page(office, "explain", person.code, known_as_of="2024-06-09")


def test_a_day_to_come_is_refused_with_a_sentence(office, run):
    (person,) = people(run)
    assert "in the future" in page(office, "explain", person.code, as_of="2999-01-01")
    with pytest.raises(CountingError, check=lambda error: error.code == "as_of_in_future"):
        asked_day(dt.date(2999, 1, 1))


def test_the_same_seed_draws_the_same_people(run):
    people(run, 12)
    drawn = [one.person.code for one in sample(counted(), size=5, seed="a7")]
    assert len(set(drawn)) == 5
    assert [one.person.code for one in sample(counted(), size=5, seed="a7")] == drawn
    assert [one.person.code for one in sample(counted(), size=5, seed="b8")] != drawn


def test_the_sample_shows_its_seed_and_can_be_drawn_again_after_changes(office, run):
    first = people(run, 5)
    response = office.get(reverse("counted_sample"), {"size": 2, "seed": "a7"})
    again = response.context["again"]
    rows = response.context["rows"]
    make_completion(make_trainee(), run, completed_on=JUNE, recorded_at=clock.now())
    assert len(first) == 5
    assert "a7" in response.content.decode()
    assert office.get(again).context["rows"] == rows


def test_the_office_adopts_the_next_version_from_the_one_in_force(office, run):
    form = office.get(reverse("new_rule")).context["form"]
    asked = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    answer = office.post(
        reverse("new_rule"), asked | {"minimum_periods": 40, "reason": "Decided so"}
    )
    assert answer.status_code == 302
    assert CountingRule.objects.get(version=2).minimum_periods == 40
    assert "Decided so" in page(office, "counting_rules")


def test_a_version_without_a_reason_is_refused_with_a_sentence(office, run):
    form = office.get(reverse("new_rule")).context["form"]
    asked = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    answer = office.post(reverse("new_rule"), asked | {"reason": ""})
    assert answer.status_code == 200
    assert CountingRule.objects.count() == 1
