"""A job's life: queued, done or failed, cancelled, tried again, found by the reaper."""

import datetime as dt
import errno
import os
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest
from django.db import OperationalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from common.errors import DomainError
from common.identity import parse_name
from jobs import job_types, queues, services
from jobs.errors import JobError
from jobs.job_types import JobType
from jobs.models import Job, JobState, WorkerHeartbeat
from tests.factories import make_user

# Progress is written outside of transactions alone, so these tests commit for good.
pytestmark = pytest.mark.django_db(transaction=True)

# Linux: a device that is always full.
FULL = os.open("/dev/full", os.O_WRONLY)

PRESENT = dt.datetime(2026, 3, 10, 3, 0, tzinfo=dt.UTC)


class Rehearsal:
    """The work of the tests' jobs: each test says what it does."""

    def __init__(self) -> None:
        self.work: Any = lambda progress: {}
        self.handles: list[services.Progress[Any]] = []

    def __call__(self, progress: services.Progress[Any]) -> dict[str, Any]:
        self.handles.append(progress)
        return dict(self.work(progress))


_rehearsal = Rehearsal()
REHEARSAL: JobType[Any] = JobType("test.rehearsal", module=__name__)
REHEARSAL.work(_rehearsal)
job_types.register(REHEARSAL)


@pytest.fixture
def rehearsal() -> Iterator[Rehearsal]:
    _rehearsal.__init__()  # type: ignore[misc]  # forgets what the last test did
    yield _rehearsal
    services.stopping.clear()


def fall_over(progress: services.Progress[Any]) -> dict[str, Any]:
    raise KeyError("secret 001085012345")


def start(**fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "job_type": REHEARSAL,
        "payload": {},
        "owner": None,
        "by": SYSTEM,
    }
    job = services.start(**(defaults | fields))
    job.refresh_from_db()
    return job


