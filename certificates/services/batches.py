"""A run's certificates as long work that is started, paused, resumed and cancelled.

The first job gives the numbers; then one job per part makes the files of its share, so that
two workers share a large run. Files are stored a few at a time, each time in a short transaction,
so a worker may die at any point: the next attempt makes what is missing and nothing twice.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import SYSTEM, Actor, audit_details, audited
from certificates.choices import BatchState
from certificates.errors import CertificateError
from certificates.job_types import (
    ISSUE_CERTIFICATES,
    MERGE_CERTIFICATES,
    BatchPayload,
    MergePayload,
)
from certificates.models import Batch, Certificate
from certificates.querysets import CertificateQuerySet
from certificates.services.bundles import merged_file
from certificates.services.documents import DocumentError
from certificates.services.issuance import (
    Problems,
    build_each,
    register_certificates,
    store_each,
)
from certificates.services.preflight import HeldBack
from certificates.services.stamping import with_time_stamps
from courses.models import CourseRun
from jobs import services as jobs
from jobs.models import Job, JobState

# What may be gone by itself when the batch is tried once more.
PASSING = {"worker_lost", "no_time_stamp", "no_revocation_data"}
# From so many on, two workers share the files of a batch.
WORTH_SHARING = 100
READ_AT_ONCE = 20
# So often a part looks whether its batch is paused.
SECONDS_BETWEEN_LOOKS = 0.5


@audited("certificate_batch_started")
def start_batch(*, by: Actor, run: CourseRun, owner: User | None) -> Batch:
    """Queue the issuing of a run's certificates. Error: ``batch_open`` where one is under way."""
    # The lock: two requests must not open two batches.
    CourseRun.objects.select_for_update().get(pk=run.pk)
    if open_batch(run):
        raise CertificateError("batch_open", _("A batch of this class is already in progress."))
    owed = run.completions.not_voided().filter(certificates=None).count()
    parts = 2 if owed >= WORTH_SHARING else 1
    batch = Batch.objects.create(run=run, started_by=owner, parts=parts)
    _queue(batch, part=0, owner=owner, by=by)
    audit_details(run=run.code, batch=str(batch.pk))
    return batch


def open_batch(run: CourseRun) -> Batch | None:
    return run.batches.filter(state__in=(BatchState.RUNNING, BatchState.PAUSED)).first()


@audited("certificate_batch_paused")
def pause_batch(*, by: Actor, batch: Batch) -> Batch:
    """Stop within a second; what is made stays."""
    return _move(batch, BatchState.PAUSED, (BatchState.RUNNING,))


@audited("certificate_batch_resumed")
def resume_batch(*, by: Actor, batch: Batch) -> Batch:
    stopped = (BatchState(batch.state),) if may_be_resumed(batch) else ()
    _move(batch, BatchState.RUNNING, stopped)
    # A job that has not noticed the pause yet would make its part anyway; two do no harm.
    _queue(batch, part=0, owner=batch.started_by, by=by)
    return batch


def may_be_resumed(batch: Batch) -> bool:
    # Stopped, running in name only since all its jobs have ended, or done but for the merged file.
    if batch.state == BatchState.RUNNING:
        return not _jobs_under_way(batch)
    if batch.state == BatchState.DONE and not batch.merged:
        return issued(batch).exists() and not _jobs_under_way(batch)
    return batch.state in (BatchState.PAUSED, BatchState.CANCELLED)


@audited("certificate_batch_cancelled")
def cancel_batch(*, by: Actor, batch: Batch) -> Batch:
    """Make no further files. Numbers already given stay; resuming makes their files."""
    return _move(batch, BatchState.CANCELLED, (BatchState.RUNNING, BatchState.PAUSED))


