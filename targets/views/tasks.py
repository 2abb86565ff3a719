"""Tasks of agencies: their form, progress, the answers of cooperating units, the decision."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, PEOPLE_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from common.access import allow
from common.errors import DomainError
from targets.choices import ValueState
from targets.forms import (
    AnswerForm,
    FinishForm,
    ProgressForm,
    TaskForm,
    WithdrawForm,
)
from targets.forms.values import DecisionForm
from targets.models import AgencyTask, CooperatingUnit, TaskReport
from targets.services.tasks import (
    answer_task,
    decide_progress,
    finish_task,
    remove_task,
    reopen_task,
    report_progress,
    set_task,
)
from targets.services.values import STORED
from targets.views.target_forms import saved

TONES = {ValueState.SUBMITTED: "wait", ValueState.ACCEPTED: "good", ValueState.RETURNED: "bad"}
_FIELDS = ("indicator", "agency", "title", "legal_basis", "starts_on", "due_on", "responsible_unit")


@allow(Role.PROGRAMME_OFFICE)
def task_form(request: AuthenticatedHttpRequest, pk: int | None = None) -> HttpResponse:
    task = get_object_or_404(AgencyTask.objects.current().with_units(), pk=pk) if pk else None
    initial = _values(task) if task else {}
    form = TaskForm(request.POST or None, initial=initial, is_change=task is not None)

    def save() -> object:
        return set_task(by=request.user.as_actor(), task=task, **form.cleaned_data)

    title, removal = _("Add a task"), None
    if task:
        title = _("Change a task")
        removal = {
            "address": reverse("remove_task", args=[task.pk]),
            "label": _("Remove this task"),
            "form": WithdrawForm(auto_id="remove_%s"),
            "asks": _("Remove the task “%(title)s”?") % {"title": task.title},
            "follows": _("Its units and coordinators no longer see it; its versions remain."),
        }
    return saved(request, form, save, _("Task saved."), title, removal)


def _values(task: AgencyTask) -> dict[str, Any]:
    units = task.units.all()
    return {name: getattr(task, name) for name in _FIELDS} | {
        "cooperating_units": [unit.agency for unit in units if unit.agency],
        "other_units": "\n".join(unit.other for unit in units if unit.other),
    }


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def remove_task_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    task = get_object_or_404(AgencyTask.objects.current().select_related("agency"), pk=pk)
    form = WithdrawForm(request.POST, auto_id="remove_%s")

    def save() -> object:
        return remove_task(by=request.user.as_actor(), task=task, **form.cleaned_data)

    return saved(request, form, save, _("Task removed."), _("Remove a task"))


@allow(*PEOPLE_READERS)
def task_progress(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """A task with its reports and answers; its agency's coordinators report here."""
    task = _task_of(request.user, pk)
    units = task.units.all()
    answerable = set(task.units.answerable_by(request.user).values_list("pk", flat=True))
    own = AgencyTask.objects.manageable_by(request.user).filter(pk=pk)
    may_report = task.done_on is None and own.exists()
    may_decide = request.user.has_role(Role.PROGRAMME_OFFICE)
    form = ProgressForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if not may_report:
            raise PermissionDenied
        if form.is_valid() and _reported(request, task, form):
            return redirect("task_progress", pk)
    context = {
        "task": task,
        "starts": formats.day(task.starts_on) if task.starts_on else "",
        "due": formats.day(task.due_on),
        "done": formats.day(task.done_on) if task.done_on else "",
        "units": units,
        "own_units": [
            (unit, AnswerForm(auto_id=f"answer_{unit.pk}_%s", initial=_answer(unit)))
            for unit in units
            if unit.pk in answerable
        ],
        "versions": _versions(task),
        "reports": [_report_row(report) for report in task.reports.all()],
        "form": form if may_report else None,
        "may_decide": may_decide,
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/task.html", context, status=status)


def _reported(request: AuthenticatedHttpRequest, task: AgencyTask, form: ProgressForm) -> bool:
    data = dict(form.cleaned_data)
    file = data.pop("proof")
    proof = (file.name, file.read()) if file else None
    try:
        report_progress(by=request.user.as_actor(), task=task, proof=proof, **data)
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, _("Progress reported; the programme office will review it."))
    return True


