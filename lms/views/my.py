from typing import Any

from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.choices import RUN_MANAGERS, STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import SIGNED_IN, allow
from counting.counter import counted
from courses.models import CourseRun
from courses.views import run_facts
from enrollment.models import Enrollment
from lms.first_steps import progress_of_first_steps
from lms.views.home.auditor import auditor_home
from lms.views.home.coordinator import coordinator_home
from lms.views.home.lines import Queue, waiting_since
from lms.views.home.number import number_panel, statuses_of_quotas, urged
from lms.views.home.office import office_lines
from lms.views.home.report import contradictions, last_report
from lms.views.home.trainee import trainee_home
from lms.views.home.trainer import trainer_home

MOST_ROWS, MOST_COMING = 50, 3


@allow(SIGNED_IN)
@never_cache
def my_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The home of each of the visitor's roles, one beneath the other."""
    user = request.user
    context: dict[str, Any] = {
        "today": formats.weekday(clock.today()),
        "may_open_class": user.has_role(*RUN_MANAGERS),
    }
    if user.reads_everything:
        context["overview"] = _overview(request)
    if user.has_role(Role.COORDINATOR):
        context["coordinator"] = coordinator_home(user)
    if user.has_role(Role.TRAINER):
        context["trainer"] = trainer_home(user)
    trainee = trainee_home(user)
    if trainee["profile"] or trainee["enrollments"] or not user.has_role(*STAFF):
        context["trainee"] = trainee
    return render(request, "lms/my.html", context)


def _overview(request: AuthenticatedHttpRequest) -> dict[str, Any]:
    count = counted()
    statuses = statuses_of_quotas(count)
    found: dict[str, Any] = {
        "number": number_panel(count),
        "report": last_report(count),
        "contradictions": contradictions(),
        "urged": urged(statuses),
        "coming": _coming(),
    }
    if request.user.has_role(Role.PROGRAMME_OFFICE):
        found["queue"] = Queue.of(office_lines(statuses))
        steps = progress_of_first_steps() if found["number"]["is_empty"] else None
        found["steps"] = steps if steps and not steps.is_complete else None
    else:
        found["auditor"] = auditor_home(request, count)
    return found


def _coming() -> list[dict[str, Any]]:
    runs = CourseRun.objects.of_the_programme().filter(ends_on__gte=clock.today())
    shown = runs.exclude(state__in=("closed", "cancelled")).select_related("course")
    return [
        run_facts(run) | {"title": run.course.title}
        for run in shown.order_by("starts_on", "code")[:MOST_COMING]
    ]


@allow(Role.PROGRAMME_OFFICE)
@never_cache
def first_steps(request: AuthenticatedHttpRequest) -> HttpResponse:
    return render(request, "lms/first_steps_page.html", {"steps": progress_of_first_steps()})


@allow(Role.PROGRAMME_OFFICE)
@never_cache
def to_approve(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Classes with enrollments that wait for an approval, the first to start first."""
    pending = Enrollment.objects.pending_approval()
    runs = CourseRun.objects.filter(enrollments__in=pending).select_related("course")
    found = runs.annotate(pending=Count("enrollments"), oldest=Min("enrollments__state_since"))
    rows = [_pending_row(run) for run in found.order_by("starts_on", "code")[:MOST_ROWS]]
    return render(request, "lms/to_approve.html", {"rows": rows})


def _pending_row(run: Any) -> dict[str, Any]:
    """``run`` comes with ``pending`` and ``oldest``."""
    shown = {"title": run.course.title, "pending": formats.number(run.pending)}
    return run_facts(run) | shown | waiting_since(run.oldest, run.pending)
