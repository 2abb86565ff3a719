"""Long work: queued, done by one worker at a time, watched, cancelled, retried.

The queue (``django.tasks``) knows nothing of progress, and a killed worker leaves its entry there
running for ever. So the Job's own row decides: a worker owns it by a lease that every report of
progress renews. The work itself must make sure that running it twice does no harm, since a worker
may die after its last row and before it could say so.
"""

import datetime as dt
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Generic

from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from accounts.invalidation import Secret, is_state_current, state_of
from accounts.models import User
from audit.services import Actor, audit_details, audited
from common import clock
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError
from common.personal_data import Subject
from common.personal_fields import without_names
from common.registries import job_listeners
from common.second_connection import second_connection
from jobs import failures, queues
from jobs.errors import Cancelled, Interrupted, JobError, LeaseLost
from jobs.job_types import JobType, Payload, job_types
from jobs.models import Job, JobState, StoredResult, WorkerHeartbeat
from jobs.querysets import LAST_ATTEMPT, JobQuerySet

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
# A job waits this long before the reaper doubts that the queue still knows of it.
PATIENCE = dt.timedelta(minutes=5)
QUEUE_RETENTION = dt.timedelta(days=7)
SECONDS_BETWEEN_WRITES = 0.5
_RIGHTS_CHANGED = _(
    "Your permissions have changed since you requested this. Please request it again."
)

# Set in a worker that was told to stop; never in a web process.
stopping = threading.Event()


class Progress(Generic[Payload]):
    """What the work of a job is given: its payload, and how to report progress."""

    def __init__(self, job: Job) -> None:
        self.job_id = job.pk
        self.payload: Payload = job.payload
        self.language = job.language
        self.actor = Actor(job.owner_id, job.actor_label)
        self._attempt = job.attempts
        self._lease_until = job.lease_until
        self._done, self._total = job.done, job.total
        self._write_after = 0.0
        self._database: str | None = None

    def advance(self, done: int | None = None, total: int | None = None) -> None:
        """Report how much is done and renew the lease: call it at least twice a minute.

        Cheap to call for every row: it writes at most twice a second. Within a transaction it
        writes nothing, since nobody could see it and a request to cancel would wait, unless
        ``outside_transaction`` is active. Raises Cancelled, Interrupted or LeaseLost: let them
        pass.
        """
        self._done = self._done if done is None else done
        self._total = self._total if total is None else total
        if stopping.is_set():
            raise Interrupted
        if time.monotonic() < self._write_after:
            return
        if connection.in_atomic_block and self._database is None:
            return
        self._write_after = time.monotonic() + SECONDS_BETWEEN_WRITES
        self._renew()

    @contextmanager
    def outside_transaction(self) -> Iterator[None]:
        """Wraps work that is one long transaction: ``advance`` uses a second connection.

        SQLite allows no second writer, so there the job is marked as not stoppable. A job started
        within a transaction is visible to nobody. Raises as ``advance`` does.
        """
        if connection.in_atomic_block:
            yield
        elif connection.vendor == "sqlite":
            self._renew(stoppable=False)
            yield
        else:
            with second_connection() as database:
                self._database = database
                try:
                    yield
                finally:
                    self._database = None

    def _renew(self, **values: Any) -> None:
        lease_until = clock.now() + LEASE
        mine = Job.objects.using(self._database).filter(self.owns_lease())
        if mine.filter(cancel_requested=False).update(
            lease_until=lease_until, done=self._done, total=self._total, **values
        ):
            self._lease_until = lease_until
            return
        raise Cancelled if mine.exists() else LeaseLost

    def owns_lease(self) -> Q:
        return Q(
            pk=self.job_id,
            state=JobState.RUNNING,
            attempts=self._attempt,
            lease_until=self._lease_until,
        )

    def end(self, state: JobState, **values: Any) -> bool:
        values = _over(state) | {"done": self._done, "total": self._total} | values
        return _end(Job.objects.filter(self.owns_lease()), self.job_id, **values)

    def requeue(self) -> None:
        """Another worker may start at once; the attempt does not count."""
        if Job.objects.filter(self.owns_lease()).update(
            state=JobState.QUEUED,
            lease_until=clock.now() + PATIENCE,
            attempts=F("attempts") - 1,
        ):
            _enqueue(self.job_id)

    def give_up_lease(self) -> None:
        """As if this worker had been killed: the reaper takes the job, and the attempt counts."""
        with suppress(DatabaseError):  # then the lease runs out
            Job.objects.filter(self.owns_lease()).update(lease_until=clock.now())


