"""Long work ends with the rights that it was asked for with, however it is taken up again."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import RoleGrant, User
from accounts.services import create_second_factor
from agencies.models import Coordinator
from audit.services import SYSTEM
from common import clock
from enrollment.models import Enrollment
from jobs import services as jobs
from jobs.models import Job, JobState
from people.job_types import ERASE_PERSON, ErasurePayload
from people.models import Trainee
from rosters.importing import staging
from rosters.job_types import IMPORT_ROSTER
from tests.factories import make_user
from tests.rosters.desk import Desk

pytestmark = pytest.mark.django_db
YESTERDAY = dt.timedelta(days=-1)
ROSTER = "Họ và tên,Ngày sinh\nNguyễn Văn An,01/02/1980\n".encode()


@pytest.fixture
def desk(django_capture_on_commit_callbacks: Any) -> Desk:
    return Desk(django_capture_on_commit_callbacks)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def cancelled_import(desk: Desk) -> Job:
    """A roster that was checked, confirmed, and cancelled before a worker took it."""
    upload = desk.put(ROSTER, "roster.csv")
    staging.confirm(**desk.who, upload=upload)
    job = Job.objects.get(kind=IMPORT_ROSTER.kind)
    jobs.cancel(job=job, by=desk.user.as_actor())
    return job


def try_again(user: User, job: Job, at_once: Any) -> int:
    with at_once():
        answer = signed_in(user).post(reverse("retry_job", args=[job.pk]))
    job.refresh_from_db()
    return answer.status_code


def test_a_cancelled_import_is_tried_again_by_its_owner(desk: Desk) -> None:
    job = cancelled_import(desk)
    try_again(desk.user, job, desk.at_once)
    assert job.state == JobState.DONE
    assert Enrollment.objects.count() == 1


def test_whoever_left_an_agency_enters_no_roster_for_it_by_trying_a_job_again(desk: Desk) -> None:
    job = cancelled_import(desk)
    Coordinator.objects.filter(user=desk.user).update(until=clock.today() + YESTERDAY)
    try_again(desk.user, job, desk.at_once)
    assert job.state == JobState.CANCELLED
    assert not Trainee.objects.exists()
    assert not Enrollment.objects.exists()


def test_what_failed_for_changed_rights_is_requested_again_and_not_retried(desk: Desk) -> None:
    job = cancelled_import(desk)
    Coordinator.objects.filter(user=desk.user).update(until=clock.today() + YESTERDAY)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED, cancel_requested=False)
    jobs.run(str(job.pk))
    page = signed_in(desk.user).get(reverse("job", args=[job.pk]))
    assert reverse("retry_job", args=[job.pk]) not in page.text
    try_again(desk.user, job, desk.at_once)
    assert (job.state, job.error_code) == (JobState.FAILED, "rights_changed")
    assert not Enrollment.objects.exists()


@pytest.mark.parametrize("action", ["cancel_job", "retry_job"])
def test_whoever_left_the_office_neither_stops_nor_repeats_what_it_decided(action: str) -> None:
    former, member = make_user(Role.PROGRAMME_OFFICE), make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=member)
    job = jobs.start(
        ERASE_PERSON,
        payload=ErasurePayload(erasure=0),
        owner=former,
        by=former.as_actor(),
        ends_with_rights=False,
    )
    state = JobState.QUEUED if action == "cancel_job" else JobState.FAILED
    Job.objects.filter(pk=job.pk).update(state=state)
    RoleGrant.objects.filter(user=former).update(until=clock.today() + YESTERDAY)
    assert signed_in(former).post(reverse(action, args=[job.pk])).status_code == 403
    assert signed_in(member).post(reverse(action, args=[job.pk])).status_code == 302
