"""Agencies through the API."""

import datetime as dt

import pytest

from agencies.choices import AgencyKind
from tests.factories import make_agency, make_trainee, make_user


def test_an_agency_is_known_by_its_slug_and_shows_no_internal_key(office):
    make_agency("bo-y-te", name_vi="Bộ Y tế", kind=AgencyKind.MINISTRY)
    answer = office.get("agencies/bo-y-te/")
    assert answer.json() == {
        "slug": "bo-y-te",
        "name_vi": "Bộ Y tế",
        "name_en": "",
        "short_name": "",
        "kind": "ministry",
        "sector": "state_agency",
        "parent": None,
        "identifier": "",
        "valid_from": None,
        "valid_to": None,
    }


@pytest.mark.parametrize("text", ["y te", "Y TẾ", "bộ y"])
def test_a_search_ignores_accents_and_case(office, text):
    make_agency("bo-y-te", name_vi="Bộ Y tế")
    make_agency("bo-quoc-phong", name_vi="Bộ Quốc phòng")
    assert office.keys(f"agencies/?search={text}", "slug") == ["bo-y-te"]


def test_agencies_are_narrowed_by_sector_parent_and_day(office):
    ministry = make_agency("bo")
    make_agency("vu", parent=ministry)
    make_agency("tap-doan", kind=AgencyKind.STATE_GROUP, valid_to=dt.date(2024, 12, 31))
    assert office.keys("agencies/?sector=state_corporation", "slug") == ["tap-doan"]
    assert office.keys("agencies/?parent=bo", "slug") == ["vu"]
    assert set(office.keys("agencies/?valid_on=2025-01-01", "slug")) == {"bo", "vu"}


def test_agencies_stand_in_vietnamese_order(office):
    for slug, name in (("d1", "Đà Nẵng"), ("d0", "Dung Quất"), ("a", "An Giang")):
        make_agency(slug, name_vi=name)
    assert office.keys("agencies/", "slug") == ["a", "d0", "d1"]
    assert office.keys("agencies/?ordering=-name", "slug") == ["d1", "d0", "a"]


@pytest.mark.both_engines
def test_the_pages_of_a_list_hold_every_row_once(office):
    slugs = {make_agency(name_vi=f"Cơ quan {n % 3}").slug for n in range(25)}
    found = office.keys("agencies/?page_size=4", "slug")
    assert (len(found), set(found)) == (25, slugs)


def test_whoever_signs_in_may_read_agencies(api):
    make_agency("bo")
    trainee = make_trainee(user=make_user("trainee"))
    assert api(trainee.user).get("agencies/bo/").status_code == 200


def correct(visitor, agency, /, **changes):
    tag = visitor.get(f"agencies/{agency}/")["ETag"]
    return visitor.patch(f"agencies/{agency}/", changes, If_Match=tag)


def test_the_office_corrects_an_agency_and_what_is_not_sent_stays(office):
    make_agency("bo", name_vi="Bộ Y tê", name_en="Ministry of Health")
    make_agency("tren")
    before = office.get("agencies/bo/").json()
    answer = correct(office, "bo", name_vi="Bộ Y tế", parent="tren", identifier="G11")
    changes = {"name_vi": "Bộ Y tế", "parent": "tren", "identifier": "G11"}
    assert (answer.status_code, answer.json()) == (200, before | changes)
    assert office.keys("agencies/?search=y te", "slug") == ["bo"]


def test_null_takes_an_agency_from_below_another(office):
    make_agency("vu", parent=make_agency("bo"))
    assert correct(office, "vu", parent=None).json()["parent"] is None


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"parent": "vu"}, 409, "above_itself"),
        ({"parent": "khong-co"}, 400, "invalid"),
        ({"valid_from": "2030-01-01"}, 400, "invalid"),
        ({"slug": "khac"}, 400, "invalid"),
        ({"valid_to": "2030-01-01"}, 400, "invalid"),
        ({"name_vi": ""}, 400, "invalid"),
    ],
)
def test_what_no_agency_can_be_is_refused(office, changes, status, code):
    make_agency("vu", parent=make_agency("bo", valid_to=dt.date(2029, 12, 31)))
    answer = correct(office, "bo", **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_correction_of_what_somebody_else_corrected_is_refused(office):
    make_agency("bo")
    tag = office.get("agencies/bo/")["ETag"]
    correct(office, "bo", short_name="BYT")
    late = office.patch("agencies/bo/", {"short_name": "BQP"}, If_Match=tag)
    assert late.status_code == 412
    assert office.patch("agencies/bo/", {"short_name": "BQP"}).status_code == 428
