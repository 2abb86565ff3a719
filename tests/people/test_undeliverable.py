"""Coordinators hear, once, that mail to one of their people came back."""

import pytest

from accounts.choices import Role
from audit.services import SYSTEM
from common.personal_data import Subject
from notices.models import Notice, UndeliverableAddress
from notices.services import bounces, outbox
from notices.services.delivery import deliver_pending, erase
from people.services.undeliverable import report_undeliverable
from tests.factories import make_agency, make_coordinator, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def agency():
    agency = make_agency("bo-mau")
    make_coordinator(agency, email="coordinator@example.gov.vn")
    make_coordinator(make_agency("bo-khac"), email="stranger@example.gov.vn")
    make_user(Role.PROGRAMME_OFFICE, email="office@example.gov.vn")
    return agency


def told() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("recipient", flat=True))


def test_the_coordinators_of_the_person_hear_once(agency):
    person = make_trainee(agency, email="An@example.gov.vn", full_name="Lê Thị Hoa")
    bounces.mark("an@example.gov.vn", "5.1.1 no such user")
    assert (report_undeliverable(), report_undeliverable()) == (1, 0)
    assert told() == ["coordinator@example.gov.vn"]
    text = Notice.objects.get().body
    assert "Lê Thị Hoa" in text
    assert person.code in text
    assert "5.1.1 no such user" in text


def test_an_address_that_bounces_again_after_another_try_is_told_again(agency):
    make_trainee(agency, email="an@example.gov.vn")
    for _ in range(2):
        bounces.mark("an@example.gov.vn", "5.1.1")
        bounces.mark("an@example.gov.vn", "5.1.1")
        report_undeliverable()
        outbox.try_address_again(by=SYSTEM, marked=UndeliverableAddress.objects.in_force().get())
    assert told() == ["coordinator@example.gov.vn"] * 2


def test_nobody_is_told_at_the_address_that_came_back(agency):
    make_trainee(agency, email="coordinator@example.gov.vn")
    bounces.mark("coordinator@example.gov.vn", "5.1.1")
    report_undeliverable()
    assert told() == ["office@example.gov.vn"]


def test_an_address_of_nobody_is_marked_and_told_to_nobody(agency):
    bounces.mark("nobody@example.gov.vn", "5.1.1")
    assert report_undeliverable() == 0
    assert UndeliverableAddress.objects.get().reported_at


def test_a_new_address_of_the_person_gets_mail_at_once(agency):
    person = make_trainee(agency, email="an@example.gov.vn")
    bounces.mark("an@example.gov.vn", "5.1.1")
    person.email = "an.moi@example.gov.vn"
    person.save()
    Notice.objects.create(recipient=person.email, subject="s", body="b")
    assert deliver_pending() == 1


def test_an_erased_person_leaves_no_address_behind(agency):
    person = make_trainee(agency, email="An@example.gov.vn")
    bounces.mark("an@example.gov.vn", "5.1.1")
    erase(Subject(person.code, (person.pk,), emails=(person.email,)))
    assert not UndeliverableAddress.objects.exists()
