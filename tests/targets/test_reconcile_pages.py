"""The reconciliation on its pages, and every night."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.models import CachedTotal
from notices.models import Notice
from targets.services.nightly_reconciliation import reconcile_and_notify, reconcile_nightly
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

JUNE = dt.date(2024, 6, 10)


@pytest.fixture
def office(client):
    user = make_user("programme_office", language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


@pytest.fixture
def run():
    course = make_course("AI-101")
    make_rule([course])
    return make_run(course, sessions=0)


def people(run, number=1):
    agency = make_agency()
    return [
        make_completion(make_trainee(agency), run, completed_on=JUNE).trainee for _ in range(number)
    ]


def page(client, route, *args, **query):
    response = client.get(reverse(route, args=args), query, headers={"accept-language": "en"})
    assert response.status_code == 200
    return response.content.decode()


def test_every_reason_of_the_waterfall_leads_to_names(office, run):
    (person,) = people(run)
    assert "recorded from paper" in page(office, "reconcile")
    text = page(office, "reconcile_names", "completed", "on_paper")
    assert person.full_name in text
    assert reverse("run", args=[run.code]) in text
    assert reverse("person", args=[person.code]) in text


def test_who_does_not_count_leads_to_why(office, run):
    (person,) = people(make_run(make_course("AI-999"), sessions=0))
    text = page(office, "reconcile_names", "counted", "course")
    assert reverse("explain", args=[person.code]) in text


# Every night ------------------------------------------------------------------------------


def test_the_office_is_notified_of_what_nothing_explains(run, settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    user = make_user("programme_office", language="vi")
    make_user("auditor")
    people(run)
    reconcile_and_notify(by=PROGRAMME_OFFICE)
    assert not Notice.objects.exists()
    CachedTotal.objects.update(persons=7)
    reconcile_and_notify(by=PROGRAMME_OFFICE)
    assert Notice.objects.get().recipient == user.email


def test_it_is_done_once_a_night(run):
    people(run)
    with clock.set_to(dt.datetime(2026, 11, 20, 0, 30, tzinfo=clock.HANOI)):
        assert not reconcile_nightly()
    with clock.set_to(dt.datetime(2026, 11, 20, 2, 30, tzinfo=clock.HANOI)):
        assert reconcile_nightly()
        assert not reconcile_nightly()
    details = AuditEntry.objects.get(action="reconciled").details
    assert (details["unexplained"], details["steps"][-1]) == (0, ["counted", 1])
