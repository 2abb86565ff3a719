"""Whatever a form or an address carries is answered with a sentence, on both engines."""

import re

import pytest
from django import forms
from django.forms import ModelMultipleChoiceField
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from agencies.models import Succession
from audit.services import SYSTEM
from common.form_choices import RowsField
from courses.forms import CourseForm
from courses.models import Course
from tests.factories import make_agency, make_run, make_user

pytestmark = pytest.mark.django_db
LONG = "a" * 100_000
# A form that Django makes by itself: what a parent of ours declares is not among these.
_NOT_OURS = re.compile(r"^(django|allauth|rest_framework|tests|knox)\b")


@pytest.fixture
def office() -> Client:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "address",
    ["/people/a%00b/", "/runs/%00/", "/verify/%00", "/courses/?q=%00", "/accounts/?role=%00"],
)
def test_an_address_with_a_nul_is_refused_with_a_sentence(office: Client, address: str) -> None:
    answer = office.get(address, headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert "U+0000" in answer.text


@pytest.mark.both_engines
def test_a_form_with_a_nul_is_refused_and_changes_nothing(office: Client) -> None:
    make_agency("bo-la")
    run = make_run()
    for address, sent in (
        (reverse("new_succession"), {"on": "2024-01-01", "predecessors": "bo\x00la"}),
        (reverse("run_certificates", args=[run.code]), {"action": "te\x00ll"}),
        (reverse("claim_certificate"), {"code": "\x00", "birth": "1980"}),
    ):
        assert office.post(address, sent).status_code == 400, address
    assert not Succession.objects.exists()


@pytest.mark.both_engines
@pytest.mark.parametrize("key", ["9223372036854775808", "9" * 5_000, "²", "x"])
def test_a_row_that_no_key_can_name_is_a_wrong_choice(key: str) -> None:
    field = RowsField(Course.objects.all())
    with pytest.raises(forms.ValidationError) as refusal:
        field.clean([key])
    assert refusal.value.code == "invalid_pk_value"


def test_every_field_that_chooses_several_rows_refuses_what_is_no_key(office: Client) -> None:
    office.get(reverse("home"))  # all addresses, and so all forms, are loaded

    def below(kind: type) -> set[type]:
        return {kind, *(one for sub in kind.__subclasses__() for one in below(sub))}

    ours = [kind for kind in below(forms.BaseForm) if not _NOT_OURS.match(kind.__module__)]
    assert CourseForm in ours
    loose = {
        f"{kind.__module__}.{kind.__qualname__}.{name}"
        for kind in ours
        for name, field in getattr(kind, "base_fields", {}).items()
        if isinstance(field, ModelMultipleChoiceField) and not isinstance(field, RowsField)
    }
    assert loose == set()


@pytest.mark.parametrize("side", ["find_predecessors", "find_successors"])
def test_a_search_that_is_too_long_is_no_search(office: Client, side: str) -> None:
    make_agency("bo-la")
    answer = office.post(reverse("new_succession"), {"on": "2024-01-01", "find": "1", side: LONG})
    assert answer.status_code in {200, 400}


def test_a_search_for_people_to_nominate_that_is_too_long_is_no_search(office: Client) -> None:
    run = make_run()
    answer = office.get(reverse("nominate", args=[run.code]), {"q": LONG[:60_000]})
    assert answer.status_code in {200, 403}


def test_the_first_day_of_the_calendar_has_no_agencies_before_it(office: Client) -> None:
    one, other = make_agency("bo-la"), make_agency("bo-moi")
    sent = {
        "on": "0001-01-01",
        "kind": "renaming",
        "predecessors": one.slug,
        "successors": other.slug,
    }
    assert office.get(reverse("new_succession"), {"on": "0001-01-01"}).status_code == 200
    assert office.post(reverse("new_succession"), sent).status_code == 400
    assert not Succession.objects.exists()


@pytest.mark.parametrize("number", ["9" * 5_000, "²", "-1"])
def test_a_column_may_bear_any_number(office: Client, number: str) -> None:
    sent = {"form": "csv", "columns": ["full_name"], "columns_full_name": number}
    assert office.post(reverse("export_people"), sent).status_code in {200, 400}


@pytest.mark.parametrize("body", ['{"kind": "\\ud800"}', '{"\\udfff": 1}', '["\\ud800"]'])
def test_half_a_character_in_json_is_the_senders_mistake(office: Client, body: str) -> None:
    answer = office.post("/api/v1/agencies/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"
