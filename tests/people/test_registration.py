import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from people.errors import PeopleError
from people.models import Trainee
from people.services import bulk
from people.services.bulk import PersonData, enter_people
from tests.factories import make_agency, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
THREE = [PersonData("Lê An"), PersonData("Lê Bình"), PersonData("Lê Cúc")]


@pytest.fixture
def draws(monkeypatch):
    """Make these codes be drawn, one after the other, and no others."""

    def draw(*codes: str) -> None:
        left = iter(codes)
        monkeypatch.setattr(
            bulk, "new_trainee_codes", lambda count: [next(left) for _drawn in range(count)]
        )

    return draw


def test_a_code_that_is_taken_is_drawn_again(draws):
    make_trainee(code="HV-22222222")
    draws("HV-22222222", "HV-22222222", "HV-33333333")
    (person,) = enter_people(by=OFFICE, agency=make_agency(), people=THREE[:1])
    assert Trainee.objects.get(code="HV-33333333") == person


def test_one_code_drawn_twice_for_a_list_is_drawn_again_for_one(draws):
    make_trainee(code="HV-22222222")
    draws("HV-33333333", "HV-22222222", "HV-33333333", "HV-44444444", "HV-55555555")
    people = enter_people(by=OFFICE, agency=make_agency(), people=THREE)
    assert [person.code for person in people] == ["HV-33333333", "HV-44444444", "HV-55555555"]
    assert set(Trainee.objects.values_list("full_name", flat=True)) > {"Lê An", "Lê Bình", "Lê Cúc"}


def test_a_number_entered_meanwhile_is_refused_and_not_retried_for_ever():
    make_trainee(personal_number="001080000123")
    again = PersonData("Lê An", personal_number="001080000123")
    with pytest.raises(PeopleError) as refused:
        enter_people(by=OFFICE, agency=make_agency(), people=[again])
    assert refused.value.code == "entered_meanwhile"
