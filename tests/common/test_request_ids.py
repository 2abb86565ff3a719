import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.choices import Role
from common.request_ids import RequestIdMiddleware
from common.secret_paths import JSONFormatter
from tests.factories import make_user

NGINX = "0123456789abcdef" * 2


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(JSONFormatter())
    logging.getLogger().addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def respond(request: HttpRequest) -> HttpResponse:
    logging.getLogger("lms").error("refused /invitation/%s", "q7f-Secret_Of-A.Link")
    return HttpResponse()


def test_a_line_of_the_log_names_the_request_that_the_answer_names(lines):
    answer = RequestIdMiddleware(respond)(RequestFactory().get("/"))
    assert [line["request"] for line in lines()] == [answer["X-Request-ID"]]


def test_the_id_of_the_proxy_is_taken_over_and_nothing_else():
    middleware = RequestIdMiddleware(respond)
    taken = middleware(RequestFactory().get("/", headers={"X-Request-ID": NGINX}))
    assert taken["X-Request-ID"] == NGINX
    for forged in (NGINX.upper(), NGINX + "0", "a b", 'x","user":1'):
        answer = middleware(RequestFactory().get("/", headers={"X-Request-ID": forged}))
        assert answer["X-Request-ID"] != forged


def test_a_line_of_the_log_holds_no_secret(lines):
    respond(RequestFactory().get("/"))
    assert "q7f-Secret" not in json.dumps(lines())


@pytest.mark.django_db
def test_a_line_of_the_log_has_the_number_of_the_user_and_no_address(client, lines):
    user = make_user(Role.PROGRAMME_OFFICE)
    client.force_login(user)
    client.get("/no-such-page/")
    logged = [line for line in lines() if line["logger"] == "django.request"]
    assert {line.get("user") for line in logged} <= {user.pk}
    assert user.email not in json.dumps(logged)
    assert all(len(line["request"]) == 32 for line in logged)


def test_a_line_outside_of_a_request_names_none(lines):
    logging.getLogger("lms").error("a worker's line")
    assert [set(line) for line in lines()] == [{"at", "level", "logger", "message"}]
