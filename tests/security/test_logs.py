"""No link that lets somebody in stands in a log."""

import io
import logging
import types
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.module_loading import import_string
from gunicorn.config import Config

from accounts.choices import Role
from accounts.services.invitations import invite
from audit.services import SYSTEM
from common.secret_paths import without_secrets
from lms.gunicorn_logging import RedactingLogger
from tests.factories import make_user

SECRET = "q7f-Secret_Of-A.Link"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What our handler writes, with the formatter of the settings."""
    formatters: Any = settings.LOGGING["formatters"]
    options = dict(formatters["plain"])
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(import_string(options.pop("()"))(**options))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def _addresses() -> Iterator[tuple[str, str]]:
    """Every address with a part that is named like a secret, filled in with one."""
    routes = get_resolver().reverse_dict
    for name in filter(lambda name: isinstance(name, str), routes):
        for forms, *_rest in routes.getlist(name):
            for route, keys in forms:
                if {"token", "key", "secret"} & set(keys):
                    yield str(name), "/" + route % dict.fromkeys(keys, SECRET)


def test_every_address_with_a_secret_is_blacked_out():
    found = dict(_addresses())
    assert {"claim_by_link", "shared_certificate", "check_in_scan"} <= set(found)
    assert "account_reset_password_from_key" in found
    assert [name for name, path in found.items() if SECRET in without_secrets(path)] == []


@pytest.mark.django_db
def test_no_search_engine_lists_an_address_with_a_secret(client):
    told = {name: client.get(path).get("X-Robots-Tag", "") for name, path in _addresses()}
    listed = [name for name, header in told.items() if "noindex" not in header]
    assert listed == []


@pytest.mark.parametrize("slash", ["%2F", "%2f", "%252F", "//"])
def test_a_secret_is_redacted_where_its_address_is_part_of_another_one(slash):
    """Asked for a password, a visitor of /accounts/address/… comes back there by ?next=%2F…"""
    found = {name: path.replace("/", slash) for name, path in _addresses()}
    assert found
    told = [name for name, path in found.items() if SECRET in without_secrets(f"/x/?next={path}")]
    assert told == []


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer lms_{}",
        "/x?a=1&amp;code={}",
        "/end?id_token_hint={}",
        "/VERIFY/shared/{}",
    ],
)
def test_secrets_that_libraries_write_are_blacked_out(text):
    token = "0123456789abcdefABCDEF"
    assert token not in without_secrets(text.format(token))


@pytest.mark.parametrize(
    "text",
    ["GET /people/?q={} HTTP/1.1", "Key (number)=({}) already exists", "no such value: '{}'"],
)
def test_a_personal_number_is_blacked_out(text):
    """Searches are refused before they are sent, but not by every program."""
    assert "001085012345" not in without_secrets(text.format("001085012345"))
    assert "012345678" not in without_secrets("GET /people/?q=012345678&x=1")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30T09:21:33+0700 INFO job 7f3b took 1234567890123 ns",
        "f81d4fae-7dec-11d0-a765-001085012345 is done",
        "signed in: user 123456789 from 203.0.113.1",
    ],
)
def test_other_numbers_stay_in_the_log(text):
    assert without_secrets(text) == text


@pytest.mark.django_db
def test_a_refused_form_does_not_put_its_link_into_the_log(log, client):
    invite(by=SYSTEM, email="an@x.vn", full_name="An", roles={Role.TRAINER: None})
    token = str(mail.outbox[-1].body).split("/invitation/")[1].split("/")[0]
    refused = client.post(f"/invitation/{token}/", {"password": "x", "again": "x"})
    assert refused.status_code == 400
    assert "/invitation/" in log.getvalue()
    assert token not in log.getvalue()


@pytest.mark.django_db
def test_a_forged_form_and_a_crash_do_not_put_the_link_into_the_log(log, monkeypatch):
    Client(enforce_csrf_checks=True).post(f"/invitation/{SECRET}/", {"password": "x"})
    monkeypatch.setattr("accounts.views.invitation_by_link", lambda token: 1 / 0)
    Client(raise_request_exception=False).get(f"/invitation/{SECRET}/")
    assert "Internal Server Error" in log.getvalue()
    assert "Forbidden" in log.getvalue()
    assert SECRET not in log.getvalue()


@pytest.mark.django_db
def test_a_link_to_a_new_password_is_not_in_the_log(log, client):
    user = make_user(email="an@x.vn")
    client.post(reverse("account_reset_password"), {"email": user.email})
    path = "/sign-in/password/reset/key/" + str(mail.outbox[-1].body).split("/key/")[1].split()[0]
    client.get(path, follow=True)
    client.get(path[:-2] + "x/")
    assert path.split("/")[-2] not in log.getvalue()


def test_the_access_log_of_gunicorn_names_no_secret(tmp_path):
    """Whoever switches it on logs every address that is asked for, also those that work."""
    config = Config()
    config.set("accesslog", str(tmp_path / "access.log"))
    logger = RedactingLogger(config)
    answer = types.SimpleNamespace(status="200 OK", sent=1, headers=[])
    asked = types.SimpleNamespace(headers=[])
    path = f"/invitation/{SECRET}/"
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"{path}?code={SECRET}",
        "PATH_INFO": path,
        "QUERY_STRING": f"code={SECRET}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://lms.example{path}",
    }
    took = types.SimpleNamespace(seconds=0, microseconds=1)
    logger.access(answer, asked, environ, took)
    logger.error("Error handling request %s", path)
    written = (tmp_path / "access.log").read_text()
    assert "GET /invitation/[secret]/?code=[secret] HTTP/1.1" in written
    assert SECRET not in written
