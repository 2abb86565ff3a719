"""The empty site leads the first office user to the first certificate."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from certificates.models import Signer
from lms.first_steps import STEPS, progress_of_first_steps
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client) -> Client:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


def home(client: Client) -> str:
    return client.get(reverse("my"), headers={"accept-language": "en"}).content.decode()


def done() -> list[bool]:
    return [is_done for _step, is_done, _is_next in progress_of_first_steps().steps]


def test_a_new_site_shows_eight_steps_and_each_leads_to_its_page(office):
    call_command("load_reference", verbosity=0)
    assert len(STEPS) == 8
    page = home(office)
    assert "First steps" in page
    for step in STEPS:
        assert office.get(step.href).status_code == 200, str(step.title)


def test_the_sample_signer_counts_for_nothing_and_is_named(office):
    call_command("load_reference", verbosity=0)
    steps = progress_of_first_steps()
    assert not done()[0]
    assert steps.sample is not None
    assert steps.sample.name in home(office)
    Signer.objects.filter(pk=steps.sample.pk).update(is_sample=False)
    assert done()[0]
    assert progress_of_first_steps().sample is None


def test_each_step_is_done_once_its_thing_is_there():
    before = done()
    run = make_run()
    make_trainer(run)
    make_coordinator(make_agency())
    after = done()
    assert [n for n in range(8) if after[n] and not before[n]] == [3, 4, 6]


def test_the_first_open_step_is_the_next_one(office):
    steps = progress_of_first_steps()
    assert [is_next for _step, _done, is_next in steps.steps] == [True] + [False] * 7


def test_once_there_are_results_the_home_is_the_queue_alone(office):
    run = make_run()
    make_rule([run.course])
    make_completion(make_trainee(), run)
    assert "First steps" not in home(office).split("<main")[1]
    assert office.get(reverse("first_steps")).status_code == 200


def test_without_any_figure_no_target_is_called_missed_in_red(client):
    call_command("load_reference", verbosity=0)
    page = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert "not reached" not in page
    assert "no figures yet" in page


def test_who_invites_reads_what_each_role_may_do(office: Any):
    answer = office.get(reverse("new_account"), headers={"accept-language": "en"})
    assert "Reads everything and changes nothing" in answer.content.decode()
    asked = office.get(f"{reverse('new_account')}?role=auditor").context["form"]
    assert asked["role"].value() == "auditor"
