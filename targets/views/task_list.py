"""Tasks in tables: the list as of any day, and those of an agency on its page."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency, SuccessionLink
from agencies.querysets import current_successor
from common import clock, formats
from common.access import SIGNED_IN, allow
from targets.choices import TaskState, UnitAnswer
from targets.forms import TaskFilterForm
from targets.models import AgencyTask, CooperatingUnit
from targets.progress.task_status import TaskStatus, believed_at, task_statuses

PAGE = 50
_STATE_TONES = {TaskState.OVERDUE: "bad", TaskState.DONE: "good", TaskState.DONE_LATE: "wait"}
_ANSWER_TONES = {"": "wait", UnitAnswer.DONE: "good", UnitAnswer.REFUSED: "bad"}


@allow(SIGNED_IN)
def tasks_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Coordinators see those that concern an agency of theirs."""
    form = TaskFilterForm(request.GET or None)
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    as_of = data.get("as_of") or clock.today()
    known_as_of = believed_at(data.get("known_as_of"))
    tasks = AgencyTask.objects.believed(known_as_of).visible_to(request.user).with_state(as_of)
    if data.get("state"):
        tasks = tasks.filter(Q(state=data["state"]))
    if data.get("to_review"):
        tasks = tasks.with_progress_to_review()
    rows = tasks.select_related("agency", "indicator").order_by("due_on", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    asked = {name: request.GET[name] for name, value in data.items() if value}
    may_set = request.user.has_role(Role.PROGRAMME_OFFICE)
    context = {
        "form": form,
        "page": page,
        "tasks": task_rows(task_statuses(page.object_list, as_of, known_as_of)),
        "query": f"{urlencode(asked)}&" if asked else "",
        "is_narrowed": bool(asked),
        "as_of": formats.day(as_of),
        "known_as_of": formats.exact(known_as_of) if data.get("known_as_of") else "",
        "may_set": may_set,
        "may_mark": may_set and not {"as_of", "known_as_of"} & asked.keys(),
    }
    return render(request, "targets/tasks.html", context, status=400 if form.errors else 200)


def task_rows(statuses: Sequence[TaskStatus]) -> list[dict[str, Any]]:
    return [task_row(one.as_json()) | {"to_review": one.to_review} for one in statuses]


def task_row(one: dict[str, Any]) -> dict[str, Any]:
    """In words, of a task as plain data."""
    state, progress = TaskState(one["state"]), one["progress"]
    return one | {
        "due": _day(one["due_on"]),
        "units": [_unit(unit) for unit in one["cooperating_units"]],
        "state": state.label,
        "done": _day(one["done_on"]) if one["done_on"] else "",
        "tone": _STATE_TONES.get(state, ""),
        "progress": progress and f"{_day(progress['day'])}: {progress['text']}",
    }


def _unit(unit: dict[str, str]) -> dict[str, str]:
    answer = unit["answer"]
    label = str(UnitAnswer(answer).label) if answer else _("no answer yet")
    return unit | {"answer": label, "tone": _ANSWER_TONES.get(answer, "")}


def _day(text: str) -> str:
    return formats.day(dt.date.fromisoformat(text))


def tasks_of_agency(user: User, agency: Agency) -> tuple[str, dict[str, Any]] | None:
    """The tasks for which an agency is responsible or in which it cooperates, for its page.

    Also those of agencies merged into it, for which it acts today.
    """
    now, today = clock.now(), clock.today()
    links = SuccessionLink.objects.believed(now).in_force_on(today).successor_by_agency()
    merged = {pk for pk in links if current_successor(pk, links) == agency.pk}
    own = {agency.pk} | merged
    units = CooperatingUnit.objects.current().filter(agency__in=own).values("task")
    tasks = AgencyTask.objects.current().visible_to(user).with_state(today)
    tasks = tasks.filter(Q(agency__in=own) | Q(pk__in=units)).select_related("agency", "indicator")
    statuses = task_statuses(tasks.order_by("-due_on", "pk")[:PAGE], today, now)
    if not statuses:
        return None
    rows = task_rows(statuses)
    for row, status in zip(rows, statuses, strict=True):
        row["must"] = _must(status, own)
    return "targets/agency_tasks.html", {"tasks": rows}


def _must(status: TaskStatus, own: set[int]) -> str:
    """What an agency still has to do for a task; empty where it is nothing."""
    answers = [unit.answer for unit in status.units if unit.agency_id in own]
    if "" in answers:
        return _("answer")
    if status.task.agency_id in own and not (status.done_on or status.to_review):
        return _("report progress")
    return _("do its part") if UnitAnswer.ACCEPTED in answers else ""
