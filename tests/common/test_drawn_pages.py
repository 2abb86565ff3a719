"""Pages that strangers get alike are drawn once a second; whoever is somebody gets their own."""

import re

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from common import drawn_pages
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ADDRESSES = ("home", "account_login", "verify")


@pytest.fixture(autouse=True)
def _kept(monkeypatch):
    monkeypatch.setattr(drawn_pages, "SECONDS", 60)


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match
    return match[1]


def token_of(answer) -> str:
    return found(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_second_stranger_asks_the_database_nothing(client, name, django_assert_num_queries):
    first = client.get(reverse(name))
    client.cookies.clear()
    with django_assert_num_queries(0):
        second = client.get(reverse(name))
    assert without_token(second) == without_token(first)
    assert headers_of(second) == headers_of(first)


def headers_of(answer) -> dict[str, str]:
    assert answer.headers["Content-Length"] == str(len(answer.content))
    of_each = {"X-Request-ID", "Content-Length"}
    return {name: value for name, value in answer.headers.items() if name not in of_each}


def without_token(answer) -> bytes:
    return re.sub(rb'value="(\w{32}|\w{64})"', b"", answer.content)


def test_every_stranger_has_a_token_of_their_own_that_works(client):
    one, other = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    other.handler = one.handler
    address = reverse("account_login")
    client.get(address)
    tokens = {token_of(visitor.get(address)) for visitor in (one, other)}
    assert len(tokens) == 2
    form = {"login": "nobody@example.gov.vn", "password": "wrong"}
    mine = form | {"csrfmiddlewaretoken": token_of(one.get(address))}
    assert one.post(address, mine).status_code == 200
    assert other.post(address, mine).status_code == 403


@pytest.mark.parametrize("name", ADDRESSES)
def test_languages_are_kept_apart(client, name):
    pages = [
        client.get(reverse(name), headers={"Accept-Language": language}).content.decode()
        for language in ("vi", "en", "vi", "en")
    ]
    assert [found(r'lang="(\w\w)"', page) for page in pages] == ["vi", "en", "vi", "en"]


def test_who_is_signed_in_gets_a_page_of_their_own_and_leaves_nothing_of_it(client):
    user = make_user(full_name="Trần Thị Ánh")
    stranger = client.get(reverse("home")).content.decode()
    client.force_login(user)
    assert "Trần Thị Ánh" in client.get(reverse("home")).content.decode()
    client.logout()
    assert "Trần Thị Ánh" not in stranger + client.get(reverse("home")).content.decode()


def test_a_question_in_the_address_is_answered_anew(client):
    client.get(reverse("home"))
    assert client.get(reverse("home"), {"as_of": "no day"}).status_code == 400


def test_what_changed_is_shown_after_the_time(client, monkeypatch):
    monkeypatch.setattr(drawn_pages, "SECONDS", 1e-9)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawn_pages._Drawn, "answer", None)
        for _visit in range(2):
            assert client.get(reverse("home")).status_code == 200


def test_while_one_visitor_waits_for_a_new_page_others_get_the_last(rf):
    others: list[bytes] = []

    def draw(request) -> HttpResponse:
        if middleware._drawn:
            others.append(middleware(rf.get("/")).content)
        page = HttpResponse(b"new" if others else b"last")
        page.__dict__["is_for_all"] = True
        return page

    middleware = drawn_pages.DrawnPagesMiddleware(draw)
    middleware(rf.get("/"))
    for key, drawn in middleware._drawn.items():
        middleware._drawn[key] = drawn._replace(until=0)
    assert middleware(rf.get("/")).content == b"new"
    assert others == [b"last"]


def test_a_page_that_is_no_more_is_shown_to_nobody(rf):
    def draw(request) -> HttpResponse:
        page = HttpResponse(status=404 if middleware._drawn else 200)
        page.__dict__["is_for_all"] = True
        return page

    middleware = drawn_pages.DrawnPagesMiddleware(draw)
    middleware(rf.get("/"))
    for key, drawn in middleware._drawn.items():
        middleware._drawn[key] = drawn._replace(until=0)
    assert middleware(rf.get("/")).status_code == 404
    assert middleware._drawn == {}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_host_that_is_not_ours_is_refused_with_the_headers_of_every_page(client, name):
    sent = {"host": "evil.example", "accept-language": "en"}
    refused = client.get(reverse(name), headers=sent)
    assert refused.status_code == 400
    assert "Content-Security-Policy" in refused.headers
    assert refused.headers["Content-Language"] == "en"


def test_a_message_for_one_visitor_is_not_shown_to_the_next(client):
    client.get(reverse("account_login"))
    refused = client.post(reverse("account_login"), {"login": "a@b.vn", "password": "wrong"})
    assert refused.status_code == 200
    assert list(get_messages(refused.wsgi_request)) == []
    client.cookies.clear()
    assert "a@b.vn" not in client.get(reverse("account_login")).content.decode()


# Each Client has middlewares of its own: only visits through one of them share what is kept.
@pytest.mark.parametrize(
    "sent",
    [
        {"HTTP_ACCEPT": "application/json"},
        {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
        {"CONTENT_TYPE": "application/json"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ADDRESSES)
def test_what_a_program_asks_for_is_not_shown_to_the_next(client, name, sent):
    for_a_program = client.get(reverse(name), **sent)
    client.cookies.clear()
    assert client.get(reverse(name))["Content-Type"] == "text/html; charset=utf-8"
    client.cookies.clear()
    assert client.get(reverse(name), **sent)["Content-Type"] == for_a_program["Content-Type"]
