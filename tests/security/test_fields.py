"""Who reads and writes which field: one table for the API, and forms that take no field more.

Each role tries every field of the API and of the model behind it, one at a time.
"""

from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import reverse

from people.models import CORRECTABLE, Trainee
from tests.api.conftest import Visitor
from tests.api.world import World, make_world

# Address, model behind it, and a value that can be written into each field that may be.
WRITABLE: dict[str, tuple[str, dict[str, Any]]] = {
    "agencies/{agency}/": (
        "agencies.Agency",
        {
            "name_vi": "Bộ Mới", "name_en": "New", "short_name": "BM", "kind": "ministry",
            "parent": "other", "identifier": "G09", "valid_from": "2001-01-01",
        },
    ),
    "courses/{course}/": (
        "courses.Course",
        {
            "title_vi": "Khóa", "title_en": "Course", "description_vi": "a", "description_en": "b",
            "periods": 9, "days": 3, "delivery": "online", "minimum_attendance": 50,
            "minimum_score": "5.00", "grading": "ten_points", "approval": "agency",
            # Name and address of a competency are written together or not at all.
            "is_offered": False, "competency_framework": "DigComp",
        },
    ),
    "sessions/{open_run}/1/": (
        "courses.Session",
        {
            "starts_at": "2090-05-06T09:00:00+07:00", "ends_at": "2090-05-06T12:30:00+07:00",
            "topic": "Mở đầu", "is_mandatory": True,
        },
    ),
    "trainees/{trainee}/": (
        "people.Trainee",
        {
            "phone": "0912345678", "email": "b@bo.example", "position": "Chuyên viên",
            "unit": "Phòng", "sex": "female", "agency": "other",
        },
    ),
}  # fmt: skip
_CONTACT = {"phone", "email", "position", "unit", "sex"}
# Who writes what; whoever is not named writes nothing.
TABLE = {
    "agencies/{agency}/": {"office": {*WRITABLE["agencies/{agency}/"][1]}},
    "courses/{course}/": {"office": {*WRITABLE["courses/{course}/"][1]}},
    "sessions/{open_run}/1/": {
        "trainer": {*WRITABLE["sessions/{open_run}/1/"][1]},
        "office": {*WRITABLE["sessions/{open_run}/1/"][1]},
    },
    # Name, birth and number of somebody known are corrected on their page, with a reason.
    "trainees/{trainee}/": {"coordinator": _CONTACT, "office": _CONTACT | {"agency"}},
}
# What a row shows, to whomever it is shown at all.
READ = {
    "trainees/": (
        "agency birth_date birth_year code email full_name is_merged personal_number phone "
        "position recorded_at sex unit"
    ),
    "enrollments/": (
        "full_name position recorded_at remarks run score sending_agency state state_since trainee "
        "trainee_kind unit waiting_number withdrawal_reason"
    ),
    "completions/": (
        "agency_kind attendance_percent completed_on course day_reason evidence full_name grade "
        "periods recorded_at rule_met run score sector sending_agency trainee "
        "trainee_kind void_reason voided_at"
    ),
    "certificates/": (
        "full_name issued_at register_number revocation_reason revoked_at run serial_number sha256 "
        "state superseded_by trainee verification_code"
    ),
}
WRITERS = ("trainee", "trainer", "other_trainer", "coordinator", "other_coord", "office", "auditor")


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    return make_world()


def written(visitor: Visitor, address: str, pattern: str) -> set[str]:
    """The fields that a visitor may write, each tried by itself and undone."""
    model, values = WRITABLE[pattern]
    names = {field.name for field in apps.get_model(model)._meta.get_fields()} | set(values)
    found = set()
    for name in names:
        with transaction.atomic():
            answer = visitor.patch(address, {name: values.get(name, "1")}, If_Match="*")
            transaction.set_rollback(True)
        found |= {name} if answer.status_code == 200 else set()
    return found


@pytest.mark.parametrize("pattern", WRITABLE)
def test_each_role_writes_the_fields_of_the_table(world, pattern):
    found = {
        who: fields
        for who in WRITERS
        if (fields := written(Visitor(world.visitors[who]), world.address(pattern), pattern))
    }
    assert found == TABLE[pattern]


@pytest.mark.parametrize("resource", READ)
def test_each_role_reads_the_fields_of_the_table(world, resource):
    for who in WRITERS:
        for row in Visitor(world.visitors[who]).get(resource).json()["results"]:
            assert " ".join(sorted(row)) == READ[resource], who
            assert set(row.get("personal_number", "")[:9]) <= {"*"}


def test_a_page_takes_no_field_that_its_form_does_not_show(world):
    """All fields of the model are posted at once: the form changes its own."""
    person = world.trainee
    before: Any = Trainee.objects.filter(pk=person.pk).values().get()
    client = Client()
    client.force_login(world.visitors["coordinator"])
    posted = {field.name: "1" for field in Trainee._meta.concrete_fields}
    posted |= {"full_name": "Đặng Thị Mới", "birth": "12/03/1985", "phone": ""}
    posted |= {"email": "", "sex": "", "personal_number": "", "seen": person.edition}
    client.post(reverse("correct_person", args=[person.code]), posted)
    after: Any = Trainee.objects.filter(pk=person.pk).values().get()
    changed = {name for name in after if after[name] != before[name]}
    derived = {"sort_key", "search_key", "match_key", "likeness_key"}
    assert "full_name" in changed
    assert changed - derived <= {*CORRECTABLE, "personal_number", "personal_number_digest"}
    assert changed.isdisjoint({"code", "user_id", "agency_id", "erased_at"})
