"""Whose word on a visitor's address is believed."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from common.proxies import ProxyMiddleware


def seen(settings, sender: str, **headers: str) -> HttpRequest:
    """The request as the apps see it."""
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.7"]
    request = RequestFactory().get("/")
    request.META |= {"REMOTE_ADDR": sender, **headers}
    ProxyMiddleware(lambda _request: HttpResponse())(request)
    return request


def test_a_trusted_proxy_says_who_asks(settings):
    request = seen(settings, "127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert request.META["REMOTE_ADDR"] == "203.0.113.9"


def test_behind_two_proxies_the_last_untrusted_address_asks(settings):
    request = seen(settings, "127.0.0.1", HTTP_X_FORWARDED_FOR="1.1.1.1, 203.0.113.9, 10.0.0.7")
    assert request.META["REMOTE_ADDR"] == "203.0.113.9"


@pytest.mark.parametrize("header", ["FOR", "PROTO", "HOST"])
def test_what_a_visitor_forwards_is_dropped(settings, header):
    name = f"HTTP_X_FORWARDED_{header}"
    request = seen(settings, "203.0.113.9", **{name: "https"})
    assert name not in request.META
    assert request.META["REMOTE_ADDR"] == "203.0.113.9"


def test_a_visitor_cannot_pass_for_https(settings, client):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_SSL_REDIRECT = True
    claimed = client.get("/", HTTP_X_FORWARDED_PROTO="https", REMOTE_ADDR="203.0.113.9")
    assert claimed.status_code == 301


def test_forwarded_hosts_are_never_used(settings):
    assert not settings.USE_X_FORWARDED_HOST


@pytest.mark.django_db
def test_new_addresses_in_the_header_do_not_give_new_tries(client, settings):
    settings.API_CALLS_PER_ADDRESS = 3
    answers = [
        client.get(
            "/api/v1/runs/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}"
        ).status_code
        for n in range(4)
    ]
    assert answers == [401, 401, 401, 429]
