"""The user sees how far an import is, and can stop it."""

import datetime as dt
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from accounts.invalidation import Secret, state_of
from audit.models import AuditEntry
from audit.services import SYSTEM
from enrollment.models import Enrollment
from jobs import services
from jobs.models import Job, JobState
from people.models import Trainee
from rosters.choices import ImportState
from rosters.importing import staging
from rosters.importing.report import ImportReport
from rosters.job_types import IMPORT_ROSTER
from rosters.models import RosterImport
from tests.architecture.world import make_roster
from tests.factories import make_agency, make_coordinator, make_run

ROWS = 5_000
SECONDS = 60.0


@pytest.fixture
def often(monkeypatch) -> None:
    """Progress is written at every step, and not only twice a second."""
    monkeypatch.setattr(services, "SECONDS_BETWEEN_WRITES", 0.0)


@pytest.fixture
def upload(often) -> RosterImport:
    """A long roster, checked; its jobs are done within the call that starts them."""
    agency, run = make_agency(), make_run(ends_on=dt.date(2099, 1, 2), capacity=ROWS)
    user = make_coordinator(agency)
    lines = [f"Nguyễn Văn An,0{n % 9 + 1}/03/1980,{n:012d}" for n in range(1, ROWS + 1)]
    return staging.stage(
        by=user.as_actor(),
        user=user,
        run=run,
        agency=agency,
        file_name="roster.csv",
        content="\n".join(["Họ và tên,Ngày sinh,Số CCCD", *lines]).encode(),
    )


def confirm(upload: RosterImport) -> RosterImport:
    user = upload.uploaded_by
    assert user is not None
    staging.confirm(by=user.as_actor(), user=user, upload=upload)
    return RosterImport.objects.select_related("job").get(pk=upload.pk)


def looking_on() -> Iterator[Job]:
    """Read the import's job repeatedly from another connection."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        yield from Job.objects.filter(kind=IMPORT_ROSTER.kind, state=JobState.RUNNING)
        time.sleep(0.01)


def cancel_once_it_moves() -> tuple[int, int]:
    """Rows done and total at the moment of the cancellation."""
    try:
        job = next(job for job in looking_on() if job.done)
        services.cancel(job=job, by=SYSTEM)
        return job.done, job.total
    finally:
        connection.close()


def what_is_told_meanwhile() -> tuple[bool, int]:
    try:
        job = next(job for job in looking_on() if not job.stoppable)
        return job.is_unstoppable, job.total
    finally:
        connection.close()


@pytest.mark.both_engines
@pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has one writer: nobody cancels meanwhile"
)
@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_cancelled_halfway_has_entered_nobody_and_can_be_confirmed_again(upload):
    with ThreadPoolExecutor(1) as others:
        cancelling = others.submit(cancel_once_it_moves)
        halfway = confirm(upload)
        done, total = cancelling.result(SECONDS)
    assert (0 < done < ROWS, total) == (True, ROWS)
    assert halfway.job is not None
    assert (halfway.state, halfway.job.state) == (ImportState.STAGED, JobState.CANCELLED)
    assert Trainee.objects.count() == Enrollment.objects.count() == 0
    assert not AuditEntry.objects.filter(action="roster_imported").exists()
    entered = confirm(halfway)
    assert entered.job is not None
    assert (entered.state, entered.job.done) == (ImportState.IMPORTED, ROWS)
    assert Enrollment.objects.count() == ROWS


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has many writers")
@pytest.mark.django_db(transaction=True)
def test_where_nobody_else_can_write_the_import_says_that_it_cannot_be_stopped(upload):
    with ThreadPoolExecutor(1) as others:
        looking = others.submit(what_is_told_meanwhile)
        assert confirm(upload).state == ImportState.IMPORTED
        assert looking.result(SECONDS) == (True, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("stoppable", [True, False])
def test_no_page_offers_to_cancel_what_cannot_be_stopped(client, stoppable):
    agency = make_agency()
    user = make_coordinator(agency)
    job = Job.objects.create(
        kind=IMPORT_ROSTER.kind,
        owner=user,
        owner_state=state_of(user, Secret.JOB),
        actor_label="test",
        state="running",
        stoppable=stoppable,
    )
    upload = make_roster(make_run(), agency, user, job=job)
    client.force_login(user)
    assert (reverse("cancel_job", args=[job.pk]) in page(client, "job", job.pk)) is stoppable
    assert (reverse("job", args=[job.pk]) in page(client, "roster", upload.pk)) is stoppable


@pytest.mark.django_db
@pytest.mark.parametrize("report", [ImportReport([]).summary(), None])
def test_what_was_cancelled_says_so_and_can_be_taken_up_again(client, report):
    agency = make_agency()
    user = make_coordinator(agency)
    job = Job.objects.create(
        kind=IMPORT_ROSTER.kind, owner=user, actor_label="x", state="cancelled"
    )
    upload = make_roster(make_run(), agency, user, job=job, report=report)
    client.force_login(user)
    again = reverse("confirm_roster", args=[upload.pk]) if report else f"/jobs/{job.pk}/"
    shown = page(client, "roster", upload.pk)
    assert again in shown
    assert "30 ngày" not in shown


@pytest.mark.django_db
def test_a_colleague_is_shown_no_way_to_a_job_of_others(client):
    agency = make_agency()
    user, colleague = make_coordinator(agency), make_coordinator(agency)
    job = Job.objects.create(kind=IMPORT_ROSTER.kind, owner=user, actor_label="x", state="running")
    upload = make_roster(make_run(), agency, user, job=job)
    client.force_login(colleague)
    assert f"/jobs/{job.pk}/" not in page(client, "roster", upload.pk)
    assert client.get(reverse("job", args=[job.pk])).status_code == 404


def page(client, name: str, key: object) -> str:
    return str(client.get(reverse(name, args=[key])).text)
