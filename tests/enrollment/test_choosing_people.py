"""Choose nominees among many people, with warnings."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as COMMAND
from audit.services import SYSTEM
from common import clock
from enrollment.forms.enrollments import MAX_CHOICES
from enrollment.models import Enrollment
from enrollment.services.enrollments import Nominee, nominate
from people.services.merges import merge
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_run,
    make_succession,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
FAR: dict[str, Any] = {"starts_on": dt.date(2099, 1, 1), "ends_on": dt.date(2099, 1, 2)}


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def office() -> Client:
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    return signed_in(user)


def test_some_of_many_people_are_shown_and_the_rest_is_found_by_name(office) -> None:
    agency, run = make_agency(), make_run(**FAR)
    for n in range(MAX_CHOICES + 3):
        make_trainee(agency, full_name=f"Nguyễn Văn An {n:02d}")
    late = make_trainee(agency, full_name="Đặng Thị Yến")
    path = f"/runs/{run.code}/nominate/"
    first = office.get(path).content.decode()
    assert first.count('type="checkbox"') == MAX_CHOICES
    assert "4 more people" in first
    found = office.post(path, {"find": "1", "q": "dang thi"}).content.decode()
    assert found.count('type="checkbox"') == 1
    assert late.code in found


def test_selected_people_stay_selected_while_searching(office) -> None:
    agency, run = make_agency(), make_run(**FAR)
    one = make_trainee(agency, full_name="Nguyễn Văn An")
    two = make_trainee(agency, full_name="Đặng Thị Yến")
    path = f"/runs/{run.code}/nominate/"
    form = {"find": "1", "q": "Yến", "people": [one.code], "number": "12/CV"}
    page = office.post(path, form).content.decode()
    assert page.count(" checked") == 1
    assert page.index(one.code) < page.index(two.code)
    assert 'value="12/CV"' in page
    assert 'class="errors"' not in page
    sent = {"people": [one.code, two.code], "agency": agency.slug, "number": "12/CV"}
    office.post(path, sent | {"dated": "2026-03-01"})
    assert Enrollment.objects.count() == 2


def test_neither_merged_rows_nor_enrolled_people_are_offered(office) -> None:
    agency, run = make_agency(), make_run(**FAR)
    here, survivor, twin = (make_trainee(agency) for _ in range(3))
    nominate(by=COMMAND, run=run, sending_agency=agency, nominees=[Nominee(here.pk)])
    merge(by=COMMAND, survivor=survivor, absorbed=twin)
    page = office.get(f"/runs/{run.code}/nominate/").content.decode()
    assert survivor.code in page
    assert here.code not in page
    assert twin.code not in page


def test_colleagues_of_the_agency_and_its_successors_are_offered_as_replacements() -> None:
    old, ministry, other = (make_agency() for _ in range(3))
    make_succession(old, ministry, on=dt.date(2025, 3, 1))
    department = make_agency(parent=ministry)
    run, sent = make_run(**FAR), make_trainee(old)
    nominate(by=COMMAND, run=run, sending_agency=old, nominees=[Nominee(sent.pk)])
    colleague, successor, stranger = (make_trainee(a) for a in (department, ministry, other))
    client = signed_in(make_coordinator(ministry))
    path = f"/runs/{run.code}/enrollments/{Enrollment.objects.get().pk}/replace/"
    page = client.get(path).content.decode()
    assert colleague.code in page
    assert successor.code in page
    assert stranger.code not in page
    assert client.post(path, {"trainee": colleague.code}).status_code == 302
    enrollment = Enrollment.objects.live().get()
    assert (enrollment.trainee, enrollment.sending_agency) == (colleague, old)


def prerequisite() -> Any:
    course = make_course()
    course.prerequisites.add(make_course())
    return course


def test_requests_and_replacements_warn_of_missing_prerequisites() -> None:
    agency, user = make_agency(), make_user("trainee")
    run = make_run(prerequisite(), **FAR)
    make_trainee(agency, user=user)
    page = signed_in(user).post(f"/runs/{run.code}/request/", follow=True).content.decode()
    assert "Has not completed the prerequisites" in page
    instead = make_trainee(agency)
    client = signed_in(make_coordinator(agency))
    path = f"/runs/{run.code}/enrollments/{Enrollment.objects.get().pk}/replace/"
    page = client.post(path, {"trainee": instead.code}, follow=True).content.decode()
    assert f"{instead.full_name}: Has not completed" in page


def test_a_department_is_related_to_its_ministry_and_not_the_other_way_round() -> None:
    ministry = make_agency()
    department = make_agency(parent=ministry)
    with clock.set_to(dt.date(2026, 3, 1)):
        agencies = type(ministry).objects
        assert set(agencies.related_to(ministry.pk)) == {ministry, department}
        assert set(agencies.related_to(department.pk)) == {department}
