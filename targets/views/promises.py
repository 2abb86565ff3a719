"""Targets, the quotas of agencies, their tasks: who answers for what until when."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import Role
from agencies.models import Agency
from common import clock, formats
from common.access import SIGNED_IN, open_to
from common.errors import DomainError
from targets.choices import Standing
from targets.forms import QuotaForm, TaskForm
from targets.models import AgencyTask, Quota, Target
from targets.progress import TRAINED_OFFICIALS, Count, counted, milestones
from targets.progress.standing import QuotaStanding, standings
from targets.services.quotas import finish_task, remove_quota, set_quota, set_task

MOST_ROWS = 300
TONES = {
    Standing.MET: "good",
    Standing.ON_TRACK: "",
    Standing.AT_RISK: "wait",
    Standing.OVERDUE: "bad",
}


@open_to(SIGNED_IN)
def targets_page(request: HttpRequest) -> HttpResponse:
    """Targets with their quotas, and tasks; a coordinator sees those of the own agency."""
    user: Any = request.user
    count = counted()
    tasks = AgencyTask.objects.visible_to(user).select_related("agency")
    kept = set(Agency.objects.kept_by(user).values_list("pk", flat=True))
    may_set = user.has_role(Role.PROGRAMME_OFFICE)
    context = {
        "targets": _targets(user, count),
        "tasks": [_task_row(task, kept) for task in tasks.order_by("due_on", "id")[:MOST_ROWS]],
        "tasks_left_out": left_out(tasks.count()),
        "as_of": formats.day(count.as_of),
        "rule": count.rule,
        "may_set": may_set,
        "reads_everything": user.reads_everything,
    }
    return render(request, "targets/targets.html", context)


def _targets(user: Any, count: Count) -> list[dict[str, Any]]:
    quotas = Quota.objects.visible_to(user)
    found = standings(quotas.first_of_each_target(MOST_ROWS), count)
    sums = quotas.sums_by_target()
    targets = {
        target.due_on: target for target in Target.objects.filter(indicator__slug=TRAINED_OFFICIALS)
    }
    shown = []
    for goal in milestones(count):
        target = targets[goal.due_on]
        own = [standing for standing in found if standing.quota.target_id == target.pk]
        number, total = sums.get(target.pk, (0, 0))
        minimum = formats.number(goal.minimum)
        shown.append(
            {
                "pk": target.pk,
                "label": _("At least %(minimum)s by %(day)s")
                % {"minimum": minimum, "day": formats.day(goal.due_on)},
                "text": f"{formats.number(goal.persons)} / {minimum}",
                "done": min(goal.persons, goal.minimum),
                "total": goal.minimum,
                "legal_basis": goal.legal_basis,
                "quotas": [_quota_row(standing) for standing in own],
                "left_out": left_out(number),
                "sum": sum_sentence(total, goal.minimum) if user.reads_everything else "",
            }
        )
    return shown


def left_out(number: int) -> str:
    """That a list is longer than what is shown of it; empty where all is shown."""
    if number <= MOST_ROWS:
        return ""
    what = {"shown": formats.number(MOST_ROWS), "number": formats.number(number)}
    return _("The first %(shown)s of %(number)s are shown; the API gives all of them.") % what


def sum_sentence(total: int, minimum: int) -> str:
    """What all quotas of a target come to, beside it."""
    what = {"sum": formats.number(total), "minimum": formats.number(minimum)}
    if not total:
        return _("No agency has a quota of this target yet.")
    what["difference"] = formats.number(abs(minimum - total))
    if total < minimum:
        text = _("The quotas come to %(sum)s of %(minimum)s: %(difference)s are nobody's part yet.")
    elif total > minimum:
        text = _("The quotas come to %(sum)s, %(difference)s more than the %(minimum)s promised.")
    else:
        text = _("The quotas come to exactly the %(minimum)s promised.")
    return text % what


def _quota_row(standing: QuotaStanding) -> dict[str, Any]:
    quota = standing.quota
    return {
        "pk": quota.pk,
        "agency": quota.agency.name,
        "slug": quota.agency.slug,
        "minimum": formats.number(quota.minimum),
        "persons": formats.number(standing.persons),
        "due": formats.day(standing.due_on),
        "expected": formats.number(standing.expected),
        "lead": quota.lead_unit,
        "cooperating": quota.cooperating_units,
        "state": standing.state.label,
        "tone": TONES[standing.state],
    }


def _task_row(task: AgencyTask, kept: set[int]) -> dict[str, Any]:
    late = task.done_on is None and task.due_on < clock.today()
    state, tone = (_("to do"), "") if not late else (_("overdue"), "bad")
    if task.done_on:
        state, tone = _("done on %(day)s") % {"day": formats.day(task.done_on)}, "good"
    return {
        "pk": task.pk,
        "title": task.title,
        "agency": task.agency.name,
        "due": formats.day(task.due_on),
        "responsible": task.responsible_unit,
        "cooperating": task.cooperating_units,
        "state": state,
        "tone": tone,
        "may_finish": task.done_on is None and task.agency_id in kept,
    }


# Deeds ----------------------------------------------------------------------------------


@open_to(Role.PROGRAMME_OFFICE)
def quota_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Enter a quota, or change one."""
    user: Any = request.user
    quota = get_object_or_404(Quota, pk=pk) if pk else None
    form = QuotaForm(request.POST or None, initial=_values(quota, QuotaForm) or request.GET.dict())

    def save() -> object:
        return set_quota(by=user.as_actor(), quota=quota, **form.cleaned_data)

    title = _("Change a quota") if quota else _("Enter a quota")
    return _saved(request, form, save, _("The quota is set."), title, removes=quota)


@open_to(Role.PROGRAMME_OFFICE)
def task_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Enter a task of an agency, or change one."""
    user: Any = request.user
    task = get_object_or_404(AgencyTask, pk=pk) if pk else None
    form = TaskForm(request.POST or None, initial=_values(task, TaskForm))

    def save() -> object:
        return set_task(by=user.as_actor(), task=task, **form.cleaned_data)

    title = _("Change a task") if task else _("Enter a task")
    return _saved(request, form, save, _("The task is set."), title)


def _values(row: Any, form: type[Form]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields} if row else {}


def _saved(
    request: HttpRequest,
    form: Form,
    save: Callable[[], object],
    done: str,
    title: str,
    removes: Quota | None = None,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, done)
            return redirect("targets")
    context = {"form": form, "title": title, "quota": removes}
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/promise_form.html", context, status=status)


@open_to(Role.PROGRAMME_OFFICE)
@require_POST
def remove_quota_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a quota away."""
    user: Any = request.user
    quota = get_object_or_404(Quota.objects.select_related("agency", "target"), pk=pk)
    remove_quota(by=user.as_actor(), quota=quota)
    messages.success(request, _("The quota is removed."))
    return redirect("targets")


@open_to(Role.PROGRAMME_OFFICE, Role.COORDINATOR)
@require_POST
def finish_task_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Record that a task has been done: by the office, or by the agency itself."""
    user: Any = request.user
    tasks = AgencyTask.objects.visible_to(user).select_related("agency")
    task = get_object_or_404(tasks, pk=pk)
    if not Agency.objects.kept_by(user).filter(pk=task.agency_id).exists():
        raise PermissionDenied
    try:
        finish_task(by=user.as_actor(), task=task)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The task is recorded as completed."))
    return redirect("targets")
