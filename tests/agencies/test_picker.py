"""Choosing one of many agencies: its name is typed, and suggestions come as somebody types."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.services import create_second_factor
from agencies.fields import SHOWN, AgencyField
from agencies.models import Agency
from audit.services import SYSTEM
from common.registries import agency_scopes
from tests.factories import make_agency, make_coordinator, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def many() -> list[Agency]:
    return [make_agency(f"so-{n}", name_vi=f"Sở số {n}") for n in range(SHOWN + 1)]


def signed_in(user) -> Client:
    if user.reads_everything:
        create_second_factor(by=SYSTEM, user=user)
    client = Client()
    client.force_login(user)
    return client


def suggested(client: Client, scope: str, text: str) -> str:
    address = reverse("agency_options", args=[scope])
    return client.get(
        f"{address}?agency={text}", headers={"HX-Trigger-Name": "agency"}
    ).content.decode()


def test_few_agencies_are_a_list_to_choose_from():
    make_agency(name_vi="Bộ Y tế")
    page = signed_in(make_user("auditor")).get(reverse("people")).content.decode()
    assert '<select name="agency"' in page


def test_many_agencies_are_a_search_field_and_none_of_them_stands_in_the_page(many):
    page = signed_in(make_user("auditor")).get(reverse("people")).content.decode()
    assert '<input type="search" name="agency"' in page
    assert many[0].name_vi not in page


def test_suggestions_ignore_accents_and_case(many):
    make_agency("bo-y-te", name_vi="Bộ Y tế", short_name="BYT")
    found = suggested(signed_in(make_user("auditor")), "listed", "BO Y")
    assert found.strip() == '<option value="Bộ Y tế"></option>'


def test_suggestions_are_among_what_the_reader_may_choose(many):
    own = make_agency("bo-a", name_vi="Bộ A")
    client = signed_in(make_coordinator(own))
    assert suggested(client, "listed", "Sở").strip() == ""
    assert "Bộ A" in suggested(client, "listed", "bộ")


def test_an_unknown_scope_is_not_found(many):
    client = signed_in(make_user("auditor"))
    assert client.get(reverse("agency_options", args=["nothing"])).status_code == 404


def test_a_personal_number_finds_nothing(many):
    assert suggested(signed_in(make_user("auditor")), "listed", "001234567890").strip() == ""


def test_a_name_that_is_typed_narrows_the_list_without_any_script(many):
    here = make_trainee(many[3], full_name="Nguyễn Thị Hoa")
    make_trainee(many[4], full_name="Lê Văn Nam")
    client = signed_in(make_user("auditor"))
    answer = client.post(reverse("people"), {"agency": "so so 3"}, follow=True)
    assert answer.redirect_chain[0][0].endswith("?agency=so-3")
    text = answer.content.decode()
    assert here.full_name in text
    assert "Lê Văn Nam" not in text
    assert 'value="Sở số 3"' in text


def test_a_name_of_several_is_refused_and_they_are_suggested(many):
    answer = signed_in(make_user("auditor")).post(reverse("people"), {"agency": "Sở số 1"[:5]})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert '<option value="Sở số 12"></option>' in text


def test_a_name_of_nobody_is_refused_beside_the_field(many):
    answer = signed_in(make_user("auditor")).post(reverse("people"), {"agency": "Bộ Không Có"})
    assert answer.status_code == 400
    assert "Bộ Không Có" in answer.content.decode()


def test_the_whole_name_wins_over_longer_ones_and_a_short_name_counts():
    for n in range(SHOWN):
        make_agency(f"so-{n}", name_vi=f"Sở số {n}")
    short = make_agency("so", name_vi="Sở", short_name="S")
    field = AgencyField(Agency.objects.all(), to_field_name="slug")
    assert field.clean("sở") == short
    assert field.clean("s") == short
    assert field.clean("so") == short


def test_twins_are_told_apart_by_their_days(many):
    ended = make_agency(name_vi="Bộ X", valid_to=dt.date(2025, 6, 30))
    after = make_agency(name_vi="Bộ X", valid_from=dt.date(2025, 7, 1))
    field = AgencyField(Agency.objects.all(), to_field_name="slug")
    with translation.override("en"):
        assert field.clean("Bộ X (until 30/06/2025)") == ended
        assert field.clean("Bộ X (from 01/07/2025)") == after
        assert field.label_of(after) == "Bộ X (from 01/07/2025)"


def test_an_english_name_finds_an_agency(many):
    health = make_agency("bo-y-te", name_vi="Bộ Y tế", name_en="Ministry of Health")
    assert AgencyField(Agency.objects.all()).clean("ministry of h") == health


def test_every_scope_that_a_form_names_is_registered():
    assert {name for name, _scope in agency_scopes} == {
        "every", "current", "seen", "sending", "listed",
    }  # fmt: skip


@pytest.mark.parametrize("route", ["people", "training_matrix"])
def test_a_text_longer_than_any_name_names_no_agency(many, route):
    client = signed_in(make_user("auditor"))
    assert client.post(reverse(route), {"agency": "a" * 60_000}).status_code == 400
