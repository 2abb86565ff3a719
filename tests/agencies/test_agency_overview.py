"""The page of an agency: its people, quota with plan, classes, coordinators, tasks, history."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from agencies.models import Agency
from agencies.views import SECTIONS
from common.registries import agency_sections
from targets.models import Quota
from tests.counting.makers import make_indicator, make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)
from tests.profiles.test_person import office

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Agency:
    return make_agency("own", name_en="Ministry A")


def page_for(user, agency: Agency) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return str(client.get(reverse("agency", args=[agency.slug])).content.decode())


def test_every_section_has_its_order():
    assert {name for name, _of in agency_sections} == set(SECTIONS)


def test_an_agency_shows_its_people_with_links_to_their_lists(agency):
    make_completion(make_trainee(agency))
    make_trainee(agency)
    page = page_for(office(), agency)
    assert "People of this agency" in page
    assert f"{reverse('people')}?agency=own&amp;status=trained" in page


def test_an_agency_shows_its_quota_with_plan_and_actual(agency):
    run = make_run()
    make_rule([run.course])
    quota = Quota.objects.create(
        target=make_indicator(d2030_12_31=1000).targets.get(),
        agency=agency,
        minimum=20,
        steps=[["2025-12-31", 5]],
    )
    make_completion(make_trainee(agency), run, completed_on=dt.date(2025, 3, 11))
    page = page_for(office(), agency)
    assert f'id="quota-{quota.pk}-head"' in page
    assert "1 / 20" in page
    assert "<svg" in page
    assert "31/12/2025" in page


def test_an_agency_shows_the_classes_to_which_it_sent_people(agency):
    make_enrollment(make_run(code="AI-SENT"), make_trainee(agency))
    make_enrollment(make_run(code="AI-OTHER"))
    page = page_for(office(), agency)
    assert ("AI-SENT" in page, "AI-OTHER" in page) == (True, False)


def test_an_agency_names_its_coordinators_and_leads_to_its_history(agency):
    coordinator = make_coordinator(agency, full_name="Vũ Hoàng Yến")
    assert "Vũ Hoàng Yến" in page_for(office(), agency)
    assert f"{reverse('audit')}?about=own" in page_for(office(), agency)
    own = page_for(coordinator, agency)
    assert "Vũ Hoàng Yến" in own
    assert reverse("audit") not in own


@pytest.mark.parametrize("role", [Role.TRAINEE, Role.TRAINER, Role.COORDINATOR])
def test_whoever_is_not_concerned_sees_name_and_kind_alone(agency, role):
    make_coordinator(agency, full_name="Vũ Hoàng Yến")
    make_enrollment(make_run(code="AI-SENT"), make_trainee(agency, full_name="Lê An"))
    page = page_for(make_user(role), agency)
    assert "Ministry A" in page
    for hidden in ("Vũ Hoàng Yến", "AI-SENT", "People of this agency", "Quota"):
        assert hidden not in page