def _move(batch: Batch, state: BatchState, before: tuple[BatchState, ...]) -> Batch:
    if not Batch.objects.filter(pk=batch.pk, state__in=before).update(state=state):
        raise CertificateError(
            "batch_state", _("This is not possible in the current state of the batch.")
        )
    audit_details(batch=str(batch.pk))
    batch.refresh_from_db()
    return batch


def _jobs_under_way(batch: Batch) -> bool:
    return batch.jobs.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).exists()


def revive_batches() -> int:
    """Queue running batches again whose jobs died, or found another's service away; how many.

    A batch that made nothing since the last time is left to a human: its work may be what
    kills the workers.
    """
    revived = 0
    for batch in Batch.objects.filter(state=BatchState.RUNNING).select_related("started_by"):
        with transaction.atomic():
            locked = Batch.objects.select_for_update().get(pk=batch.pk)
            last = locked.jobs.order_by("-created_at").first()
            if _jobs_under_way(locked) or last is None or last.error_code not in PASSING:
                continue
            owed = owed_in_total(locked)
            if locked.owed_when_revived is not None and owed >= locked.owed_when_revived:
                continue
            Batch.objects.filter(pk=locked.pk).update(owed_when_revived=owed)
            _queue(locked, part=0, owner=batch.started_by, by=SYSTEM)
            revived += 1
    return revived


def owed_in_total(batch: Batch) -> int:
    """Certificates without a file plus completions without a certificate."""
    without_number = batch.run.completions.not_voided().filter(certificates=None)
    return files_owed(batch).count() + without_number.count()


def still_to_come(batch: Batch) -> int:
    """Files that the batch will make; people who are held back get none."""
    if batch.state == BatchState.DONE:
        return files_owed(batch).count()
    return max(0, owed_in_total(batch) - len(batch.held_back))


def unconfirmed_names(batch: Batch) -> int:
    """People of the batch who had not confirmed the name that is printed."""
    lines = (*batch.held_back, *batch.warnings)
    return len({line["trainee_code"] for line in lines if line["code"] == "name_unconfirmed"})


def progress_of(batch: Batch) -> dict[str, Any]:
    """The batch as a program reads it; of people the codes alone."""
    failed = batch.jobs.filter(state=JobState.FAILED).order_by("created_at")
    return {
        "id": batch.pk,
        "run": batch.run,
        "state": batch.state,
        "started_at": batch.started_at,
        "made": issued(batch).count(),
        "still_to_come": still_to_come(batch),
        "held_back": batch.held_back,
        "warnings": batch.warnings,
        "problems": [job.error_message for job in failed],
        "unconfirmed_names": unconfirmed_names(batch),
    }


def _queue(batch: Batch, *, part: int, owner: User | None, by: Actor) -> Job:
    payload = BatchPayload(batch=str(batch.pk), part=part)
    job = jobs.start(
        ISSUE_CERTIFICATES, payload=payload, owner=owner, by=by, ends_with_rights=False
    )
    batch.jobs.add(job)
    return job


# The work -------------------------------------------------------------------------------


def run_part(progress: jobs.Progress[BatchPayload]) -> dict[str, Any]:
    # The work of one job. Safe to repeat at any point.
    batch = Batch.objects.select_related("run", "started_by").get(pk=progress.payload["batch"])
    part = progress.payload["part"]
    if part == 0 and batch.state == BatchState.RUNNING:
        _register(batch, progress)
    problems = Problems()
    waiting = _share(batch, part)
    progress.advance(0, len(waiting))

    def refused(certificate: Certificate, error: DocumentError) -> None:
        problems.add(certificate, error)
        _warn(batch, certificate, error)

    documents = with_time_stamps(build_each(_while_running(batch, waiting)))
    for done, _one in enumerate(store_each(documents, refused), start=1):
        progress.advance(done + len(problems.sentences))
    if not _is_running(batch):
        return _answer(batch)
    _finish(batch, progress)
    problems.raise_if_any()
    return _answer(batch)


