"""Seats of a run: waiting list, pending approvals, shares, capacity, ledger."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock
from common.access import allow
from common.form_errors import error_as_message, valid_data
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.forms.enrollments import CapacityForm, ShareForm
from enrollment.services.nominations import next_step
from enrollment.services.seat_shares import change_capacity, set_share
from enrollment.views.shared import run_context, run_for_staff

PAGE_SIZE = 50


@allow(*RUN_READERS)
def seats_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    moves = run.seat_moves.select_related("enrollment__trainee").order_by("-id")
    waiting = run.enrollments.waiting().select_related("trainee", "sending_agency")
    pending = run.enrollments.pending_approval().order_by("id")
    pending_page = _page(
        request,
        "pending",
        pending.select_related("trainee", "sending_agency", "run__course", "letter"),
    )
    context = run_context(request, run) | {
        "waiting_page": _page(request, "waiting", waiting),
        "pending_page": pending_page,
        "pending": [(enrollment, next_step(enrollment)) for enrollment in pending_page],
        "shares": run.seat_shares.select_related("agency"),
        "page": _page(request, "ledger", moves),
        "may_set": request.user.has_role(Role.PROGRAMME_OFFICE)
        and run.state in (RunState.OPEN, RunState.RUNNING, RunState.DRAFT),
    }
    if context["may_set"]:
        context["capacity_form"] = CapacityForm(initial={"capacity": run.capacity})
        context["share_form"] = ShareForm(on=run.starts_on)
    return render(request, "enrollment/seats.html", context)


def _page(request: HttpRequest, name: str, rows: Any) -> "Page[Any]":
    """A page of one of three lists: ``page`` belongs to the list that ``list`` names."""
    is_current = request.GET.get("list", "ledger") == name
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page") if is_current else 1)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def set_capacity(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    with error_as_message(request, _("Number of seats changed.")):
        data = valid_data(CapacityForm(request.POST), _("Enter the number of seats."))
        change_capacity(by=request.user.as_actor(), run=run, **data)
    return redirect("run_seats", code)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def set_seat_share(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = ShareForm(request.POST, on=run.starts_on)
    with error_as_message(request, _("Seat share saved.")):
        data = valid_data(form, _("Choose an agency and enter the number of seats."))
        set_share(by=request.user.as_actor(), run=run, **data)
    return redirect("run_seats", code)


def own_enrollment(user: User, run: CourseRun) -> dict[str, Any]:
    enrollments = run.enrollments.live().of_user(user.pk)
    enrollment = enrollments.select_related("run__course", "sending_agency").first()
    if enrollment is None:
        return {}
    ahead = run.enrollments.waiting().filter(waiting_number__lt=enrollment.waiting_number or 0)
    is_waiting = enrollment.state == EnrollmentState.WAITLISTED
    return {
        "own": enrollment,
        "own_step": next_step(enrollment),
        "own_position": ahead.count() + 1 if is_waiting else None,
        "may_withdraw": run.state in (RunState.OPEN, RunState.RUNNING)
        and clock.today() <= run.ends_on,
    }
