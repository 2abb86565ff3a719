"""Seats of a run: waiting list, pending approvals, shares, capacity, ledger."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import clock, formats
from common.access import allow
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState, SkipReason
from enrollment.forms.enrollments import CapacityForm, ShareForm
from enrollment.models import Enrollment, SeatMove, SeatShare
from enrollment.services.nominations import next_step
from enrollment.services.seat_shares import change_capacity, set_share
from enrollment.views.shared import error_as_message, run_context, run_for_staff

PAGE_SIZE = 50


@allow(*RUN_READERS)
def seats_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    moves = run.seat_moves.select_related("enrollment__trainee").order_by("-id")
    waiting = run.enrollments.waiting().select_related("trainee", "sending_agency")
    pending = run.enrollments.pending_approval().order_by("id")
    page = _page(request, "ledger", moves)
    waiting_page = _page(request, "waiting", waiting)
    pending_page = _page(
        request,
        "pending",
        pending.select_related("trainee", "sending_agency", "run__course", "letter"),
    )
    context = run_context(request, run) | {
        "waiting_page": waiting_page,
        "waiting": _waiting_rows(waiting_page),
        "pending_page": pending_page,
        "pending": [_pending_row(enrollment) for enrollment in pending_page],
        "shares": [_share_row(share) for share in run.seat_shares.select_related("agency")],
        "page": page,
        "ledger": [_ledger_row(move) for move in page],
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


def _waiting_rows(page: "Page[Enrollment]") -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "pk": enrollment.pk,
            "name": enrollment.trainee.full_name,
            "agency": enrollment.sending_agency.name,
            "since": formats.instant(enrollment.state_since),
            "skipped": SkipReason(enrollment.skipped_because).label
            if enrollment.skipped_because
            else "",
        }
        for position, enrollment in enumerate(page, start=page.start_index())
    ]


def _pending_row(enrollment: Enrollment) -> dict[str, Any]:
    step = next_step(enrollment)
    return {
        "pk": enrollment.pk,
        "name": enrollment.trainee.full_name,
        "remarks": enrollment.remarks,
        "agency": enrollment.sending_agency.name,
        "letter": letter_facts(enrollment),
        "next": step.who.label if step else "",
        "since": formats.instant(step.since) if step else "",
    }


def letter_facts(enrollment: Enrollment) -> dict[str, Any] | None:
    if (letter := enrollment.letter) is None:
        return None
    signer = ", ".join(part for part in (letter.signer_name, letter.signer_title) if part)
    return {
        "pk": letter.pk,
        "number": letter.number,
        "day": formats.day(letter.dated),
        "signer": signer,
        "has_file": bool(letter.file),
    }


def _share_row(share: SeatShare) -> dict[str, Any]:
    return {
        "agency": share.agency.name,
        "seats": formats.number(share.seats),
        "until": formats.day(share.release_on) or formats.day(share.run.starts_on),
        "released": formats.instant(share.released_at),
    }


def _ledger_row(move: SeatMove) -> dict[str, Any]:
    remark = move.remark
    # Skip reasons are stored as codes and shown in the reader's language.
    if move.reason == "skipped" and remark in SkipReason.values:
        remark = str(SkipReason(remark).label)
    return {
        "at": formats.instant(move.at),
        "name": move.enrollment.trainee.full_name if move.enrollment else "",
        "seats": f"{move.seats:+d}" if move.seats else "0",
        "reason": move.get_reason_display(),
        "remark": remark,
    }


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def set_capacity(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = CapacityForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter the number of seats."))
        return redirect("run_seats", code)
    with error_as_message(request, _("Number of seats changed.")):
        change_capacity(by=request.user.as_actor(), run=run, capacity=form.cleaned_data["capacity"])
    return redirect("run_seats", code)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def set_seat_share(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    form = ShareForm(request.POST, on=run.starts_on)
    if not form.is_valid():
        messages.error(request, _("Choose an agency and enter the number of seats."))
        return redirect("run_seats", code)
    with error_as_message(request, _("Seat share saved.")):
        set_share(by=request.user.as_actor(), run=run, **form.cleaned_data)
    return redirect("run_seats", code)


def own_enrollment(user: User, run: CourseRun) -> dict[str, Any] | None:
    enrollments = run.enrollments.live().of_user(user.pk)
    enrollment = enrollments.select_related("run__course", "sending_agency").first()
    if enrollment is None:
        return None
    step = next_step(enrollment)
    ahead_of_them = run.enrollments.waiting().filter(
        waiting_number__lt=enrollment.waiting_number or 0
    )
    is_waiting = enrollment.state == EnrollmentState.WAITLISTED
    return {
        "pk": enrollment.pk,
        "state": enrollment.get_state_display(),
        "position": ahead_of_them.count() + 1 if is_waiting else None,
        "skipped": SkipReason(enrollment.skipped_because).label
        if enrollment.skipped_because
        else "",
        "next": step.who.label if step else "",
        "since": formats.instant(step.since) if step else "",
        "may_withdraw": run.state in (RunState.OPEN, RunState.RUNNING)
        and clock.today() <= run.ends_on,
    }
