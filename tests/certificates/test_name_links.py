"""Who has no account confirms the printed name, or calls it wrong, by a link in the message."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.urls import reverse

from audit.models import AuditEntry
from certificates.models import NameConfirmation
from certificates.services import name_links
from certificates.services.name_links import make_link, person_of_link
from certificates.services.name_reminders import remind_of_names
from common import clock
from common.secret_paths import without_secrets
from enrollment.choices import EnrollmentState
from notices.models import Notice
from notices.services.delivery import deliver_all
from people.models import DataRequest
from tests.factories import make_completion, make_enrollment, make_run, make_trainee

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 12, 5, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with clock.set_to(NOON):
        yield


@pytest.fixture
def person():
    person = make_trainee(full_name="Lê Thị Hoa", email="hoa@example.gov.vn")
    enrollment = make_enrollment(make_run(), person, state=EnrollmentState.COMPLETED)
    make_completion(person, enrollment.run, enrollment=enrollment)
    return person


@pytest.fixture
def address(person) -> str:
    link = make_link({"trainee": person.pk})
    assert link is not None
    return re.sub(r"^https?://[^/]+", "", link)


def test_the_reminder_carries_a_link_that_is_stored_nowhere(client, person):
    with clock.set_to(NOON + dt.timedelta(days=2)):
        assert remind_of_names() == 1
    notice = Notice.objects.get(kind="name_unconfirmed")
    assert notice.recipient == "hoa@example.gov.vn"
    assert "/verify/name/" not in notice.body
    with clock.set_to(NOON + dt.timedelta(days=2)):
        deliver_all()
    (sent,) = mail.outbox
    found = re.search(r"/verify/name/\S+", str(sent.body))
    assert found
    assert client.get(found[0]).status_code == 200
    notice.refresh_from_db()
    assert "/verify/name/" not in notice.body


def test_the_name_is_shown_and_confirmed_once(client, person, address):
    assert "Lê Thị Hoa" in client.get(address).content.decode()
    assert not NameConfirmation.objects.exists()  # programs that read mail open links too
    assert client.post(address, {"action": "confirm"}).status_code == 200
    confirmed = NameConfirmation.objects.of_present_name().get(trainee=person)
    assert confirmed.confirmed_by.endswith(person.code)
    assert client.get(address).status_code == 404
    assert AuditEntry.objects.filter(action="printed_name_confirmed").count() == 1


def test_what_is_wrong_becomes_a_request_to_the_office(client, person, address):
    assert client.post(address, {"action": "wrong", "text": ""}).status_code == 400
    client.post(address, {"action": "wrong", "text": "Hòa, không phải Hoa"})
    request = DataRequest.objects.get()
    assert (request.trainee, request.kind) == (person, "correct")
    assert request.text == "Hòa, không phải Hoa"
    assert client.get(address).status_code == 404
    assert not NameConfirmation.objects.exists()


@pytest.mark.parametrize("change", ["full_name", "email", "erased_at"])
def test_the_link_ends_with_what_it_was_made_for(client, person, address, change):
    changed = {"full_name": "Lê Thị Hòa", "email": "khac@example.gov.vn", "erased_at": clock.now()}
    setattr(person, change, changed[change])
    person.save()
    assert client.get(address).status_code == 404
    assert client.post(address, {"action": "confirm"}).status_code == 404
    assert not NameConfirmation.objects.exists()


def test_it_expires(person, address, monkeypatch):
    token = address.rstrip("/").rpartition("/")[2]
    assert person_of_link(token) == person
    monkeypatch.setattr(name_links, "VALID", dt.timedelta(seconds=-1))
    assert person_of_link(token) is None


def test_forged_and_used_links_have_one_answer(client, person, address):
    client.post(address, {"action": "confirm"})
    used = client.get(address)
    forged = client.get(reverse("name_by_link", args=[f"{person.pk}.0000:1abc:2def"]))
    none = client.get(reverse("name_by_link", args=["nobody"]))
    said = {one.context["is_over"] for one in (used, forged, none)}
    assert (used.status_code, forged.status_code, none.status_code) == (404, 404, 404)
    assert said == {True}


def test_an_office_behind_one_address_opens_as_many_links_as_it_has(client, address):
    assert {client.get(address).status_code for _turn in range(40)} == {200}


def test_guessing_is_limited_and_the_token_is_not_logged(client, address):
    found = {client.get(reverse("name_by_link", args=[f"x{n}"])).status_code for n in range(40)}
    assert found == {404, 429}
    token = address.rstrip("/").rpartition("/")[2]
    assert token not in without_secrets(f"GET {address}")
