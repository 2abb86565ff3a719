"""No search takes an identity number: what is searched for stands in addresses and logs."""

import pytest
from django.urls import reverse

from tests.architecture.world import make_world

NUMBER = "001080000123"
SEARCHES = [
    ("people_accounts", "q"),
    ("accounts", "q"),
    ("agencies", "q"),
    ("certificates", "q"),
    ("courses", "q"),
    ("runs", "q"),
    ("audit", "about"),
    ("audit", "actor"),
]


@pytest.mark.parametrize(("route", "field"), SEARCHES)
@pytest.mark.parametrize("typed", [NUMBER, "001 080 000 123"])
def test_an_address_that_searches_for_an_identity_number_is_left_at_once(
    db, client, route, field, typed
):
    client.force_login(make_world().visitors["office"])
    answer = client.get(reverse(route), {field: typed}, follow=True)
    assert answer.redirect_chain == [(reverse(route), 302)]
    page = answer.content.decode()
    assert typed not in page
    assert "số định danh" in page or "personal number" in page


def test_a_search_for_the_hash_of_a_document_is_none_for_a_number(db, client):
    client.force_login(make_world().visitors["office"])
    digest = "1234567890" * 6 + "abcd"
    assert digest in client.get(reverse("audit"), {"about": digest}).content.decode()


@pytest.mark.parametrize("resource", ["trainees", "agencies", "certificates", "enrollments"])
def test_a_search_of_the_api_refuses_it_too(db, client, resource):
    client.force_login(make_world().visitors["office"])
    answer = client.get(f"/api/v1/{resource}/", {"search": NUMBER})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["search"])
    assert NUMBER not in answer.content.decode()
