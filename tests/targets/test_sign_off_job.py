"""Signing a period is long work: a job from the page and the API, at once by the command."""

import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from courses.choices import RunState
from jobs import services as jobs
from jobs.models import Job, JobState
from targets.job_types import SIGN_OFF
from targets.models import FrozenPart, PeriodReport
from targets.services import report_content
from targets.services.evidence import pack_sha256
from targets.services.nightly_reconciliation import reconcile_and_store
from tests.api.conftest import Visitor
from tests.counting.makers import SIGNED_ON, make_rule, make_signer
from tests.factories import make_completion, make_course, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    reconcile_and_store(by=SYSTEM)
    course = make_course("AI-101")
    make_rule([course])
    day = dt.date(2024, 6, 10)
    run = make_run(course, starts_on=day, ends_on=day, state=RunState.CLOSED)
    make_completion(make_trainee(), run, completed_on=dt.date(2024, 6, 10))
    return run


@pytest.fixture
def office(client, run):
    user = make_user(Role.PROGRAMME_OFFICE, language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture(autouse=True)
def _in_2025():
    with clock.set_to(SIGNED_ON):
        yield


def form(**changes):
    return {
        "starts_on": "2024-01-01",
        "ends_on": "2024-12-31",
        "agreed_persons": 1,
        "number": "01/BC-BTTTT",
        "dated": SIGNED_ON.isoformat(),
        "signer": make_signer().pk,
        "recipients": "Lưu: VT",
    } | changes


def asked(office, **changes):
    """The job of a request that no worker has begun."""
    answer = office.post(reverse("new_report"), form(**changes))
    assert answer.status_code == 302
    job = Job.objects.get()
    assert answer.url == reverse("job", args=[job.pk])
    return job


def signed_entries():
    return AuditEntry.objects.filter(action="period_signed").count()


def test_the_request_signs_nothing_and_leads_to_the_progress_of_a_job(office):
    job = asked(office)
    assert (job.kind, job.state) == (SIGN_OFF.kind, JobState.QUEUED)
    assert not PeriodReport.objects.exists()
    jobs.run(str(job.pk))
    report = PeriodReport.objects.get()
    page = office.get(reverse("job", args=[job.pk])).content.decode()
    assert reverse("report", args=[report.code]) in page


def test_the_same_request_twice_is_one_job(office):
    same = form()
    for _time in range(2):
        office.post(reverse("new_report"), same)
    jobs.run(str(Job.objects.get().pk))
    assert (PeriodReport.objects.count(), signed_entries()) == (1, 1)


def test_a_worker_killed_after_signing_does_the_same_as_once(office, monkeypatch):
    job = asked(office)
    monkeypatch.setattr(jobs.Progress, "end", lambda *_args, **_values: False)  # killed before
    jobs.run(str(job.pk))
    monkeypatch.undo()
    first = PeriodReport.objects.get()
    Job.objects.update(lease_until=clock.now() - dt.timedelta(minutes=1))
    jobs.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.result["page"]) == (JobState.DONE, reverse("report", args=[first.code]))
    assert (PeriodReport.objects.count(), signed_entries()) == (1, 1)


def test_a_worker_killed_in_the_middle_leaves_nothing_half_signed(office, monkeypatch):
    job = asked(office)

    def killed(_report):
        raise KeyboardInterrupt

    monkeypatch.setattr("targets.services.reports.pack_sha256", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.run(str(job.pk))
    assert not PeriodReport.objects.exists()
    assert not FrozenPart.objects.exists()
    monkeypatch.undo()
    jobs.run(str(job.pk))
    assert (PeriodReport.objects.get().persons, signed_entries()) == (1, 1)


def test_a_figure_that_changed_meanwhile_is_not_signed_and_the_job_says_so(office, run):
    job = asked(office)
    make_completion(make_trainee(), run, completed_on=dt.date(2024, 6, 10))
    jobs.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "figure_changed")
    assert not PeriodReport.objects.exists()


def test_who_lost_the_right_meanwhile_signs_nothing(office):
    job = asked(office)
    office.user.role_grants.all().delete()
    jobs.run(str(job.pk))
    job.refresh_from_db()
    assert (job.error_code, PeriodReport.objects.exists()) == ("rights_changed", False)


def test_the_lists_are_stored_in_parts_that_make_the_same_pack(office, run, monkeypatch):
    for _person in range(6):
        make_completion(make_trainee(), run, completed_on=dt.date(2024, 6, 10))
    monkeypatch.setattr(report_content, "_BATCH", 3)
    job = asked(office, agreed_persons=7)
    jobs.run(str(job.pk))
    report = PeriodReport.objects.get()
    parts = FrozenPart.objects.values_list("name", "number")
    assert sorted(parts) == [(name, n) for name in ("completions", "people") for n in (1, 2, 3)]
    assert [one["number"] for one in report.people()] == list(range(1, 8))
    assert report.pack_sha256 == pack_sha256(report)


# API and command --------------------------------------------------------------------------


def test_the_api_answers_with_the_job(office, run):
    visitor = Visitor(office.user)
    answer = visitor.post("reports/", form())
    assert answer.status_code == 202
    address = f"jobs/{answer.json()['id']}/"
    assert visitor.get(address).json()["state"] == "queued"
    jobs.run(answer.json()["id"])
    found = visitor.get(address).json()
    assert (found["state"], found["page"]) == ("done", "/reports/2024-12-31-v1/")


def test_the_api_signs_nothing_over_open_points_that_nobody_acknowledged(office, run):
    make_run(run.course, starts_on=dt.date(2024, 11, 1), ends_on=dt.date(2024, 11, 2))
    visitor = Visitor(office.user)
    refused = visitor.post("reports/", form())
    assert (refused.status_code, refused.json()["code"]) == (409, "open_points")
    assert visitor.post("reports/", form(acknowledged=True)).status_code == 202


def test_the_command_signs_at_once(office, capsys):
    words = [
        part
        for name in ("starts_on", "ends_on", "number", "dated")
        for part in (f"--{name.replace('_', '-')}", form()[name])
    ]
    words += ["--signer", make_signer().name, "--agreed", "1", "--json"]
    call_command("sign_period", *words)
    answer = json.loads(capsys.readouterr().out)
    assert (answer["report"], answer["persons"]) == ("2024-12-31-v1", 1)
    assert not Job.objects.exists()
    with pytest.raises(SystemExit):
        call_command("sign_period", *words)
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "overlaps_signed"