def waiting_job(settings: Any, **fields: Any) -> Job:
    """A job in a queue that nobody works on."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    return start(**fields)


def abandoned_job(settings: Any, **fields: Any) -> Job:
    """A job whose worker has been dead for an hour."""
    job = waiting_job(settings)
    past = clock.now() - dt.timedelta(hours=1)
    values = {"state": JobState.RUNNING, "lease_until": past, "attempts": 1} | fields
    Job.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()
    return job


@pytest.mark.both_engines
def test_a_job_ends_with_the_result_of_its_work(rehearsal):
    rehearsal.work = lambda progress: {"rows": progress.payload["rows"]}
    job = start(payload={"rows": 3})
    assert (job.state, job.result, job.attempts) == (JobState.DONE, {"rows": 3}, 1)
    assert job.finished_at is not None


def test_a_kind_that_nobody_registered_is_a_mistake_of_the_programmer():
    with pytest.raises(ValueError, match="unheard"):
        start(job_type=JobType("unheard", module=__name__))


def test_the_work_knows_who_asked_for_it(rehearsal):
    user = make_user(full_name="Trần Thị Ánh")
    start(owner=user, by=user.as_actor())
    assert rehearsal.handles[0].actor == user.as_actor()


def test_a_refused_action_fails_the_job_with_its_message(rehearsal):
    def refuse(progress):
        raise DomainError("no_such_column", "Column 'Họ và tên' is missing.")

    rehearsal.work = refuse
    job = start()
    assert (job.state, job.error_code) == (JobState.FAILED, "no_such_column")
    assert job.error_message == "Column 'Họ và tên' is missing."


def test_why_a_job_failed_is_said_in_the_language_of_the_reader(rehearsal):
    def refuse(progress):
        parse_name("An 2")

    rehearsal.work = refuse
    job = start()
    with translation.override("en"):
        assert job.error_message == "A name cannot contain digits; correct it."
    with translation.override("vi"):
        assert job.error_message == "Họ tên không có chữ số; hãy sửa lại."


def test_an_unexpected_error_is_logged_and_shown_without_its_details(rehearsal, caplog):
    rehearsal.work = fall_over
    job = start()
    assert (job.state, job.error_code) == (JobState.FAILED, "unexpected")
    assert "secret" not in job.error_message
    assert "secret 001085012345" in caplog.text


def test_a_job_speaks_the_language_in_which_it_was_asked_for(rehearsal):
    heard = []

    def listen(progress):
        heard.append(translation.get_language())
        return {}

    rehearsal.work = listen
    with translation.override("en"):
        start()
    with translation.override("vi"):
        start()
    start(language="en")
    assert heard == ["en", "vi", "en"]


@pytest.mark.both_engines
def test_progress_is_seen_while_the_work_goes_on(rehearsal):
    seen = []

    def work(progress):
        progress.advance(7, 20)
        job = Job.objects.get()
        seen.append((job.done, job.total, job.percent))
        return {}

    rehearsal.work = work
    start()
    assert seen == [(7, 20, 35)]


def test_progress_is_written_at_most_twice_a_second(rehearsal, django_assert_max_num_queries):
    def work(progress):
        with django_assert_max_num_queries(4):
            for number in range(1000):
                progress.advance(number, 1000)
        return {}

    rehearsal.work = work
    assert start().state == JobState.DONE


def test_the_last_report_of_progress_is_stored(rehearsal):
    def work(progress):
        for number in range(1, 6):
            progress.advance(number, 5)
        return {}

    rehearsal.work = work
    job = start()
    assert (job.done, job.total) == (5, 5)


@pytest.mark.both_engines
def test_progress_renews_the_lease(rehearsal):
    leases = []
    later = clock.now() + dt.timedelta(seconds=45)

    def work(progress):
        with clock.set_to(later):
            progress.advance(1, 2)
            leases.append(Job.objects.get().lease_until)
        return {}

    rehearsal.work = work
    assert start().state == JobState.DONE
    assert leases == [later + services.LEASE]


@pytest.mark.both_engines
def test_a_job_that_runs_is_cancelled_at_its_next_sign_of_progress(rehearsal):
    reached = []

    def work(progress):
        progress.advance(1, 3)
        services.cancel(job=Job.objects.get(), by=SYSTEM)
        progress._write_after = 0
        progress.advance(2, 3)
        reached.append("the end")
        return {}

    rehearsal.work = work
    job = start()
    assert job.state == JobState.CANCELLED
    assert reached == []


def test_a_job_that_waits_is_cancelled_at_once_and_never_begun(rehearsal, settings):
    job = waiting_job(settings)
    services.cancel(job=job, by=SYSTEM)
    services.run(str(job.pk))
    assert Job.objects.get().state == JobState.CANCELLED
    assert rehearsal.handles == []


def test_a_job_that_is_over_cannot_be_cancelled(rehearsal):
    job = start()
    with pytest.raises(JobError) as refusal:
        services.cancel(job=job, by=SYSTEM)
    assert refusal.value.code == "already_over"


@pytest.mark.both_engines
def test_a_failed_job_is_tried_again(rehearsal):
    rehearsal.work = fall_over
    job = start()
    rehearsal.work = lambda progress: {"rows": 1}
    services.retry(job=job, by=SYSTEM)
    job.refresh_from_db()
    assert (job.state, job.result, job.error_code) == (JobState.DONE, {"rows": 1}, "")


def test_a_job_that_is_done_is_not_tried_again(rehearsal):
    job = start()
    with pytest.raises(JobError) as refusal:
        services.retry(job=job, by=SYSTEM)
    assert refusal.value.code == "not_failed"


def test_cancelling_and_retrying_are_on_record(rehearsal, settings):
    job = waiting_job(settings)
    services.cancel(job=job, by=SYSTEM)
    services.retry(job=job, by=SYSTEM)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "job_cancelled",
        "job_retried",
    ]


def test_a_job_is_taken_by_one_worker_only(rehearsal, settings):
    job = waiting_job(settings)

    def work(progress):
        services.run(str(job.pk))
        return {}

    rehearsal.work = work
    services.run(str(job.pk))
    assert len(rehearsal.handles) == 1


@pytest.mark.both_engines
def test_the_reaper_queues_a_job_again_whose_worker_died(rehearsal, settings):
    job = abandoned_job(settings)
    assert services.reap() == 1
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
    services.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)


@pytest.mark.both_engines
def test_a_job_that_killed_three_workers_fails_with_a_sentence(rehearsal, settings):
    job = abandoned_job(settings, attempts=3)
    services.reap()
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "worker_lost")
    assert "3" in job.error_message


def test_a_cancelled_job_of_a_dead_worker_is_cancelled(rehearsal, settings):
    job = abandoned_job(settings, cancel_requested=True)
    services.reap()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_the_reaper_leaves_living_workers_and_fresh_jobs_alone(rehearsal, settings):
    waiting_job(settings)
    abandoned_job(settings, lease_until=clock.now() + dt.timedelta(seconds=5))
    assert services.reap() == 0


def test_a_job_that_the_queue_forgot_is_queued_once_more(rehearsal, settings):
    job = waiting_job(settings)
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    with clock.set_to(clock.now() + dt.timedelta(minutes=6)):
        assert services.reap() == 1
    job.refresh_from_db()
    assert job.state == JobState.DONE


@pytest.mark.both_engines
def test_a_worker_that_lost_its_lease_changes_nothing_any_more(rehearsal, settings):
    job = waiting_job(settings)

    def slow(progress):
        with clock.set_to(clock.now() + dt.timedelta(minutes=2)):
            rehearsal.work = lambda progress: {"by": "the second worker"}
            services.run(str(job.pk))
        return {"by": "the first worker"}

    rehearsal.work = slow
    services.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DONE, 2)
    assert job.result == {"by": "the second worker"}


def test_a_worker_that_stops_gives_its_job_back_without_counting_the_attempt(rehearsal, settings):
    job = waiting_job(settings)

    def work(progress):
        services.stopping.set()
        progress.advance(1, 2)
        return {}

    rehearsal.work = work
    services.run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def fail_in_the_database(**about: Any) -> Callable[[Any], Any]:
    """Work that meets an error as Django passes it on from a driver."""

    def work(progress: Any) -> Any:
        cause = Exception()
        cause.__dict__.update(about)
        raise OperationalError from cause

    return work


def test_a_job_that_met_a_restarted_database_is_tried_again_as_that_of_a_killed_worker(
    rehearsal, settings
):
    job = waiting_job(settings)
    rehearsal.work = fail_in_the_database(sqlstate="57P01")
    for attempt in (1, 2, 3):
        services.run(str(job.pk))
        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.RUNNING, attempt)
        assert services.reap() == 1
    job.refresh_from_db()
    assert (job.state, job.error_code) == (JobState.FAILED, "worker_lost")


def test_a_read_only_disk_is_said_as_such(rehearsal):
    def write(progress: object) -> NoReturn:
        raise OSError(errno.EROFS, "Read-only file system")

    rehearsal.work = write
    job = start()
    assert (job.state, job.error_code) == (JobState.FAILED, "disk_read_only")
    with translation.override("en"):
        assert "can only be read" in job.error_message


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(fail_in_the_database(sqlstate="53100"), id="PostgreSQL"),
        pytest.param(fail_in_the_database(sqlite_errorname="SQLITE_FULL"), id="SQLite"),
        pytest.param(lambda progress: os.write(FULL, b"x"), id="files"),
    ],
)
def test_a_full_disk_is_said_as_such_and_the_job_can_be_tried_again(rehearsal, work):
    rehearsal.work = work
    job = start()
    assert (job.state, job.error_code) == (JobState.FAILED, "disk_full")
    with translation.override("en"):
        assert "disk is full" in job.error_message
    rehearsal.work = lambda progress: {"rows": 3}
    services.retry(job=job, by=SYSTEM)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_job_that_the_queue_did_not_take_is_queued_by_the_next_reaper(
    rehearsal, settings, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(queues, "enqueue", lambda job_id: False)
        job = start()
    assert job.state == JobState.QUEUED
    assert services.reap() == 1
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_owners_see_their_own_jobs_and_the_office_sees_all(rehearsal):
    owner, other = make_user("trainer"), make_user("trainer")
    job = start(owner=owner, by=owner.as_actor())
    assert list(Job.objects.visible_to(owner)) == [job]
    assert list(Job.objects.visible_to(other)) == []
    assert list(Job.objects.visible_to(make_user("programme_office"))) == [job]


def test_a_worker_counts_as_alive_for_half_a_minute():
    with clock.set_to(PRESENT):
        services.record_heartbeat("one")
        assert services.workers_alive() == 1
    with clock.set_to(PRESENT + dt.timedelta(seconds=31)):
        assert services.workers_alive() == 0
        services.record_heartbeat("one")
        assert services.workers_alive() == 1


def test_workers_not_seen_for_a_day_are_forgotten():
    with clock.set_to(PRESENT):
        services.record_heartbeat("old")
    with clock.set_to(PRESENT + dt.timedelta(days=2)):
        services.record_heartbeat("new")
    assert list(WorkerHeartbeat.objects.values_list("name", flat=True)) == ["new"]


def test_the_queue_forgets_what_it_ended_a_week_ago(rehearsal, settings):
    for state in ("SUCCESSFUL", "RUNNING", "READY"):
        waiting_job(settings)
        DBTaskResult.objects.filter(status="READY", started_at=None).update(
            status=state, started_at=None if state == "READY" else clock.now()
        )
    assert services.tidy_queue() == 0
    with clock.set_to(clock.now() + dt.timedelta(days=8)):
        assert services.tidy_queue() == 2
    assert DBTaskResult.objects.get().status == "READY"


def test_one_transaction_is_not_begun_once_somebody_has_cancelled(rehearsal):
    def work(progress: services.Progress[Any]) -> dict[str, Any]:
        Job.objects.update(cancel_requested=True)
        with progress.outside_transaction(), transaction.atomic():
            progress.advance(1, 2)
            return {"entered": True}

    rehearsal.work = work
    job = start()
    assert (job.state, job.result) == (JobState.CANCELLED, None)


@pytest.mark.django_db
def test_the_list_shows_only_ones_own_jobs(client: Client) -> None:
    user = make_user()
    own, other = start(owner=user), start(owner=make_user())
    client.force_login(user)
    page = client.get(reverse("jobs")).content.decode()
    assert (str(own.pk) in page, str(other.pk) in page) == (True, False)
