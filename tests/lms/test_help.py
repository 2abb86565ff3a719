"""What pages of figures show, said on the page and in the guide, in the reader's language."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from lms.help import FIGURES, GUIDE
from tests.factories import make_user

pytestmark = pytest.mark.django_db

WITHOUT_ARGUMENTS = [topic.route for topic in FIGURES if topic.route != "explain"]


def sign_in(client: Client, role: str) -> None:
    user = make_user(role)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)


@pytest.mark.parametrize("route", WITHOUT_ARGUMENTS)
def test_each_page_of_figures_says_what_it_shows(client, route):
    sign_in(client, Role.PROGRAMME_OFFICE)
    page = client.get(reverse(route), headers={"accept-language": "en"}).content.decode()
    topic = next(one for one in FIGURES if one.route == route)
    with translation.override("en"):
        assert str(topic.text).replace("'", "&#x27;") in page


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_guide_speaks_of_the_readers_own_work_and_its_links_open(client, role, language):
    sign_in(client, role)
    answer = client.get(reverse("help"), headers={"accept-language": language})
    shown = [*answer.context["guide"], *answer.context["figures"]]
    assert len(shown) >= 4
    if role != Role.TRAINEE:
        for topic in shown:
            if topic.route != "explain":
                assert client.get(reverse(topic.route)).status_code == 200, topic.route


def test_every_topic_has_both_languages():
    for topic in (*FIGURES, *GUIDE):
        with translation.override("vi"):
            vietnamese = str(topic.text)
        with translation.override("en"):
            assert str(topic.text) != vietnamese
