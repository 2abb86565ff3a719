"""Single sign-on against a provider of our own, over real HTTP.

It is installed by a setting, so these tests run in a process of their own that has it.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import give_second_factor
from audit.services import SYSTEM
from tests.factories import make_user

installed = pytest.mark.skipif(not settings.OIDC_SERVER_URL, reason="runs in the process below")
SIGN_IN, BACK = "/sign-in/oidc/sso/login/", "/sign-in/oidc/sso/login/callback/"


@pytest.mark.skipif(bool(settings.OIDC_SERVER_URL), reason="would start itself")
def test_single_sign_on_where_it_is_configured():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__],
        cwd=Path(settings.BASE_DIR),
        env={
            **os.environ,
            "OIDC_SERVER_URL": f"http://127.0.0.1:{port}",
            "OIDC_CLIENT_ID": "lms",
            "OIDC_CLIENT_SECRET": "secret",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]
    assert "5 passed" in run.stdout


@pytest.mark.skipif(bool(settings.OIDC_SERVER_URL), reason="speaks of sites without it")
def test_without_a_provider_there_is_no_such_address(db, client):
    assert client.post(SIGN_IN).status_code == 404


class Provider(BaseHTTPRequestHandler):
    """Tells who signs in; ``told`` is what it says of them."""

    told: dict[str, Any] = {}

    def do_GET(self) -> None:
        base = settings.OIDC_SERVER_URL
        if self.path == "/userinfo":
            return self._answer(self.told)
        return self._answer(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/userinfo",
                "jwks_uri": f"{base}/keys",
            }
        )

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert sent["code_verifier"], "the code is bound to the session that asked (PKCE)"
        self._answer({"access_token": "token", "token_type": "Bearer"})

    def _answer(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quietly."""


@pytest.fixture
def provider(db: None) -> Iterator[type[Provider]]:
    server = HTTPServer(("127.0.0.1", urlsplit(settings.OIDC_SERVER_URL).port or 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Provider
    server.shutdown()
    server.server_close()


def come_back(client: Client, state: str = "") -> Any:
    """Through the provider and back, with the state that it was sent or another one."""
    asked = parse_qs(urlsplit(client.post(SIGN_IN)["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    return client.get(BACK, {"code": "code", "state": state or asked["state"][0]})


def told(email: str, *, verified: bool = True) -> dict[str, Any]:
    return {"sub": "42", "email": email, "email_verified": verified, "name": "Lê An"}


@installed
def test_a_verified_address_opens_the_account_that_stands(provider, client):
    user = make_user(Role.TRAINER, email="an@x.vn")
    provider.told = told("an@x.vn")
    assert come_back(client)["Location"] == reverse("my")
    assert client.session["_auth_user_id"] == str(user.pk)


@installed
def test_an_address_that_is_not_verified_opens_nothing(provider, client):
    make_user(Role.TRAINER, email="an@x.vn")
    provider.told = told("an@x.vn", verified=False)
    come_back(client)
    assert "_auth_user_id" not in client.session


@installed
def test_no_account_is_opened_for_somebody_unknown(provider, client):
    provider.told = told("stranger@x.vn")
    come_back(client)
    assert "_auth_user_id" not in client.session
    assert not User.objects.exists()


@installed
def test_the_second_factor_is_asked_for_all_the_same(provider, client):
    office = make_user(Role.PROGRAMME_OFFICE, email="an@x.vn")
    give_second_factor(by=SYSTEM, user=office)
    provider.told = told("an@x.vn")
    assert come_back(client)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session


@installed
def test_an_answer_that_this_browser_did_not_ask_for_is_refused(provider, client):
    make_user(Role.TRAINER, email="an@x.vn")
    provider.told = told("an@x.vn")
    come_back(client, state="another")
    assert "_auth_user_id" not in client.session