# Asking for work ------------------------------------------------------------------------


def start(
    job_type: JobType[Payload],
    *,
    payload: Payload,
    owner: User | None,
    by: Actor,
    language: str | None = None,
    ends_with_rights: bool = True,
) -> Job:
    """Queue work; it begins once the transaction has committed.

    It fails where its owner has lost or got rights before it begins, unless it carries out what was
    decided and recorded already (``ends_with_rights=False``).
    ``language`` is that of messages and results, by default the present one.
    """
    if job_type.kind not in job_types:
        raise ValueError(f"the kind {job_type.kind!r} is not registered: no worker would know it")
    job = Job.objects.create(
        kind=job_type.kind,
        payload=payload,
        owner=owner,
        owner_state=state_of(owner, Secret.JOB) if owner and ends_with_rights else "",
        actor_label=by.label,
        language=language or (translation.get_language() or "vi")[:2],
        lease_until=clock.now() + PATIENCE,
    )
    _enqueue(job.pk)
    return job


@audited("job_cancelled")
def cancel(*, job: Job, by: Actor) -> Job:
    """Queued jobs end at once, running ones at their next report of progress.

    Raises JobError ``already_over``.
    """
    audit_details(job=str(job.pk), kind=job.kind)
    rows = Job.objects.filter(pk=job.pk)
    queued = rows.filter(state=JobState.QUEUED)
    waiting = queued.update(**_over(JobState.CANCELLED), cancel_requested=True)
    if not waiting and not rows.filter(state=JobState.RUNNING).update(cancel_requested=True):
        raise JobError("already_over", _("This job has finished and cannot be cancelled."))
    job.refresh_from_db()
    return job


@audited("job_retried")
def retry(*, job: Job, by: Actor) -> Job:
    """Queue a failed or cancelled job again, with all its attempts.

    Raises JobError ``not_failed``, or ``rights_changed``: a request made with former rights must
    be made again, so that the present ones are checked.
    """
    audit_details(job=str(job.pk), kind=job.kind)
    if not _has_rights(job):
        raise JobError("rights_changed", _RIGHTS_CHANGED)
    stopped = Q(state__in=(JobState.FAILED, JobState.CANCELLED))
    if not Job.objects.filter(stopped, pk=job.pk).update(
        state=JobState.QUEUED,
        attempts=0,
        done=0,
        error_code="",
        error=None,
        cancel_requested=False,
        finished_at=None,
        lease_until=clock.now() + PATIENCE,
    ):
        raise JobError("not_failed", _("Only a failed or cancelled job can be retried."))
    _enqueue(job.pk)
    job.refresh_from_db()
    return job


def _enqueue(job_id: Any) -> None:
    transaction.on_commit(lambda: _enqueue_now(job_id))


def _enqueue_now(job_id: Any) -> None:
    if not queues.enqueue(job_id):
        with suppress(DatabaseError):  # the reaper need not be patient with it
            waiting = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
            waiting.update(lease_until=clock.now())


# Doing it -------------------------------------------------------------------------------


def run(job_id: str) -> None:
    job = _take(job_id)
    if job is None:
        return
    progress: Progress[Any] = Progress(job)
    if not _has_rights(job):
        _fail(progress, "rights_changed", _RIGHTS_CHANGED)
        return
    with translation.override(job.language):
        try:
            result = job_types[job.kind].perform(progress)
        except LeaseLost:
            logger.warning("job %s was taken over by another worker", job_id)
        except Cancelled:
            progress.end(JobState.CANCELLED)
        except Interrupted:
            progress.requeue()
        except DomainError as error:
            _fail(progress, error.code, error.sentence)
        except Exception as error:
            logger.exception("job %s (%s) failed", job_id, job.kind)
            _fail_or_leave(progress, error)
        except BaseException:
            progress.requeue()
            raise
        else:
            progress.end(JobState.DONE, result=result)


def _has_rights(job: Job) -> bool:
    if not job.owner_state:
        return True
    return job.owner is not None and is_state_current(job.owner, Secret.JOB, job.owner_state)


def _take(job_id: str) -> Job | None:
    free = Job.objects.filter(pk=job_id, attempts__lt=LAST_ATTEMPT, cancel_requested=False)
    lease_until = clock.now() + LEASE
    taken = free.takeable().update(
        state=JobState.RUNNING, lease_until=lease_until, attempts=F("attempts") + 1
    )
    # By its lease: whoever took it over since must not be mistaken for this call.
    return Job.objects.filter(pk=job_id, lease_until=lease_until).first() if taken else None


