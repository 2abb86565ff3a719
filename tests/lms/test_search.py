"""The search box of every page: what it finds, for whom, and how it shows that."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock
from lms.search import FEW, Sought, search
from tests.architecture.world import make_certificate
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def titles(user: Any, text: str) -> dict[str, list[str]]:
    return {
        group.kind.key: [str(hit.title) for hit in group.hits]
        for group in search(user, text)
        if group.count
    }


@pytest.fixture
def office() -> Any:
    return make_user(Role.PROGRAMME_OFFICE)


@pytest.mark.parametrize("text", ["đặng ánh", "DANG ANH", "anh đang", "Đặng Thị Ngọc Ánh"])
def test_people_are_found_by_any_of_their_words_without_accents_or_case(office, text):
    make_trainee(full_name="Đặng Thị Ngọc Ánh")
    make_trainee(full_name="Phạm Văn Cường")
    (hit,) = titles(office, text)["people"]
    assert "<mark>Ánh</mark>" in hit


def test_each_kind_is_found_and_counted(office):
    make_agency(name_vi="Bộ Dữ liệu Lớn")
    course = make_course("DL-1", title_vi="Dữ liệu mở", title_en="Open data")
    make_run(course, code="DL-1-2026-01")
    assert set(titles(office, "du lieu")) == {"agencies", "courses", "classes"}


def test_any_printed_number_of_a_certificate_finds_it_first(office):
    certificate = make_certificate(make_completion(make_trainee(), make_run()), 7)
    numbers = (
        certificate.serial_number.lower(),
        certificate.register_label,
        certificate.verification_code,
        certificate.verification_code.replace("-", " ").lower(),
    )
    for number in numbers:
        first = search(office, number)[0]
        assert first.kind.key == "certificates", number
        assert [hit.title for hit in first.hits] == [certificate.serial_number]


def test_an_exact_code_leads(office):
    course = make_course("AB-1")
    for number in range(1, 9):
        make_run(course, code=f"AB-1-2026-0{number}")
    groups = search(office, "ab-1-2026-05")
    assert groups[0].hits[0].href == "/runs/AB-1-2026-05/"
    person = make_trainee()
    assert search(office, person.code.lower())[0].hits[0].href == f"/people/{person.code}/"


def test_nobody_finds_or_counts_people_whom_they_may_not_see(office):
    own, other = make_agency(), make_agency()
    run = make_run()
    seen = make_trainee(own, full_name="Quách Thị Mật")
    taught = make_trainee(other, full_name="Quách Văn Mật")
    make_enrollment(run, taught)
    make_certificate(make_completion(taught, run), 1)
    found = {
        "coordinator": titles(make_coordinator(own), "quach mat"),
        "trainer": titles(make_trainer(run), "quach mat"),
        "trainee": titles(make_user(Role.TRAINEE), "quach mat"),
        "nobody": titles(make_user(), "quach mat"),
    }
    assert len(found["coordinator"]["people"]) == 1
    assert seen.full_name.split()[1] in found["coordinator"]["people"][0]
    assert len(found["trainer"]["people"]) == 1
    assert found["trainee"] == found["nobody"] == {}
    assert "certificates" not in found["coordinator"]


@pytest.mark.parametrize("ask", ["code", "serial_number", "register_label", "verification_code"])
def test_an_exact_number_of_somebody_else_finds_nothing(ask):
    person = make_trainee()
    certificate = make_certificate(make_completion(person, make_run()), 3)
    text = person.code if ask == "code" else getattr(certificate, ask)
    for user in (make_coordinator(make_agency()), make_user(Role.TRAINEE)):
        assert titles(user, text) == {}


def test_trainees_find_their_own_certificate():
    person = make_trainee(user=make_user(Role.TRAINEE))
    certificate = make_certificate(make_completion(person, make_run()), 4)
    assert titles(person.user, certificate.serial_number)["certificates"]


def test_drafts_are_found_by_those_who_see_them_alone(office):
    run = make_run(code="NHAP-1", state="draft")
    assert "classes" in titles(office, "NHAP-1")
    assert "classes" in titles(make_trainer(run), "nhap-1")
    assert titles(make_user(Role.TRAINEE), "NHAP-1") == {}


def test_erased_and_merged_people_are_not_found(office):
    make_trainee(full_name="Trần Xóa Rồi", erased_at=clock.now())
    assert titles(office, "tran xoa") == {}


def test_a_text_is_shown_as_text(office):
    assert Sought("a").marked("<b>a</b>") == "<mark>&lt;b&gt;a&lt;/b&gt;</mark>"
    client = Client()
    client.force_login(make_user(Role.TRAINEE))
    page = client.get("/search/", {"q": "<script>x</script> \ue000csrf_token\ue000"})
    assert "<script>x" not in page.content.decode()


@pytest.mark.parametrize("text", ["", " ", "a", "%", "_", "__", "  %%  ", "\\", "'"])
def test_too_little_to_search_for_finds_nothing(office, text):
    make_trainee(full_name="Trần Văn An")
    assert titles(office, text) == {}


def test_one_kind_shows_more_of_it_and_still_counts_the_others(office):
    for _number in range(FEW + 3):
        make_trainee(full_name="Hồ Văn Nhiều")
    make_agency(name_vi="Bộ Nhiều")
    (people,) = [one for one in search(office, "nhieu") if one.kind.key == "people"]
    assert (len(people.hits), people.count) == (FEW, FEW + 3)
    narrowed = {one.kind.key: one for one in search(office, "nhieu", "people")}
    assert len(narrowed["people"].hits) == FEW + 3
    assert (narrowed["agencies"].count, narrowed["agencies"].hits) == (1, [])


def test_a_personal_number_is_not_searched_and_leaves_the_address(client):
    client.force_login(make_user(Role.TRAINEE))
    answer = client.get("/search/", {"q": "001085012345"})
    assert answer.status_code == 302
    assert "001085" not in answer["Location"]


def test_the_number_of_queries_does_not_grow_with_what_is_found(office):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            search(office, "nguyen")
        return len(captured)

    make_trainee()
    queries()
    few = queries()
    for number in range(12):
        make_certificate(make_completion(make_trainee(), make_run()), number + 1)
    assert queries() <= few + 4
    assert few <= 20


def test_every_signed_in_page_has_the_search_box_and_public_pages_have_none(client):
    assert 'role="search" action="/search/"' not in client.get("/courses/").content.decode()
    client.force_login(make_user(Role.TRAINEE))
    for path in ("/my/", "/courses/", "/verify/", "/no-such-page/"):
        assert 'role="search" action="/search/"' in client.get(path).content.decode(), path


def test_what_was_sought_stands_in_the_box(client):
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    page = client.get("/search/", {"q": 'a"b'}).content.decode()
    assert 'value="a&quot;b"' in page


def test_the_key_can_be_switched_off_and_on_again(client):
    client.force_login(make_user(Role.TRAINEE))
    assert "js/search" in client.get("/my/").content.decode()
    answer = client.post(reverse("shortcuts"), {"shortcuts": "off", "next": "/my/"})
    assert answer["Location"] == "/my/"
    assert "js/search" not in client.get("/my/").content.decode()
    client.post(reverse("shortcuts"), {"shortcuts": "on", "next": "https://evil.example/"})
    assert "js/search" in client.get("/my/").content.decode()


def test_switching_the_key_leads_to_no_other_site(client):
    client.force_login(make_user(Role.TRAINEE))
    answer = client.post(reverse("shortcuts"), {"next": "https://evil.example/"})
    assert answer["Location"] == reverse("search")
