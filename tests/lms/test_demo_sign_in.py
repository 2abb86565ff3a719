"""The demo's roles stand on its sign-in page, in development and nowhere else."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from lms.demo.signins import COORDINATED, OFFICE, make_sign_ins
from lms.management.commands.demo_signins import language_of_terminal
from tests.factories import make_agency, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEBUG = True
    make_agency(COORDINATED)
    make_sign_ins()


def press(client: Client, email: str) -> Any:
    return client.post(reverse("demo_sign_in"), {"email": email})


@pytest.mark.usefixtures("demo")
def test_one_press_signs_in_second_factor_included(client):
    page = client.get(reverse("account_login"), headers={"accept-language": "en"})
    assert "Programme office" in page.content.decode()
    assert press(client, OFFICE)["Location"] == reverse("my")
    assert client.get(reverse("audit")).status_code == 200


@pytest.mark.usefixtures("demo")
def test_the_next_role_is_one_press_away_as_well(client):
    press(client, OFFICE)
    press(client, "trainer@demo.example")
    assert client.get(reverse("audit")).status_code == 403


@pytest.mark.usefixtures("demo")
def test_outside_of_debug_nothing_is_offered_and_nobody_let_in(client, settings):
    settings.DEBUG = False
    assert "demo.example" not in client.get(reverse("account_login")).content.decode()
    assert press(client, OFFICE).status_code == 404


def test_without_the_demo_nothing_is_offered_and_nobody_let_in(client, settings):
    settings.DEBUG = True
    user = make_user("programme_office", email="mai@bkhcn.gov.vn")
    assert reverse("demo_sign_in") not in client.get(reverse("account_login")).content.decode()
    assert press(client, user.email).status_code == 404
    assert press(client, OFFICE).status_code == 404


@pytest.mark.usefixtures("demo")
def test_nobody_but_demo_users_is_let_in_beside_the_demo(client):
    assert press(client, make_user("programme_office").email).status_code == 404


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("locale", "label"), [("en_US.UTF-8", "Trainer"), ("vi_VN.UTF-8", "Giảng viên")]
)
def test_the_terminal_speaks_the_language_of_its_reader(monkeypatch, capsys, locale, label):
    monkeypatch.setenv("LC_ALL", locale)
    call_command("demo_signins")
    assert label in capsys.readouterr().out


def test_a_terminal_without_a_language_is_vietnamese(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    assert language_of_terminal() == "vi"
