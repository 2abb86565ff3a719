"""What an answer says beside its body: its version, and what is left of the limit."""

import pytest

from tests.factories import make_agency, make_course, make_run

# The number as known now bears its own instant, so that it is never the same twice.
_BELIEVED_THEN = "progress/?known_as_of=2026-10-31"


@pytest.mark.parametrize("address", ["agencies/bo/", "agencies/", _BELIEVED_THEN, ""])
def test_what_is_known_already_is_answered_304_without_a_body(office, address):
    make_agency("bo")
    first = office.get(address)
    again = office.get(address, If_None_Match=first["ETag"])
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again["ETag"] == first["ETag"]
    assert "RateLimit-Remaining" in again


@pytest.mark.parametrize("address", ["agencies/bo/", "agencies/"])
def test_what_has_changed_since_is_answered_whole(office, address):
    agency = make_agency("bo")
    tag = office.get(address)["ETag"]
    type(agency).objects.update(short_name="BYT")
    assert office.get(address, If_None_Match=tag).status_code == 200


def test_a_tag_counts_also_when_a_proxy_has_weakened_it(office):
    make_agency("bo")
    tag = office.get("agencies/bo/")["ETag"]
    assert office.get("agencies/bo/", If_None_Match=f'"x", W/{tag}').status_code == 304


def test_a_changed_row_is_answered_with_the_tag_for_the_next_change(office):
    make_course("C-1")
    first = office.patch("courses/C-1/", {"periods": 8}, If_Match="*")
    second = office.patch("courses/C-1/", {"periods": 9}, If_Match=first["ETag"])
    assert (second.status_code, second.json()["periods"]) == (200, 9)


def test_each_answer_says_how_many_calls_are_left(office, settings):
    settings.API_CALLS_PER_MINUTE = 5
    left = [int(office.get("agencies/")["RateLimit-Remaining"]) for _ in range(3)]
    assert left == [4, 3, 2]
    answer = office.get("agencies/no-such/")
    assert (answer.status_code, answer["RateLimit-Limit"]) == (404, "5")
    assert 1 <= int(answer["RateLimit-Reset"]) <= 60


def test_who_calls_too_often_reads_when_to_come_back(office, settings):
    settings.API_CALLS_PER_MINUTE = 1
    office.get("agencies/")
    refused = office.get("agencies/")
    assert refused.status_code == 429
    assert refused["Retry-After"] == refused["RateLimit-Reset"]
    assert refused["RateLimit-Remaining"] == "0"


def test_strangers_read_what_is_left_for_their_address(anybody, settings):
    settings.API_CALLS_PER_ADDRESS = 3
    answer = anybody.get("runs/")
    assert (answer.status_code, answer["RateLimit-Remaining"]) == (401, "2")


def test_a_replayed_answer_bears_the_tag_of_the_first(office):
    sent = {"code": "R-1", "starts_on": "2027-01-04", "ends_on": "2027-01-05", "capacity": 20}
    sent["course"] = make_course().code
    first, again = (office.post("runs/", sent, Idempotency_Key="k") for _ in range(2))
    assert (again["Idempotent-Replay"], again["ETag"]) == ("true", first["ETag"])


def test_an_answer_is_json_whatever_a_browser_would_rather_read(office):
    make_run(code="R-1")
    answer = office.get("runs/R-1/", Accept="text/html")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
