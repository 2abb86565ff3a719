import pytest
from django.test import Client
from django.urls import reverse

from people.models import TransferRequest
from tests.factories import make_agency, make_coordinator, make_run, make_trainee, make_trainer

pytestmark = pytest.mark.django_db


def test_a_trainer_sees_the_runs_that_they_teach_alone(client: Client) -> None:
    own, other = make_run(), make_run()
    make_trainer(other)
    client.force_login(make_trainer(own))
    taught = client.get(reverse("my")).context["taught"]
    assert [run["code"] for run in taught] == [own.code]


def test_a_coordinator_sees_the_agencies_and_transfers_of_their_own_alone(client: Client) -> None:
    own, former, sender = make_agency(), make_agency(), make_agency()
    person = make_trainee(former)
    TransferRequest.objects.create(trainee=person, to_agency=sender, asked_by="test")
    client.force_login(make_coordinator(own))
    shown = client.get(reverse("my")).context["coordinator"]
    assert (shown["agencies"], shown["transfers"]) == ([own], "0")
