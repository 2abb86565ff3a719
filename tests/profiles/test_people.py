import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from enrollment.services.people import people_listed_for
from people.services.merges import merge
from tests.architecture.world import adopt_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> User:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


def names(user: User, **asked: str) -> list[str]:
    return re.findall(r'/people/HV-\w+/">([^<]+)</a>', page(user, **asked))


def page(user: User, **asked: str) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("people"), asked).content.decode()


def search(user: User, **asked: str):
    client = Client()
    client.force_login(user)
    return client.post(reverse("people"), asked)


def test_the_office_sees_everybody_in_the_order_of_rosters(office: User) -> None:
    for name in ("Trần Đức", "Nguyễn Ánh", "Lê An"):
        make_trainee(full_name=name)
    assert names(office) == ["Lê An", "Nguyễn Ánh", "Trần Đức"]


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TRAINER])
def test_who_has_neither_an_agency_nor_a_class_gets_an_empty_list(role: str) -> None:
    make_trainee(full_name="Lê An")
    assert names(make_user(role)) == []


def test_a_coordinator_whose_term_is_over_sees_nobody() -> None:
    agency = make_agency()
    make_trainee(agency, full_name="Lê An")
    coordinator = make_coordinator(agency)
    assert names(coordinator) == ["Lê An"]
    agency.coordinators.update(until=dt.date(2020, 1, 1))
    assert names(coordinator) == []


def test_a_coordinator_sees_their_own_people_alone() -> None:
    agency = make_agency()
    make_trainee(agency, full_name="Lê An")
    make_trainee(full_name="Trần Đức")
    assert names(make_coordinator(agency)) == ["Lê An"]


def test_a_coordinator_who_learns_elsewhere_sees_themselves_too() -> None:
    agency = make_agency()
    make_trainee(agency, full_name="Lê An")
    user = make_coordinator(agency)
    make_trainee(full_name="Trần Đức", user=user)
    assert names(user) == ["Lê An", "Trần Đức"]


def test_the_people_of_a_large_agency_are_walked_by_name_and_not_sorted() -> None:
    """SQLite's plan says "FOR ORDER BY" with several agencies too, but walks each one's index."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL weighs how many there are")
    agency = make_agency()
    user = make_coordinator(agency)
    make_trainee(agency, user=user)
    plan = people_listed_for(user).in_roster_order()[:50].explain()
    assert "trainee_of_agency" in plan
    assert "MULTI-INDEX OR" not in plan


def test_a_trainer_sees_who_is_in_their_classes() -> None:
    run = make_run()
    make_enrollment(run, make_trainee(full_name="Lê An"))
    make_enrollment(make_run(), make_trainee(full_name="Trần Đức"))
    assert names(make_trainer(run)) == ["Lê An"]


def test_after_a_transfer_the_former_agency_lists_the_person_no_more() -> None:
    here, there = make_agency(), make_agency()
    moved = make_trainee(here, full_name="Lê An")
    make_enrollment(make_run(), moved)
    moved.agency = there
    moved.save()
    assert names(make_coordinator(here)) == []
    assert names(make_coordinator(there)) == ["Lê An"]


@pytest.mark.parametrize("text", ["duc anh", "Đức", "ĐỨC ÁNH", "Đu"])
def test_a_search_does_not_mind_accents_and_capitals(office: User, text: str) -> None:
    make_trainee(full_name="Nguyễn Đức Ánh")
    make_trainee(full_name="Trần Bình")
    assert names(office, q=text) == ["Nguyễn Đức Ánh"]


def test_a_search_finds_a_trainee_code(office: User) -> None:
    wanted = make_trainee(full_name="Lê An")
    make_trainee()
    assert names(office, q=wanted.code.lower()) == ["Lê An"]


@pytest.mark.parametrize("number", ["001080000123", "001 080 000 123", "123456789"])
def test_a_personal_number_is_not_searched_for_and_never_in_a_url(
    office: User, number: str
) -> None:
    answer = search(office, q=number)
    assert answer.status_code == 400
    assert "Location" not in answer
    assert "số định danh" in answer.content.decode() or "personal number" in answer.content.decode()


def test_an_address_with_a_number_is_left_at_once(office: User) -> None:
    client = Client()
    client.force_login(office)
    answer = client.get(reverse("people"), {"q": "001080000123"})
    assert (answer.status_code, answer["Location"]) == (302, reverse("people"))


def test_a_search_is_sent_as_a_form_and_leads_to_its_address(office: User) -> None:
    answer = search(office, q="Đức", status="trained", agency="")
    assert answer["Location"] == "/people/?q=%C4%90%E1%BB%A9c&status=trained"


def test_the_list_is_narrowed_by_how_far_people_are(office: User) -> None:
    run = make_run()
    adopt_rule(run)
    make_completion(make_trainee(full_name="Lê An"), run)
    make_enrollment(run, make_trainee(full_name="Trần Bình"))
    make_trainee(full_name="Vũ Châu")
    found = {status: names(office, status=status) for status in ("trained", "enrolled")}
    assert found == {"trained": ["Lê An"], "enrolled": ["Trần Bình"]}
    assert names(office, status="not_yet") == ["Vũ Châu"]


def test_a_result_in_a_merged_row_counts_for_the_person(office: User) -> None:
    run = make_run()
    adopt_rule(run)
    one, other, third = (make_trainee(full_name=name) for name in ("Lê An", "Lê Anh", "Lê Ánh"))
    make_completion(third, run)
    merge(by=PROGRAMME_OFFICE, survivor=other, absorbed=third)
    merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other)
    assert names(office, status="trained") == ["Lê An"]
    assert names(office) == ["Lê An"]
    assert "badge-good" in page(office)


def test_pages_lead_on_and_back_by_trainee_code(office: User) -> None:
    agency = make_agency()
    for n in range(120):
        make_trainee(agency, full_name=f"Lê {chr(65 + n % 26)}{chr(97 + n // 26)}")
    everybody = [*names(office)]
    shown, text = list(everybody), page(office)
    while onward := re.search(r'rel="next" href="\?after=(HV-\w+)"', text):
        text = page(office, after=onward[1])
        shown += re.findall(r'/people/HV-\w+/">([^<]+)</a>', text)
    assert len(shown) == len(set(shown)) == 120
    back = re.search(r'rel="prev" href="\?before=(HV-\w+)"', text)
    assert back
    assert names(office, before=back[1]) == shown[50:100]


def test_the_agencies_offered_to_a_coordinator_are_their_own() -> None:
    agency, other = make_agency("bo-minh"), make_agency("bo-khac")
    assert other.slug not in page(make_coordinator(agency))


def test_the_agencies_offered_to_a_trainer_are_those_of_their_classes() -> None:
    mine, other = make_agency("bo-minh"), make_agency("bo-khac")
    run = make_run()
    make_enrollment(run, make_trainee(mine))
    make_enrollment(make_run(), make_trainee(other))
    offered = page(make_trainer(run))
    assert mine.slug in offered
    assert other.slug not in offered
