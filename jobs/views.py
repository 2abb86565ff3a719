"""Long work as its owner sees it: progress, result, error, cancel, try again."""

import datetime as dt
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock, formats
from common.access import SIGNED_IN, allow
from common.refusals import refusal_as_message
from common.sorting import Sorting
from jobs import services
from jobs.job_types import job_types
from jobs.models import Job, JobState

PAGE = 50
SORTED_BY = {
    "state": ("state", "-created_at", "-pk"),
    "started": ("created_at", "pk"),
    "ended": ("finished_at", "pk"),
}
TONES = {
    JobState.DONE: "good",
    JobState.FAILED: "bad",
    JobState.QUEUED: "wait",
    JobState.RUNNING: "wait",
}


@allow(SIGNED_IN)
def job_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    sorting = Sorting(request.GET, SORTED_BY, default="-started")
    jobs = Job.objects.visible_to(request.user).order_by(*sorting.fields)
    page = Paginator(jobs, PAGE).get_page(request.GET.get("page"))
    rows = [_facts(job) for job in page]
    context = {"page": page, "rows": rows, "sorting": sorting, "query": sorting.query}
    return render(request, "jobs/list.html", context)


@allow(SIGNED_IN)
@never_cache
def job_page(request: AuthenticatedHttpRequest, job_id: uuid.UUID) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    part = "#progress" if getattr(request, "htmx", False) else ""
    context = {
        "job": job,
        "facts": _facts(job),
        "result": _result(request.user, job),
        "may_act": _may_act(request.user, job),
    }
    return render(request, f"jobs/job.html{part}", context)


@allow(SIGNED_IN)
@require_POST
def cancel_job(request: AuthenticatedHttpRequest, job_id: uuid.UUID) -> HttpResponse:
    return _act(request, job_id, services.cancel)


@allow(SIGNED_IN)
@require_POST
def retry_job(request: AuthenticatedHttpRequest, job_id: uuid.UUID) -> HttpResponse:
    return _act(request, job_id, services.retry)


def _act(request: AuthenticatedHttpRequest, job_id: uuid.UUID, action: Any) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    if not _may_act(request.user, job):
        raise PermissionDenied
    with refusal_as_message(request):
        action(job=job, by=request.user.as_actor())
    return redirect("job", job_id=job.pk)


def _may_act(user: User, job: Job) -> bool:
    """The owner and the programme office; auditors only look.

    A job that carries out a decision of the office runs without its owner's rights, and is for
    whoever belongs to the office now.
    """
    is_own = job.owner_id == user.pk and job.owner_state
    return bool(is_own or user.has_role(Role.PROGRAMME_OFFICE))


def _result(user: User, job: Job) -> dict[str, Any]:
    result = job.result or {}
    until = dt.datetime.fromisoformat(result["until"]) if result.get("until") else None
    is_over = until is not None and until <= clock.now()
    is_anothers = bool(result.get("owner_only")) and job.owner_id != user.pk
    return {
        "page": "" if is_over or is_anothers else result.get("page", ""),
        "until": until,
        "is_over": is_over,
        "is_anothers": is_anothers,
    }


def _label(job: Job) -> str:
    # A row may be older than the last release, which knew other kinds.
    label = job_types[job.kind].label if job.kind in job_types else ""
    return str(label) or _("Job")


def _facts(job: Job) -> dict[str, Any]:
    how_far = {"done": formats.number(job.done), "total": formats.number(job.total)}
    return {
        "job": job,
        "name": _label(job),
        "tone": TONES.get(JobState(job.state), ""),
        "how_far": _("%(done)s of %(total)s") % how_far if job.total else "",
    }
