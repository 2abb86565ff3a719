"""People through the API: masked, one's own agencies only, never overwritten unseen."""

import datetime as dt

import pytest

from agencies.choices import SuccessionKind
from common import clock
from people.models import CandidatePair, Trainee
from tests.factories import (
    make_agency,
    make_coordinator,
    make_succession,
    make_trainee,
    make_user,
)

NUMBER = "001185001234"


@pytest.fixture
def agency(db):
    return make_agency("own")


@pytest.fixture
def coordinator(api, agency):
    return api(make_coordinator(agency))


def new(**changes):
    return {"full_name": "Lê Văn Mới", "birth_date": "1985-02-01", "agency": "own"} | changes


def test_a_number_goes_in_whole_and_comes_out_masked(coordinator):
    answer = coordinator.post("trainees/", new(personal_number=NUMBER))
    assert answer.status_code == 201
    assert answer.json()["personal_number"] == "*********234"
    assert NUMBER not in coordinator.get("trainees/").content.decode()
    assert Trainee.objects.get().personal_number == NUMBER


def test_a_number_in_an_address_is_refused(coordinator):
    assert coordinator.get(f"trainees/?personal_number={NUMBER}").status_code == 400
    assert coordinator.get(f"trainees/?search={NUMBER}").status_code == 400
    assert coordinator.get(f"trainees/{NUMBER}/").status_code == 404


def test_a_coordinator_sees_nobody_of_another_agency(coordinator, agency):
    own, stranger = make_trainee(agency), make_trainee(make_agency("other"))
    assert coordinator.keys("trainees/", "code") == [own.code]
    assert coordinator.keys("trainees/?agency=other", "code") == []
    assert coordinator.get(f"trainees/{stranger.code}/").status_code == 404
    patched = coordinator.patch(f"trainees/{stranger.code}/", {"unit": "X"}, If_Match="*")
    assert patched.status_code == 404


@pytest.mark.both_engines
def test_people_stand_in_roster_order_and_are_found_without_accents(coordinator, agency):
    names = ["Nguyễn Văn Ước", "Đặng Thị Ánh", "Trần Văn An"]
    for name in names:
        make_trainee(agency, full_name=name)
    assert coordinator.keys("trainees/", "full_name") == [names[2], names[1], names[0]]
    assert coordinator.keys("trainees/?search=dang thi", "full_name") == [names[1]]


def test_somebody_with_the_same_number_is_not_entered_twice(coordinator):
    coordinator.post("trainees/", new(personal_number=NUMBER))
    again = coordinator.post("trainees/", new(personal_number=NUMBER))
    assert (again.status_code, again.json()["code"]) == (409, "already_known")
    other = coordinator.post("trainees/", new(personal_number=NUMBER, full_name="Phạm Thị Khác"))
    assert (other.status_code, other.json()["code"]) == (409, "number_conflict")
    assert Trainee.objects.count() == 1


def test_whoever_may_be_somebody_known_is_entered_and_listed(coordinator):
    for _ in range(2):
        assert coordinator.post("trainees/", new()).status_code == 201
    assert CandidatePair.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"full_name": "  "}, "full_name"),
        ({"full_name": "Nguyễn Văn 2"}, "full_name"),
        ({"full_name": "=1+1"}, "full_name"),
        ({"birth_date": "2026-01-01"}, "birth_date"),
        ({"birth_year": 1}, "birth_year"),
        ({"personal_number": "123"}, "personal_number"),
        ({"personal_number": "*********234"}, "personal_number"),
        ({"email": "x"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"sex": "x"}, "sex"),
        ({"agency": "no-such"}, "agency"),
        ({"code": "HV-22222222"}, "code"),
        ({"user": 1}, "user"),
        ({"unit": "x" * 201}, "unit"),
    ],
)
def test_bad_input_names_the_field_to_mend(coordinator, changes, field):
    answer = coordinator.post("trainees/", new(**changes))
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Trainee.objects.exists()


@pytest.mark.both_engines
def test_a_stale_change_overwrites_nothing(coordinator, agency):
    trainee = make_trainee(agency, unit="Phòng A")
    address = f"trainees/{trainee.code}/"
    tag = coordinator.get(address)["ETag"]
    Trainee.objects.filter(pk=trainee.pk).update(unit="Phòng B")
    answer = coordinator.patch(address, {"unit": "Phòng C"}, If_Match=tag)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert Trainee.objects.get().unit == "Phòng B"


def test_a_change_without_a_version_is_refused(coordinator, agency):
    trainee = make_trainee(agency)
    answer = coordinator.patch(f"trainees/{trainee.code}/", {"unit": "X"})
    assert (answer.status_code, answer.json()["code"]) == (428, "if_match_missing")


def test_only_the_office_moves_a_person_to_another_agency(coordinator, office, agency):
    trainee, there = make_trainee(agency), make_agency("there")
    address = f"trainees/{trainee.code}/"
    assert coordinator.patch(address, {"agency": there.slug}, If_Match="*").status_code == 403
    assert office.patch(address, {"agency": there.slug}, If_Match="*").json()["agency"] == "there"


def test_nobody_is_entered_at_or_moved_to_an_agency_that_has_ended(office, agency):
    trainee = make_trainee(agency)
    ended = make_agency("ended", valid_to=dt.date(2025, 2, 28))
    moved = office.patch(f"trainees/{trainee.code}/", {"agency": ended.slug}, If_Match="*")
    entered = office.post("trainees/", new(agency=ended.slug))
    assert {moved.status_code, entered.status_code} == {400}
    assert list(moved.json()["fields"]) == list(entered.json()["fields"]) == ["agency"]
    assert Trainee.objects.get().agency == agency


def test_nothing_is_written_back_to_somebody_who_was_erased(office, agency):
    trainee = make_trainee(agency, erased_at=clock.now())
    answer = office.patch(f"trainees/{trainee.code}/", {"email": "an@x.vn"}, If_Match="*")
    assert (answer.status_code, answer.json()["code"]) == (409, "erased")
    assert Trainee.objects.get().email == ""


def test_after_a_merger_the_old_coordinator_looks_on_and_the_new_one_acts(api, agency):
    trainee, successor = make_trainee(agency), make_agency("successor")
    old, new_one = api(make_coordinator(agency)), api(make_coordinator(successor))
    make_succession(agency, successor, on=dt.date(2025, 3, 1), kind=SuccessionKind.MERGER)
    type(agency).objects.filter(pk=agency.pk).update(valid_to=dt.date(2025, 2, 28))
    address = f"trainees/{trainee.code}/"
    assert old.get(address).status_code == new_one.get(address).status_code == 200
    assert old.patch(address, {"unit": "X"}, If_Match="*").status_code == 403
    assert new_one.patch(address, {"unit": "X"}, If_Match="*").status_code == 200


def test_a_trainee_sees_only_their_own_row(api, agency):
    me = make_trainee(agency, user=make_user("trainee"))
    make_trainee(agency)
    assert api(me.user).keys("trainees/", "code") == [me.code]
