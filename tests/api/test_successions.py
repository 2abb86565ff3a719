"""Mergers, renamings and splits through the API."""

import datetime as dt

import pytest

from agencies.models import Agency, Succession
from tests.api.conftest import Visitor
from tests.factories import make_agency

pytestmark = pytest.mark.django_db
BODY = {"kind": "merger", "on": "2025-03-01", "predecessors": ["a", "b"], "successors": ["c"]}


@pytest.fixture(autouse=True)
def agencies() -> None:
    for slug in ("a", "b", "c"):
        make_agency(slug)


def test_a_merger_is_recorded(office: Visitor) -> None:
    answer = office.send("POST", "successions/", BODY)
    assert (answer.status_code, answer.json()["predecessors"]) == (201, ["a", "b"])
    assert Agency.objects.get(slug="a").valid_to == dt.date(2025, 2, 28)


@pytest.mark.parametrize(
    ("change", "status"),
    [({"successors": ["nope"]}, 400), ({"kind": "split"}, 409), ({"successors": ["a"]}, 409)],
)
def test_what_cannot_be_is_refused(office: Visitor, change: dict, status: int) -> None:
    assert office.send("POST", "successions/", BODY | change).status_code == status
    assert not Succession.objects.exists()
