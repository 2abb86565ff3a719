"""An agency wrongly entered as *other* and corrected: its people are asked about."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services import create_second_factor
from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from counting.counter import counted
from tests.counting.makers import make_rule
from tests.factories import make_agency, make_completion, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> Agency:
    agency = make_agency("khac", kind="other")
    run = make_run()
    make_rule([run.course])
    make_completion(make_trainee(agency), run)
    return agency


@pytest.fixture
def office(client: Client) -> Client:
    user = make_user("programme_office")
    create_second_factor(by=OFFICE, user=user)
    client.force_login(user)
    return client


def correct_kind(office: Client, agency: Agency) -> str:
    page = office.get(reverse("correct_agency", args=[agency.slug]))
    sent = {name: value or "" for name, value in page.context["form"].initial.items()}
    edition = {one.html_name: one.value() for one in page.context["form"].hidden_fields()}
    answer = office.post(
        reverse("correct_agency", args=[agency.slug]), sent | edition | {"kind": "ministry"}
    )
    return str(answer.headers["Location"])


@pytest.mark.parametrize(("choice", "persons"), [("move", 1), ("keep", 0)])
def test_a_corrected_kind_asks_what_becomes_of_its_people(
    office: Client, other: Agency, choice: str, persons: int
) -> None:
    before = clock.now()
    question = correct_kind(office, other)
    assert question == reverse("agency_kind", args=[other.slug])
    page = office.get(question)
    assert (page.context["people"], page.context["results"]) == ("1", "1")
    assert counted().persons == 0
    office.post(question, {"results": choice, "reason": "Nhập nhầm loại hình"})
    assert counted().persons == persons
    assert counted(known_as_of=before).persons == 0


def test_without_results_nothing_is_asked(office: Client) -> None:
    agency = make_agency(kind="other")
    answer = office.get(correct_kind(office, agency))
    assert answer.headers["Location"] == reverse("agency", args=[agency.slug])
