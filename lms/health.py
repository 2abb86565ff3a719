import datetime as dt
import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import Count, Min, Model, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.models import AuditEntry
from certificates.models import Certificate, VerificationCount
from common import clock
from common.access import ANYBODY, allow
from jobs.models import Job, JobState
from jobs.services import workers_alive
from jobs.timed_tasks import states
from lms.metrics import request_lines
from notices.models import Notice, NoticeState, OutboxPause, UndeliverableAddress

logger = logging.getLogger(__name__)

JOB_SECONDS = (1, 10, 60, 600, 3600)
LOCAL = {"127.0.0.1", "::1"}


@allow(ANYBODY)
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"alive": True})


@allow(ANYBODY)
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, storage and a worker are there and its timed tasks run, else 503.

    Anybody may ask, so the reason goes to the log alone.
    """
    checks = [{"name": name, "ok": _passes(name, check)} for name, check in CHECKS.items()]
    ready = all(check["ok"] for check in checks)
    # By the programme office, which is no failure.
    paused = _passes("outbox", OutboxPause.objects.under_way().exists)
    answer = {"ready": ready, "checks": checks, "sending_paused": paused}
    return JsonResponse(answer, status=200 if ready else 503)


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        # Whatever a storage backend raises means the same here: it cannot be used.
        logger.exception("the check of %s failed", name)
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _storage() -> bool:
    name = default_storage.save(f"readyz/{secrets.token_hex(8)}.txt", ContentFile(b"ready"))
    try:
        with default_storage.open(name) as file:
            return bool(file.read() == b"ready")
    finally:
        default_storage.delete(name)


def _worker() -> bool:
    return workers_alive() > 0


def _timed_tasks() -> bool:
    """Those of every minute that wait for no outside service: without them seats stand still."""
    return not any(
        state.is_overdue and state.task.seconds <= 60 and not state.task.needs_outside
        for state in states()
    )


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database,
    "storage": _storage,
    "worker": _worker,
    "timed_tasks": _timed_tasks,
}


@allow(ANYBODY)
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for this machine or with METRICS_TOKEN."""
    if not (_is_local(request) or _knows_token(request)):
        return HttpResponseForbidden()
    try:
        lines = _lines()
    except DatabaseError:
        logger.exception("no metrics without the database")
        return HttpResponse(status=503)
    text = "\n".join(lines) + "\n" + request_lines()
    return HttpResponse(text, content_type="text/plain; version=0.0.4")


def _is_local(request: HttpRequest) -> bool:
    """From this machine, and not forwarded by a proxy on it."""
    passed_on = {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP"} & request.META.keys()
    return request.META.get("REMOTE_ADDR") in LOCAL and not passed_on


def _knows_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, settings.METRICS_TOKEN)


def _lines() -> list[str]:
    return [
        *_by_state("lms_jobs", "Jobs by state.", Job, JobState.values),
        *_by_state("lms_notices", "Notices by state.", Notice, NoticeState.values),
        *_gauge(
            "lms_notices_paused",
            "1 while the programme office has paused the outbox.",
            {"": OutboxPause.objects.under_way().count()},
        ),
        *_gauge(
            "lms_undeliverable_addresses",
            "Addresses that sent mail back.",
            {"": UndeliverableAddress.objects.in_force().count()},
        ),
        *_gauge(
            "lms_audit_unsealed_entries",
            "Entries of the audit log that are not sealed into the chain yet.",
            {"": AuditEntry.objects.filter(seal=None).count()},
        ),
        *_gauge(
            "lms_verifications",
            "Look-ups of certificates by answer, since the count began.",
            {
                f'{{state="{state}"}}': visits
                for state, visits in VerificationCount.objects.order_by("state")
                .values_list("state")
                .annotate(Sum("visits"))
            },
        ),
        *_gauge(
            "lms_oldest_job_seconds",
            "Age of the job that has been waiting longest.",
            {"": _seconds_since(Job.objects.filter(state=JobState.QUEUED), "created_at")},
        ),
        *_job_duration_lines(),
        *_gauge(
            "lms_oldest_notice_seconds",
            "Age of the message that has been waiting longest.",
            {"": _seconds_since(Notice.objects.filter(state=NoticeState.PENDING), "created_at")},
        ),
        *_gauge(
            "lms_certificates_made",
            "Files by way: compiled, or rendered and why no compiled design could make them.",
            {f'{{way="{way}"}}': made for way, made in Certificate.objects.by_way().items()},
        ),
        *_gauge("lms_workers", "Workers seen in the last 30 seconds.", {"": workers_alive()}),
        *_timed_task_lines(),
    ]


def _job_duration_lines() -> list[str]:
    """A histogram of one day, since rows of jobs go some time: ask it without ``rate``."""
    recent = Job.objects.filter(finished_at__gte=clock.now() - dt.timedelta(days=1))
    name = "lms_job_seconds"
    lines = [
        f"# HELP {name} Jobs that ended within a day by kind, from request to end.",
        f"# TYPE {name} histogram",
    ]
    for row in recent.durations(JOB_SECONDS):
        kind = row["kind"]
        buckets = [(str(bound), row[f"within_{bound}"]) for bound in JOB_SECONDS]
        for bound, count in (*buckets, ("+Inf", row["ended"])):
            lines.append(f'{name}_bucket{{kind="{kind}",le="{bound}"}} {count}')
        lines.append(f'{name}_sum{{kind="{kind}"}} {row["took"].total_seconds()}')
        lines.append(f'{name}_count{{kind="{kind}"}} {row["ended"]}')
    return lines


def _seconds_since(rows: QuerySet[Any], column: str) -> int:
    oldest = rows.aggregate(oldest=Min(column))["oldest"]
    return int((clock.now() - oldest).total_seconds()) if oldest else 0


def _timed_task_lines() -> list[str]:
    found = {f'{{task="{state.name}"}}': state for state in states()}
    succeeded = {
        label: int(state.succeeded_at.timestamp())
        for label, state in found.items()
        if state.succeeded_at
    }
    overdue = {label: int(state.is_overdue) for label, state in found.items()}
    return [
        *_gauge("lms_timed_task_succeeded_at", "Unix time of a task's last success.", succeeded),
        *_gauge("lms_timed_task_overdue", "1 where a timed task is overdue.", overdue),
    ]


def _by_state(name: str, what: str, model: type[Model], states: list[str]) -> list[str]:
    found = dict(model._default_manager.order_by().values_list("state").annotate(Count("pk")))
    return _gauge(name, what, {f'{{state="{state}"}}': found.get(state, 0) for state in states})


def _gauge(name: str, what: str, value_by_label: dict[str, int]) -> list[str]:
    samples = [f"{name}{label} {value}" for label, value in value_by_label.items()]
    return [f"# HELP {name} {what}", f"# TYPE {name} gauge", *samples]
