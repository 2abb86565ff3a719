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


def test_what_is_on_record_is_listed_narrowed_down_and_read_one_by_one(office: Visitor) -> None:
    make_agency("d")
    first = office.post("successions/", BODY).json()
    later = {"kind": "renaming", "on": "2025-04-01", "predecessors": ["d"]}
    assert office.post("successions/", BODY | later).status_code == 201
    assert office.keys("successions/", "kind") == ["renaming", "merger"]
    assert office.keys("successions/?agency=a", "predecessors") == [["a", "b"]]
    assert office.get(f"successions/{first['id']}/").json() == first
    assert office.get("successions/999999/").status_code == 404


def test_a_succession_is_taken_back_with_a_reason_and_stays_on_record(office: Visitor) -> None:
    recorded = office.post("successions/", BODY).json()
    address = f"successions/{recorded['id']}/void/"
    assert office.post(address, {}).status_code == 400
    voided = office.post(address, {"reason": "Nhập nhầm"}).json()
    assert voided["void_reason"] == "Nhập nhầm"
    assert voided["voided_at"]
    assert Agency.objects.get(slug="a").valid_to is None
    assert office.keys("successions/?voided=false", "id") == []
    assert office.keys("successions/", "id") == [recorded["id"]]
    assert office.post(address, {"reason": "Lần nữa"}).status_code == 409