def _register(batch: Batch, progress: jobs.Progress[BatchPayload]) -> None:
    result = register_certificates(by=progress.actor, run=batch.run)
    # Both lists are rewritten: a resumed batch starts from what is true now.
    batch.held_back = [asdict(held) for held in result.held_back]
    batch.warnings = [asdict(warning) for warning in result.warnings]
    batch.save(update_fields=["held_back", "warnings"])
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch.pk)
        queued = set(
            locked.jobs.filter(state__in=(JobState.QUEUED, JobState.RUNNING)).values_list(
                "payload__part", flat=True
            )
        )
        for part in range(1, locked.parts):
            if part not in queued:
                _queue(locked, part=part, owner=locked.started_by, by=progress.actor)


def _warn(batch: Batch, certificate: Certificate, error: DocumentError) -> None:
    name, code = certificate.printed_value("full_name"), certificate.completion.trainee.code
    warning = asdict(HeldBack(code, name, error.code, error.message))
    with transaction.atomic():
        locked = Batch.objects.select_for_update().get(pk=batch.pk)
        locked.warnings.append(warning)
        locked.save(update_fields=["warnings"])


def files_owed(batch: Batch) -> CertificateQuerySet:
    return Certificate.objects.without_file().filter(completion__run=batch.run_id)


def _share(batch: Batch, part: int) -> list[int]:
    owed = files_owed(batch).in_register_order().values_list("pk", "register_number")
    return [pk for pk, number in owed if number % batch.parts == part]


def _while_running(batch: Batch, ids: list[int]) -> Iterator[Certificate]:
    # Somebody else may have made one meanwhile: ``store`` looks again, under a lock.
    waiting = Certificate.objects.without_file()
    look_after = 0.0
    for start in range(0, len(ids), READ_AT_ONCE):
        rows = waiting.filter(pk__in=ids[start : start + READ_AT_ONCE]).in_register_order()
        # A design is as large as a hundred rows: not once for each of them.
        for certificate in rows.prefetch_related("design"):
            if time.monotonic() >= look_after:
                if not _is_running(batch):
                    return
                look_after = time.monotonic() + SECONDS_BETWEEN_LOOKS
            yield certificate


def _is_running(batch: Batch) -> bool:
    return Batch.objects.filter(pk=batch.pk, state=BatchState.RUNNING).exists()


def _finish(batch: Batch, progress: jobs.Progress[BatchPayload]) -> None:
    if files_owed(batch).exists():
        return
    with transaction.atomic():
        running = Batch.objects.filter(pk=batch.pk, state=BatchState.RUNNING)
        # Whoever makes the last file has all of them merged for printing.
        if running.update(state=BatchState.DONE) and issued(batch).exists():
            payload = MergePayload(batch=str(batch.pk))
            job = jobs.start(MERGE_CERTIFICATES, payload=payload, owner=None, by=progress.actor)
            batch.jobs.add(job)
    batch.refresh_from_db()


def merge(progress: jobs.Progress[MergePayload]) -> Batch:
    """Make the one file for printing. Errors: those of ``merged_file``."""
    batch = Batch.objects.select_related("run").get(pk=progress.payload["batch"])
    with merged_file(issued(batch).in_register_order(), progress.advance) as merged:
        # No ".pdf": below MEDIA_ROOT that ending means a certificate.
        name = f"batches/{batch.pk}.merged"
        default_storage.delete(name)
        batch.merged.name = default_storage.save(name, File(merged))
    batch.save(update_fields=["merged"])
    return batch


def issued(batch: Batch) -> CertificateQuerySet:
    live = Certificate.objects.live().exclude(file="")
    return live.filter(completion__run=batch.run_id)


def _answer(batch: Batch) -> dict[str, Any]:
    return {
        "batch": str(batch.pk),
        "issued": issued(batch).count(),
        "owed": files_owed(batch).count(),
        "held_back": len(batch.held_back),
        "made": issued(batch).by_way(),
    }