def _report_row(report: TaskReport) -> dict[str, Any]:
    return {
        "report": report,
        "day": formats.day(report.day),
        "submitted": formats.instant(report.submitted_at),
        "tone": TONES[ValueState(report.state)],
        "waits": report.state == ValueState.SUBMITTED,
    }


@allow(*PEOPLE_MANAGERS)
@require_POST
def answer_task_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    tasks = AgencyTask.objects.current().visible_to(request.user)
    rows = CooperatingUnit.objects.current().filter(task__in=tasks)
    units = rows.select_related("agency", "task")
    unit = get_object_or_404(units, pk=pk)
    if not units.answerable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    form = AnswerForm(request.POST)
    try:
        if form.is_valid():
            answer_task(by=request.user.as_actor(), unit=unit, **form.cleaned_data)
            messages.success(request, _("Answer recorded."))
        else:
            messages.error(request, _("Choose one of the answers."))
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("task_progress", unit.task_id)


@allow(Role.PROGRAMME_OFFICE)
def decide_progress_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    reports = TaskReport.objects.select_related("task__agency")
    report = get_object_or_404(reports, pk=pk, task__believed_until=None)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            decide_progress(
                by=request.user.as_actor(),
                report=report,
                accept=data["decision"] == "accept",
                remark=data["note"],
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Decision recorded."))
            return redirect("task_progress", report.task_id)
    context = {"form": form, "row": _report_row(report), "task": report.task}
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/decide_progress.html", context, status=status)


@allow(*PEOPLE_READERS)
def task_proof(request: AuthenticatedHttpRequest, pk: int) -> FileResponse:
    """Always a download: an uploaded file is never shown in the page."""
    reports = TaskReport.objects.visible_to(request.user).exclude(proof="")
    report = get_object_or_404(reports, pk=pk)
    name = (report.proof.name or "").rpartition("/")[2].removesuffix(STORED)
    return FileResponse(
        report.proof.open(),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )


@allow(Role.PROGRAMME_OFFICE)
def finish_task_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """The office records that a task is done; agencies report it."""
    task = _task_of(request.user, pk)
    form = FinishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            finish_task(by=request.user.as_actor(), task=task, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Task marked as done."))
            return redirect("targets")
    done_on = formats.day(task.done_on) if task.done_on else ""
    context = {"form": form, "task": task, "due": formats.day(task.due_on), "done_on": done_on}
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/finish_task.html", context, status=status)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def reopen_task_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    try:
        reopen_task(by=request.user.as_actor(), task=_task_of(request.user, pk))
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Task reopened."))
    return redirect("targets")


def _task_of(user: User, pk: int) -> AgencyTask:
    tasks = AgencyTask.objects.current().visible_to(user).with_units()
    task: AgencyTask = get_object_or_404(tasks, pk=pk)
    return task


def _answer(unit: CooperatingUnit) -> dict[str, str]:
    return {"answer": unit.answer, "reason": unit.change_reason}


def _versions(task: AgencyTask) -> list[dict[str, str]]:
    """What a task was, newest first; empty where it never changed."""
    earlier = list(task.earlier.select_related("agency").order_by("-believed_from", "-pk"))
    return [
        {
            "since": formats.instant(row.believed_from or row.recorded_at),
            "title": row.title,
            "agency": f"{row.agency.name}, {row.responsible_unit}",
            "due": formats.day(row.due_on),
            "done": formats.day(row.done_on) if row.done_on else "",
            "reason": row.change_reason,
        }
        for row in ([task, *earlier] if earlier else ())
    ]