def _fail_or_leave(progress: Progress[Any], error: Exception) -> None:
    if problem := failures.of_the_disk(error):
        _fail(progress, *problem)
    elif failures.is_transient(error):
        progress.give_up_lease()
    else:
        sentence = _("Something went wrong. Try again, or contact the programme office.")
        _fail(progress, "unexpected", sentence)


def _fail(progress: Progress[Any], code: str, sentence: DeferredMessage) -> None:
    progress.end(JobState.FAILED, error_code=code, error=sentence.as_json())


# Cleaning up after dead workers ---------------------------------------------------------


def reap() -> int:
    """Put jobs of dead workers back into the queue; how many rows were touched.

    A job whose attempts are used up fails with a sentence. One that waits too long is queued
    once more, in case the queue lost it. Safe in several workers at once: each row moves
    only from the very state in which it was read.
    """
    forgotten = Job.objects.filter(state=JobState.QUEUED).filter(
        Q(lease_until__lt=clock.now()) | Q(lease_until=None, created_at__lt=clock.now() - PATIENCE)
    )
    abandoned = Job.objects.abandoned()
    return sum(_reap_one(job) for job in (*abandoned, *forgotten))


def _reap_one(job: Job) -> bool:
    as_read = Job.objects.filter(
        pk=job.pk, state=job.state, attempts=job.attempts, lease_until=job.lease_until
    )
    if job.cancel_requested:
        return bool(as_read.update(**_over(JobState.CANCELLED)))
    if job.state == JobState.RUNNING and job.attempts >= LAST_ATTEMPT:
        sentence = _(
            "The job was interrupted %(attempts)s times. Try again, or contact the "
            "programme office."
        ) % {"attempts": job.attempts}
        failed = {"error_code": "worker_lost", "error": sentence.as_json()}
        return _end(as_read, job.pk, **_over(JobState.FAILED), **failed)
    if not as_read.update(state=JobState.QUEUED, lease_until=clock.now() + PATIENCE):
        return False
    _enqueue(job.pk)
    return True


def tidy_queue() -> int:
    began_long_ago = DBTaskResult.objects.filter(started_at__lt=clock.now() - QUEUE_RETENTION)
    return began_long_ago.delete()[0]


@transaction.atomic
def _end(rows: JobQuerySet, job_id: Any, **values: Any) -> bool:
    if not rows.update(**values):
        return False
    if values["state"] != JobState.CANCELLED:
        job = Job.objects.select_related("owner").get(pk=job_id)
        for _name, listen in job_listeners:
            listen(job)
    return True


def _over(state: JobState) -> dict[str, Any]:
    return {"state": state, "finished_at": clock.now(), "lease_until": None}


# Whether anybody works ------------------------------------------------------------------


def record_heartbeat(worker: str) -> None:
    WorkerHeartbeat.objects.update_or_create(name=worker, defaults={"seen_at": clock.now()})
    WorkerHeartbeat.objects.filter(seen_at__lt=clock.now() - dt.timedelta(days=1)).delete()


def remove_heartbeat(worker: str) -> None:
    """For a worker that stops."""
    WorkerHeartbeat.objects.filter(name=worker).delete()


def workers_alive(*, within: dt.timedelta = dt.timedelta(seconds=30)) -> int:
    return WorkerHeartbeat.objects.filter(seen_at__gte=clock.now() - within).count()


def erase(subject: Subject) -> int:
    touched = 0
    for job in Job.objects.only("result", "error", "payload").iterator():
        stored = json.dumps([job.result, job.error, job.payload], ensure_ascii=False)
        if subject.is_named_in(stored):
            job.result = None
            job.error = without_names(subject, job.error)
            job.payload = without_names(subject, job.payload)
            job.save(update_fields=["result", "error", "payload"])
            touched += 1
    for row in StoredResult.objects.exclude(content__isnull=True).iterator():
        if subject.is_named_in(json.dumps(row.content, ensure_ascii=False)):
            touched += row.delete()[0]  # the night computes it again
    for task in DBTaskResult.objects.exclude(traceback="").iterator():
        if subject.is_named_in(task.traceback):
            left = subject.without_names(task.traceback)
            touched += DBTaskResult.objects.filter(pk=task.pk).update(traceback=left)
    return touched
