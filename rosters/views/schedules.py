"""One's monthly lists: seen, changed, paused, deleted."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import STAFF
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common.access import allow
from common.spreadsheets import FileForm
from rosters.exporting import schedules
from rosters.exporting.chosen_rows import MATRIX, PEOPLE
from rosters.forms.exports import ScheduleForm
from rosters.models import ListSchedule

_ACTIONS = {
    "pause": schedules.pause,
    "resume": schedules.resume,
    "remove": schedules.remove,
}


def schedule_of(user: User, wanted: Mapping[str, Any]) -> ListSchedule:
    """Save what was chosen as a monthly list, named after what it is of."""
    kinds = {PEOPLE: _("People"), MATRIX: _("Courses completed")}
    parts = [kinds.get(wanted.get("of", ""), _("Roster")), wanted.get("run"), wanted.get("agency")]
    name = " · ".join(str(part) for part in parts if part)
    return schedules.schedule_list(by=user.as_actor(), user=user, name=name, wanted=wanted)


@allow(*STAFF)
@never_cache
def schedule_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    found = list(request.user.list_schedules.all())
    rows = [(one, FileForm(one.wanted["form"]).label) for one in found]
    return render(request, "rosters/schedules.html", {"rows": rows})


@allow(*STAFF)
@never_cache
def schedule_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    schedule = get_object_or_404(ListSchedule, pk=pk, owner=request.user)
    form = ScheduleForm(request.POST if request.method == "POST" else None, schedule=schedule)
    if form.is_valid():
        schedules.change_schedule(
            by=request.user.as_actor(), schedule=schedule, **form.cleaned_data
        )
        messages.success(request, _("Saved."))
        return redirect("schedules")
    status = 400 if form.errors else 200
    context = {"form": form, "schedule": schedule}
    return render(request, "rosters/schedule.html", context, status=status)


@allow(*STAFF)
@require_POST
def act_on_schedule(request: AuthenticatedHttpRequest, pk: int, action: str) -> HttpResponse:
    schedule = get_object_or_404(ListSchedule, pk=pk, owner=request.user)
    if action not in _ACTIONS:
        raise Http404
    _ACTIONS[action](by=request.user.as_actor(), schedule=schedule)
    return redirect("schedules")
