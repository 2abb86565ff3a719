"""An empty list says what will appear, in words that fit the reader's role."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from lms.empty_states import EMPTY_LISTS, empty_list
from lms.menu import MENUS
from tests.architecture.test_access import _VISITORS, RIGHTS
from tests.factories import make_agency, make_coordinator, make_course, make_run, make_trainer
from tests.factories import make_user as bare_user

pytestmark = pytest.mark.django_db
ROLES = [*Role.values]
TEMPLATES = Path(settings.BASE_DIR) / "templates"
VISITORS = {str(role): str(role) for role in ROLES} | {Role.PROGRAMME_OFFICE: "office"}


def make_user(role: str):
    user = make_coordinator(make_agency()) if role == Role.COORDINATOR else bare_user(role)
    create_second_factor(by=SYSTEM, user=user)
    return user


def page_for(user, name: str, *arguments: str) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return str(client.get(reverse(name, args=arguments)).content.decode())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", sorted(EMPTY_LISTS))
def test_no_empty_list_speaks_of_what_the_role_does_not_have(name, role):
    with translation.override("en"):
        found = empty_list(name, make_user(role))
        words = f"{found.title} {found.hint}"
    if role != Role.COORDINATOR:
        assert "from your agency" not in words
        assert "by your agency" not in words
    if role != Role.TRAINER:
        assert "you teach" not in words or name == "people"
    if role in (Role.AUDITOR, Role.TRAINEE):
        assert found.route != "new_run"
    if role == Role.AUDITOR:
        assert not found.route, "an auditor changes nothing"


# What shows a list, or says that there is none.
LIST = re.compile(r"{% (card_table|list_table|empty_list) |empty_state.html|<table|class=\"cards")
EMPTY = re.compile(r'<div class="empty">(.*?)</div>', re.DOTALL)
ROWS = re.compile(r"<tbody[^>]*>\s*<tr|<li|<dd")
# The sheet of elements; what is searched or filled in; figures of which the page says that they
# are not calculated yet; one's own sign-ins, of which there is always one.
NO_LIST = {"style", "search", "help", "new_report", "new_rule", "reconcile", "usersessions_list"}


def list_pages(role: str) -> Iterator[tuple[str, str]]:
    """Each list that the role may open, with its page on a site that has nothing yet."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(role))
    at = _VISITORS.index(VISITORS[role])
    opened = {
        route for (method, route), may in RIGHTS.items() if method == "GET" and may[at] == "200"
    }
    for route in sorted(opened - NO_LIST):
        if route.startswith("admin:"):
            continue
        try:
            answer = client.get(reverse(route))
        except NoReverseMatch:  # the page of one thing
            continue
        names = [str(one.name) for one in answer.templates]
        if answer.status_code == 200 and names and LIST.search((TEMPLATES / names[0]).read_text()):
            main = answer.content.decode().partition("<main")[2].partition("</main")[0]
            yield route, re.sub("<nav.*?</nav>", "", main, flags=re.DOTALL)


@pytest.mark.parametrize("role", ROLES)
def test_every_empty_list_has_a_sentence_and_a_next_step_for_each_role(role):
    found, client = dict(list_pages(role)), Client()
    assert {"certificates", "runs", "agencies", "jobs"} <= set(found)
    client.force_login(make_user(role))
    silent, closed = [], []
    for route, page in found.items():
        said = EMPTY.findall(page)
        # When something will appear, or where to go now.
        steps = [one for one in said if 'class="soft"' in one or "href=" in one]
        if steps != said or not (said or ROWS.search(page)):
            silent.append(route)
        links = [link for one in said for link in re.findall('href="([^"]+)"', one)]
        closed += [(route, link) for link in links if client.get(link).status_code != 200]
    assert silent == [], "give it an entry in lms/empty_states.py"
    assert closed == [], "a button that its reader may not press"


def test_trainers_and_trainees_outside_a_class_read_of_no_agency():
    run = make_run(state="open")
    for role in (Role.TRAINER, Role.TRAINEE):
        page = page_for(make_user(role), "run", run.code)
        assert "from your agency" not in page
        # A trainee outside sees no list of the class at all.
        is_trainer = role == Role.TRAINER
        assert ("The people of this class are not shown here" in page) == is_trainer
    coordinator = make_user(Role.COORDINATOR)
    assert "No one from your agency is in this class yet" in page_for(coordinator, "run", run.code)
    trainer = make_trainer(run)
    assert "No one is in this class yet" in page_for(trainer, "run", run.code)


def test_the_lists_ask_for_the_words_of_the_role():
    course = make_course()
    trainee, office = make_user(Role.TRAINEE), make_user(Role.PROGRAMME_OFFICE)
    assert "Your certificates appear here" in page_for(trainee, "certificates")
    assert "on the page of a closed class" in page_for(office, "certificates")
    assert reverse("new_run") in page_for(office, "course", course.code)
    assert "Your agency&#x27;s coordinator" in page_for(trainee, "course", course.code)


def test_no_two_entries_of_a_menu_have_one_label():
    for language in ("vi", "en"):
        with translation.override(language):
            for role, jobs in MENUS.items():
                for job in jobs:
                    labels = [str(page.label) for page in job.pages]
                    assert len(labels) == len(set(labels)), (role, labels)


def test_the_public_page_of_an_empty_site_says_so_in_words():
    page = Client(headers={"accept-language": "en"}).get("/").content.decode()
    assert "No figures yet" in page
    assert 'class="figure-number"' not in page
    assert "badge-bad" not in page
    assert "<svg viewBox" not in page
