"""An empty list says what will appear, in words that fit the reader's role."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from lms.empty_states import EMPTY_LISTS, empty_list
from lms.menu import MENUS
from tests.factories import make_agency, make_coordinator, make_course, make_run, make_trainer
from tests.factories import make_user as bare_user

pytestmark = pytest.mark.django_db
ROLES = [*Role.values]


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


def test_the_button_of_an_empty_list_may_be_pressed_by_its_reader():
    for role in ROLES:
        user = make_user(role)
        client = Client()
        client.force_login(user)
        for name in EMPTY_LISTS:
            found = empty_list(name, user)
            if name in _shown_to(role) and found.href:
                assert client.get(found.href).status_code == 200, (role, name)


def _shown_to(role: str) -> set[str]:
    """Lists that a role may open at all."""
    hidden = {
        Role.TRAINEE: {"people", "rosters", "class_roster"},
        Role.TRAINER: {"rosters"},
    }
    return set(EMPTY_LISTS) - hidden.get(Role(role), set())


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
