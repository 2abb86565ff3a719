"""Error pages, languages and totals without people."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from django.views.defaults import bad_request, server_error

from accounts.choices import Role
from tests.architecture.world import make_world
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "title"), [("vi", "Không có trang này"), ("en", "Page not found")]
)
def test_an_unknown_page_answers_in_the_readers_language(client, language, title):
    response = client.get("/no-such-page/", headers={"accept-language": language})
    assert response.status_code == 404
    assert title in response.content.decode()
    assert f'<html lang="{language}">' in response.content.decode()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_failure_answers_in_our_look(language):
    request = RequestFactory().get("/")
    with translation.override(language):
        for response in (server_error(request), bad_request(request, SuspiciousOperation())):
            assert f'<html lang="{language}">' in response.content.decode()


def test_a_form_without_its_token_is_refused_in_our_look():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("language"), headers={"accept-language": "en"})
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()


def test_vietnamese_is_spoken_to_those_who_ask_for_neither(client):
    page = client.get("/", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="vi">' in page


def test_the_choice_of_a_language_lasts_and_reaches_the_account(client):
    user = make_user(Role.TRAINEE)
    client.force_login(user)
    client.post(reverse("language"), {"language": "en", "next": "/my/"})
    user.refresh_from_db()
    assert user.language == "en"
    page = client.get("/my/", headers={"accept-language": "vi"}).content.decode()
    assert '<html lang="en">' in page


def test_a_language_leads_to_no_other_site(client):
    response = client.post(reverse("language"), {"language": "en", "next": "https://evil.example/"})
    assert not response["Location"].startswith("https://evil.example")


def test_the_public_page_names_nobody(client):
    world = make_world()
    page = client.get("/").content.decode()
    person = world.certificate.completion.trainee
    assert '<strong class="figure-number">1</strong>' in page
    assert person.full_name not in page
    assert person.code not in page


def test_every_page_has_a_strict_security_policy(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
