"""Quotas, tasks and their reminders."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.counter import counted
from targets.choices import QuotaState, Reminder
from targets.errors import TargetError
from targets.models import AgencyTask, Quota, TaskReport
from targets.progress.quota_status import quota_statuses
from targets.services.quotas import remove_quota, set_quota
from targets.services.reminders import remind
from targets.services.tasks import finish_task, remove_task, reopen_task, set_task
from targets.views import overview
from tests.counting.makers import make_indicator, make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_succession,
    make_trainee,
    make_user,
)

TODAY = dt.date(2026, 11, 22)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def target():
    return make_indicator(d2030_12_31=100).targets.get()


@pytest.fixture
def run(target):
    run = make_run()
    make_rule([run.course])
    return run


def quota_of(target, agency, minimum=5, **fields) -> Quota:
    return set_quota(by=PROGRAMME_OFFICE, target=target, agency=agency, minimum=minimum, **fields)


def standing_of(quota):
    (found,) = quota_statuses([quota], counted())
    return found


def trained(agency, run, people=1, on=dt.date(2026, 3, 11)):
    for _n in range(people):
        make_completion(make_trainee(agency), run, completed_on=on)


# Quotas ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"minimum": 0}, "quota_too_small"),
        ({"due_on": dt.date(2031, 1, 1)}, "quota_after_target"),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(target, fields, code):
    with pytest.raises(TargetError) as refusal:
        quota_of(target, make_agency(), **fields)
    assert refusal.value.code == code


def test_an_agency_that_counts_for_no_target_gets_no_quota(target):
    with pytest.raises(TargetError) as refusal:
        quota_of(target, make_agency(kind="other"))
    assert refusal.value.code == "agency_counts_for_none"


def test_an_agency_has_one_quota_of_a_target(target):
    agency = make_agency()
    quota_of(target, agency)
    with pytest.raises(TargetError) as refusal:
        quota_of(target, agency)
    assert refusal.value.code == "quota_exists"


def test_a_removed_quota_stays_on_record(target):
    quota = quota_of(target, make_agency("bo-a"), 7)
    remove_quota(by=PROGRAMME_OFFICE, quota=quota, reason="Giao lại")
    details = AuditEntry.objects.get(action="quota_removed").details
    assert (details["agency"], details["minimum"]) == ("bo-a", 7)
    assert not Quota.objects.current().exists()


@pytest.mark.parametrize(
    ("people", "due_on", "state"),
    [
        (5, None, QuotaState.MET),
        (5, dt.date(2026, 6, 30), QuotaState.MET),
        (4, dt.date(2026, 6, 30), QuotaState.OVERDUE),
        (1, dt.date(2027, 6, 30), QuotaState.AT_RISK),
        (1, dt.date(2030, 12, 31), QuotaState.ON_TRACK),
    ],
)
def test_the_status_of_a_quota_follows_from_people_pace_and_deadline(
    target, run, people, due_on, state
):
    agency = make_agency()
    trained(agency, run, people)
    assert standing_of(quota_of(target, agency, due_on=due_on)).state == state


def test_a_pace_of_years_ago_is_not_counted_on(target, run):
    agency = make_agency()
    trained(agency, run, 4, on=dt.date(2024, 6, 4))
    found = standing_of(quota_of(target, agency))
    assert (found.persons, found.last_year, found.state) == (4, 0, QuotaState.AT_RISK)


def test_people_of_merged_agencies_and_departments_count_for_a_quota(target, run):
    agency = make_agency()
    before, below = make_agency(), make_agency(parent=agency)
    make_succession(before, agency, on=dt.date(2026, 5, 1))
    for one in (before, below, make_agency()):
        trained(one, run)
    assert standing_of(quota_of(target, agency)).persons == 2


# The page -------------------------------------------------------------------------------


def page_for(client, user):
    client.force_login(user)
    return client.get(reverse("targets"), headers={"Accept-Language": "en"}).content.decode()


@pytest.fixture
def office():
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


@pytest.mark.parametrize(
    ("minimum", "sentence"),
    [
        (40, "The quotas add up to 40 of 100: 60 are not allocated yet."),
        (130, "The quotas add up to 130, 30 more than the target of 100."),
        (100, "The quotas add up to exactly the target of 100."),
    ],
)
def test_the_sum_of_quotas_is_shown_beside_the_target(client, target, office, minimum, sentence):
    quota_of(target, make_agency(), minimum)
    assert sentence in page_for(client, office)


@pytest.mark.both_engines
def test_the_sum_includes_the_quotas_that_are_not_shown(client, target, office, monkeypatch):
    monkeypatch.setattr(overview, "MOST_ROWS", 2)
    later = target.indicator.targets.create(due_on=dt.date(2035, 12, 31), minimum=50)
    for minimum in (10, 20, 30):
        quota_of(target, make_agency(), minimum)
        quota_of(later, make_agency(), 1)
    page = page_for(client, office)
    assert "The quotas add up to 60 of 100: 40 are not allocated yet." in page
    assert page.count("The first 2 of 3 are shown") == 2
    assert page.count("at risk</span>") == 4


def test_a_coordinator_sees_the_quota_of_the_own_agency_alone(client, target):
    own, other = make_agency(name_vi="Bộ Một"), make_agency(name_vi="Bộ Hai")
    for agency in (own, other):
        quota_of(target, agency)
    page = page_for(client, make_coordinator(own))
    assert ("Bộ Một" in page, "Bộ Hai" in page) == (True, False)


def test_a_coordinator_sees_the_tasks_of_the_own_agency_alone(client):
    own, other = make_agency(name_vi="Bộ Một"), make_agency(name_vi="Bộ Hai")
    for agency in (own, other):
        task_of(agency)
    page = page_for(client, make_coordinator(own))
    assert ("Bộ Một" in page, "Bộ Hai" in page) == (True, False)


def test_the_office_enters_a_quota_on_the_page(client, target, office):
    agency = make_agency()
    client.force_login(office)
    data = {"target": target.pk, "agency": agency.pk, "minimum": 12, "lead_unit": "Vụ TCCB"}
    answer = client.post(reverse("new_quota"), data)
    assert answer.status_code == 302
    assert (Quota.objects.get().minimum, Quota.objects.get().lead_unit) == (12, "Vụ TCCB")


# Tasks ----------------------------------------------------------------------------------


def task_of(agency, due_on=dt.date(2026, 12, 1)) -> AgencyTask:
    return set_task(
        by=PROGRAMME_OFFICE,
        indicator=make_indicator(),
        agency=agency,
        title="Lập danh sách cử học viên",
        due_on=due_on,
        responsible_unit="Vụ Tổ chức cán bộ",
    )


def test_a_task_names_the_unit_that_is_responsible():
    with pytest.raises(TargetError) as refusal:
        set_task(
            by=PROGRAMME_OFFICE,
            indicator=make_indicator(),
            agency=make_agency(),
            title="Lập danh sách",
            due_on=TODAY,
            responsible_unit=" ",
        )
    assert refusal.value.code == "task_incomplete"


def test_a_task_is_done_once_and_says_by_whom():
    task = finish_task(by=PROGRAMME_OFFICE, task=task_of(make_agency()))
    assert (task.done_on, task.done_by) == (TODAY, PROGRAMME_OFFICE.label)
    with pytest.raises(TargetError, check=lambda error: error.code == "already_done"):
        finish_task(by=PROGRAMME_OFFICE, task=task)


def test_a_task_is_done_on_the_day_it_was_done_never_on_one_to_come():
    task = finish_task(
        by=PROGRAMME_OFFICE, task=task_of(make_agency()), done_on=dt.date(2026, 11, 2)
    )
    assert task.done_on == dt.date(2026, 11, 2)
    other, tomorrow = task_of(make_agency()), TODAY + dt.timedelta(days=1)
    with pytest.raises(TargetError, check=lambda error: error.code == "done_in_future"):
        finish_task(by=PROGRAMME_OFFICE, task=other, done_on=tomorrow)


def test_a_task_done_by_mistake_is_opened_again_and_reminded_of(mailoutbox):
    agency = make_agency()
    make_coordinator(agency)
    task = task_of(agency)
    assert remind() == 1
    finish_task(by=PROGRAMME_OFFICE, task=task)
    task = reopen_task(by=PROGRAMME_OFFICE, task=task)
    assert (task.done_on, task.done_by) == (None, "")
    assert remind() == 1
    with pytest.raises(TargetError, check=lambda error: error.code == "not_done"):
        reopen_task(by=PROGRAMME_OFFICE, task=task)


def test_a_removed_task_stays_on_record():
    remove_task(by=PROGRAMME_OFFICE, task=task_of(make_agency("bo-a")), reason="Hủy")
    details = AuditEntry.objects.get(action="task_removed").details
    assert (details["agency"], details["title"]) == ("bo-a", "Lập danh sách cử học viên")
    assert not AgencyTask.objects.current().exists()


def test_the_office_records_the_day_and_takes_it_back(client, office):
    task = task_of(make_agency())
    client.force_login(office)
    client.post(reverse("finish_task", args=[task.pk]), {"done_on": "2026-11-02"})
    task.refresh_from_db()
    assert task.done_on == dt.date(2026, 11, 2)
    assert b"02/11/2026" in client.get(reverse("finish_task", args=[task.pk])).content
    client.post(reverse("reopen_task", args=[task.pk]))
    task.refresh_from_db()
    assert task.done_on is None


@pytest.mark.parametrize(("ended", "status"), [(False, 302), (True, 403)])
def test_who_coordinates_an_ended_agency_may_only_look(client, ended, status):
    agency = make_agency(valid_to=dt.date(2026, 2, 28) if ended else None)
    task = task_of(agency)
    assert "Lập danh sách" in page_for(client, make_coordinator(agency))
    address = reverse("task_progress", args=[task.pk])
    assert client.get(address).status_code == 200
    data = {"day": "2026-11-20", "text": "Đã lập danh sách"}
    assert client.post(address, data).status_code == status
    assert TaskReport.objects.exists() is not ended


# Reminders ------------------------------------------------------------------------------


def test_coordinators_are_reminded_once_before_and_once_after_a_deadline(target, run, mailoutbox):
    agency = make_agency()
    coordinator = make_coordinator(agency, language="en")
    task_of(agency)
    quota_of(target, agency, due_on=dt.date(2026, 12, 10))
    mailoutbox.clear()
    assert (remind(), remind()) == (1, 0)
    (message,) = mailoutbox
    assert message.to == [coordinator.email]
    assert "0 of 5 people" in message.body
    assert "Lập danh sách cử học viên" in message.body
    with clock.set_to(dt.date(2026, 12, 20)):
        assert (remind(), remind()) == (1, 0)


@pytest.mark.both_engines
def test_without_a_coordinator_the_office_is_reminded(office, mailoutbox):
    task_of(make_agency(name_vi="Bộ Không Người"))
    assert (remind(), remind()) == (1, 0)
    (message,) = mailoutbox
    assert message.to == [office.email]
    assert "Bộ Không Người" in message.body


def test_what_reaches_nobody_goes_out_once_somebody_can_be_reached(mailoutbox):
    agency = make_agency()
    make_coordinator(agency, email="lan@no-mailbox.invalid")
    make_coordinator(agency, is_active=False)
    task = task_of(agency)
    assert remind() == 0
    task.refresh_from_db()
    assert task.last_reminder == Reminder.NONE
    assert not AuditEntry.objects.filter(action="deadlines_reminded").exists()
    coordinator = make_coordinator(agency)
    assert remind() == 1
    assert mailoutbox[0].to == [coordinator.email]


def test_who_acts_for_an_agency_now_is_reminded_of_its_deadlines(mailoutbox):
    above = make_agency()
    below, before = make_agency(parent=above), make_agency(valid_to=dt.date(2026, 4, 30))
    make_succession(before, above, on=dt.date(2026, 5, 1))
    make_coordinator(before)  # looks on
    coordinator = make_coordinator(above)
    for agency in (below, before):
        task_of(agency)
    mailoutbox.clear()
    assert remind() == 1
    (message,) = mailoutbox
    assert message.to == [coordinator.email]
    assert message.body.count("Lập danh sách cử học viên") == 2


def test_a_reminder_follows_when_a_met_quota_is_missed_after_all(target, run, mailoutbox):
    agency = make_agency()
    make_coordinator(agency)
    trained(agency, run, 5)
    quota = quota_of(target, agency, due_on=dt.date(2026, 12, 10))
    assert remind() == 0
    Quota.objects.filter(pk=quota.pk).update(minimum=6)
    assert remind() == 1


def test_nobody_is_reminded_of_what_is_far_off_met_or_done(target, run, mailoutbox):
    agency = make_agency()
    make_coordinator(agency)
    trained(agency, run, 5)
    quota_of(target, agency, due_on=dt.date(2026, 12, 10))
    task_of(agency, due_on=dt.date(2027, 6, 30))
    finish_task(by=PROGRAMME_OFFICE, task=task_of(agency))
    mailoutbox.clear()
    remind()
    assert mailoutbox == []


def test_a_new_deadline_starts_the_reminders_again(target, run):
    agency = make_agency()
    make_coordinator(agency)
    quota = quota_of(target, agency, due_on=dt.date(2026, 12, 10))
    remind()
    quota.refresh_from_db()
    assert quota.last_reminder == Reminder.SOON
    quota_of(target, agency, due_on=dt.date(2026, 12, 15), quota=quota, reason="Gia hạn")
    assert remind() == 1
