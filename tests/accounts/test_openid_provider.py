"""Single sign-on against a certified OpenID provider (Node; needs a package registry)."""

import re
import socket
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.services.single_sign_on import set_staff_number
from audit.services import SYSTEM
from tests.factories import make_user
from tests.validators.node import install

SITE = "http://127.0.0.1:8000"
CLIENT, SECRET = "lms", "a secret: with a colon + plus"
SIGN_IN, BACK = "/sign-in/oidc/sso/login/", "/sign-in/oidc/sso/login/callback/"

pytestmark = [pytest.mark.full, pytest.mark.django_db]


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = install("openid", tmp_path_factory.mktemp("openid"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", "provider.mjs", str(port), CLIENT, SECRET, SITE + BACK, f"{SITE}/"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert any(line.startswith("ready") for line in process.stdout)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture(autouse=True)
def configured(settings: Any, issuer: str) -> None:
    settings.OIDC_SERVER_URL, settings.SITE_URL = issuer, SITE
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET


class Browser:
    """Goes to the provider as a browser does; stops when it is sent back to us."""

    def __init__(self) -> None:
        self.session = requests.Session()

    def follow(self, address: str, form: dict[str, str] | None = None) -> str:
        """The address on our site to which the provider leads, or the page where it stops."""
        for _hop in range(10):
            if address.startswith(SITE):
                return address
            answer = self.session.request(
                "POST" if form else "GET", address, data=form, allow_redirects=False, timeout=10
            )
            form = None
            if not answer.is_redirect:
                self.page, self.address = answer.text, address
                return ""
            address = urljoin(address, answer.headers["Location"])
        raise AssertionError("too many redirects")

    def sign_in(self, address: str, login: str) -> str:
        reached = self.follow(address)
        while not reached:
            found = re.search(r'<form[^>]* action="([^"]+)"', self.page)
            assert found, self.page
            fields = dict(
                re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page)
            )
            reached = self.follow(
                urljoin(self.address, found[1]), fields | {"login": login, "password": "any"}
            )
        return reached


def sign_in(client: Client, login: str, browser: Browser | None = None) -> Any:
    address = client.post(SIGN_IN)["Location"]
    reached = (browser or Browser()).sign_in(address, login)
    assert urlsplit(reached).path == BACK
    return client.get(reached.removeprefix(SITE))


def test_the_account_with_the_verified_address_is_opened(client) -> None:
    user = make_user(Role.TRAINER, email="an@x.vn")
    assert sign_in(client, "an@x.vn")["Location"] == reverse("my")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.sign_on_identities.get().subject == "an@x.vn"


def test_an_address_that_is_not_verified_opens_nothing(client) -> None:
    make_user(Role.TRAINER, email="an@x.vn")
    assert sign_in(client, "an@x.vn#unverified").status_code == 403


def test_another_subject_with_the_same_address_is_refused(client) -> None:
    make_user(Role.TRAINER, email="an@x.vn")
    sign_in(Client(), "an@x.vn")
    assert sign_in(client, "an@x.vn#2").status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_staff_number_names_the_account(client, settings) -> None:
    settings.OIDC_IDENTIFIES_BY = settings.OIDC_CLAIM = "staff_number"
    settings.OIDC_SCOPE = "openid staff"
    user = make_user(Role.TRAINER)
    set_staff_number(by=SYSTEM, user=user, number="BKH-0012")
    sign_in(client, "an@x.vn")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_signing_out_here_signs_out_there(client, settings) -> None:
    settings.OIDC_SIGN_OUT = True
    make_user(Role.TRAINER, email="an@x.vn")
    browser = Browser()
    sign_in(client, "an@x.vn", browser)
    address = client.post(reverse("account_logout"))["Location"]
    assert browser.follow(address) == ""
    secret = re.search(r'name="xsrf" value="([^"]+)"', browser.page)
    action = re.search(r'action="([^"]+)"', browser.page)
    assert secret, browser.page
    assert action
    form = {"xsrf": secret[1], "logout": "yes"}
    assert browser.follow(urljoin(browser.address, action[1]), form) == f"{SITE}/"
    assert browser.follow(client.post(SIGN_IN)["Location"]) == "", "it asks who is there once more"
