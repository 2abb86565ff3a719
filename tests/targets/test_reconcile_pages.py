"""The reconciliation on its pages, and every night."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock, formats
from counting.models import CachedTotal
from jobs.models import Job, JobState
from notices.models import Notice
from people.models import Trainee
from targets.progress.stored_reconciliation import stored_reconciliation
from targets.services.nightly_reconciliation import (
    reconcile_and_notify,
    reconcile_and_store,
    reconcile_nightly,
)
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


def steps():
    found = stored_reconciliation()
    assert found is not None
    return found.steps


def test_every_reason_of_the_waterfall_leads_to_names(office, run):
    (person,) = people(run)
    reconcile_and_store(by=SYSTEM)
    assert "recorded from paper" in page(office, "reconcile")
    text = page(office, "reconcile_names", "completed", "on_paper")
    assert person.full_name in text
    assert reverse("run", args=[run.code]) in text
    assert reverse("person", args=[person.code]) in text


def test_who_does_not_count_leads_to_why(office, run):
    (person,) = people(make_run(make_course("AI-999"), sessions=0))
    reconcile_and_store(by=SYSTEM)
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


def test_it_is_done_once_a_night(run, django_capture_on_commit_callbacks):
    people(run)
    with clock.set_to(dt.datetime(2026, 11, 20, 0, 30, tzinfo=clock.HANOI)):
        assert not reconcile_nightly()
    with clock.set_to(dt.datetime(2026, 11, 20, 2, 30, tzinfo=clock.HANOI)):
        with django_capture_on_commit_callbacks(execute=True):
            assert reconcile_nightly()
        assert not reconcile_nightly()
    details = AuditEntry.objects.get(action="reconciled").details
    assert (details["unexplained"], details["steps"][-1]) == (0, ["counted", 1])


# In a job ---------------------------------------------------------------------------------


def test_the_page_does_not_reconcile_and_says_that_there_is_no_result_yet(office, run):
    people(run)
    text = page(office, "reconcile")
    assert "Not calculated yet." in text
    assert "recorded from paper" not in text
    assert not AuditEntry.objects.filter(action="reconciled").exists()


def test_the_page_shows_the_stored_result_with_its_instant(office, run):
    people(run)
    at = dt.datetime(2026, 11, 20, 2, 30, 15, 123456, tzinfo=clock.HANOI)
    with clock.set_to(at):
        reconcile_and_store(by=SYSTEM)
        people(run)
        text = page(office, "reconcile")
    assert formats.exact(at) in text
    assert "This result is old" not in text
    assert steps()[-1].count == 1


def test_a_result_of_another_night_is_called_old(office, run):
    with clock.set_to(clock.now() - dt.timedelta(days=2)):
        reconcile_and_store(by=SYSTEM)
    assert "This result is old" in page(office, "reconcile")


def test_compute_again_is_one_job_however_often_it_is_asked(
    office, run, django_capture_on_commit_callbacks
):
    people(run)
    with django_capture_on_commit_callbacks() as callbacks:
        for _time in range(3):
            assert office.post(reverse("reconcile_again")).status_code == 302
    assert Job.objects.get().state == JobState.QUEUED
    assert str(Job.objects.get().pk) in page(office, "reconcile")
    for callback in callbacks:
        callback()
    assert Job.objects.get().state == JobState.DONE
    assert "recorded from paper" in page(office, "reconcile")


def test_a_job_that_runs_twice_stores_the_same_once(run):
    people(run, 3)
    for _time in range(2):
        reconcile_and_store(by=SYSTEM)
    (reason,) = steps()[2].reasons
    assert (reason.count, len(reason.people[:])) == (3, 3)


def test_stored_lists_are_read_page_by_page(run, monkeypatch):
    monkeypatch.setattr("jobs.stored_results.PART", 4)
    codes = sorted(one.code for one in people(run, 11))
    reconcile_and_store(by=SYSTEM)
    (reason,) = steps()[2].reasons
    for start in range(0, 11, 3):
        assert [one.code for one in reason.people[start : start + 3]] == codes[start : start + 3]


def test_stored_names_are_shown_to_those_alone_who_may_see_them_now(office, run, monkeypatch):
    shown, hidden = people(run, 2)
    reconcile_and_store(by=SYSTEM)
    only = Trainee.objects.filter(pk=shown.pk)
    monkeypatch.setattr(type(only), "visible_to", lambda _rows, _user: only)
    text = page(office, "reconcile_names", "completed", "on_paper")
    assert shown.code in text
    assert hidden.code not in text


def test_who_lost_the_right_does_not_see_the_stored_result(client, run):
    people(run)
    reconcile_and_store(by=SYSTEM)
    client.force_login(make_user("trainer"))
    assert client.get(reverse("reconcile")).status_code == 403
    auditor = make_user("auditor")
    create_second_factor(by=SYSTEM, user=auditor)
    client.force_login(auditor)
    assert client.get(reverse("reconcile")).status_code == 200
    assert client.post(reverse("reconcile_again")).status_code == 403
