"""Seats of a run: who waits and why, who has to approve, shares, capacity, the ledger."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import Role
from agencies.models import Agency
from common import clock, formats
from common.access import SIGNED_IN, open_to
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import Approver, EnrollmentState, SkipReason
from enrollment.forms import CapacityForm, NominationForm, ReplaceForm, ShareForm
from enrollment.models import Enrollment, SeatMove, SeatShare
from enrollment.services.nominations import next_step, record_letter
from enrollment.services.seats import (
    Nomination,
    Nominee,
    approve,
    nominate,
    reject,
    replace_nominee,
    request_place,
    withdraw,
)
from enrollment.services.shares import change_capacity, set_share
from enrollment.views.shared import READERS, frame, run_kept_by, told
from people.models import Trainee

LINES = 50
SENDERS = (Role.COORDINATOR, Role.PROGRAMME_OFFICE)


@open_to(*READERS)
def seats_page(request: HttpRequest, code: str) -> HttpResponse:
    """The waiting list in its order, what is pending, shares and the ledger."""
    user: Any = request.user
    run = run_kept_by(user, code, reading=True)
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
    context = frame(request, run) | {
        "waiting_page": waiting_page,
        "waiting": _waiting(waiting_page),
        "pending_page": pending_page,
        "pending": [_pending(place) for place in pending_page],
        "shares": [_share(share) for share in run.seat_shares.select_related("agency")],
        "page": page,
        "ledger": [_line(move) for move in page],
        "may_set": user.has_role(Role.PROGRAMME_OFFICE)
        and run.state in (RunState.OPEN, RunState.RUNNING, RunState.DRAFT),
    }
    if context["may_set"]:
        context["capacity_form"] = CapacityForm(initial={"capacity": run.capacity})
        context["share_form"] = ShareForm(on=run.starts_on)
    return render(request, "enrollment/seats.html", context)


def _page(request: HttpRequest, name: str, rows: Any) -> "Page[Any]":
    """A page of one of the three lists; the address turns over the pages of one at a time."""
    turned = request.GET.get("list", "ledger") == name
    return Paginator(rows, LINES).get_page(request.GET.get("page") if turned else 1)


def _waiting(page: "Page[Enrollment]") -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "pk": place.pk,
            "name": place.trainee.full_name,
            "agency": place.sending_agency.name,
            "since": formats.instant(place.state_since),
            "skipped": SkipReason(place.skipped_because).label if place.skipped_because else "",
        }
        for position, place in enumerate(page, start=page.start_index())
    ]


def _pending(place: Enrollment) -> dict[str, Any]:
    step = next_step(place)
    return {
        "pk": place.pk,
        "name": place.trainee.full_name,
        "agency": place.sending_agency.name,
        "letter": str(place.letter or ""),
        "next": step.who.label if step else "",
        "since": formats.instant(step.since) if step else "",
    }


def _share(share: SeatShare) -> dict[str, Any]:
    return {
        "agency": share.agency.name,
        "seats": formats.number(share.seats),
        "until": formats.day(share.release_on) or formats.day(share.run.starts_on),
        "released": formats.instant(share.released_at),
    }


def _line(move: SeatMove) -> dict[str, Any]:
    remark = move.remark
    if move.reason == "skipped" and remark in SkipReason.values:
        remark = str(SkipReason(remark).label)
    return {
        "at": formats.instant(move.at),
        "name": move.enrollment.trainee.full_name if move.enrollment else "",
        "seats": f"{move.seats:+d}" if move.seats else "0",
        "reason": move.get_reason_display(),
        "remark": remark,
    }


@open_to(Role.PROGRAMME_OFFICE)
@require_POST
def set_capacity(request: HttpRequest, code: str) -> HttpResponse:
    """More or fewer seats; new ones go to the waiting list at once."""
    user: Any = request.user
    run = run_kept_by(user, code)
    form = CapacityForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the number of seats."))
        return redirect("run_seats", code)
    with told(request, _("The number of seats is changed.")):
        change_capacity(by=user.as_actor(), run=run, capacity=form.cleaned_data["capacity"])
    return redirect("run_seats", code)


@open_to(Role.PROGRAMME_OFFICE)
@require_POST
def set_seat_share(request: HttpRequest, code: str) -> HttpResponse:
    """Keep seats for an agency."""
    user: Any = request.user
    run = run_kept_by(user, code)
    form = ShareForm(request.POST, on=run.starts_on)
    if not form.is_valid():
        messages.error(request, _("Choose an agency and the number of seats."))
        return redirect("run_seats", code)
    with told(request, _("The seat share is set.")):
        set_share(by=user.as_actor(), run=run, **form.cleaned_data)
    return redirect("run_seats", code)


# Places ---------------------------------------------------------------------------------


@open_to(SIGNED_IN)
@require_POST
def ask_for_place(request: HttpRequest, code: str) -> HttpResponse:
    """An official asks for a place in a run."""
    user: Any = request.user
    run = get_object_or_404(CourseRun.objects.announced(), code=code)
    trainee = Trainee.objects.filter(user=user).first()
    if trainee is None:
        raise PermissionDenied
    with told(request):
        place = request_place(by=user.as_actor(), run=run, trainee=trainee)
        state = {"state": place.get_state_display()}
        messages.success(request, _("Your place in this class: %(state)s.") % state)
    return redirect("run", code)


@open_to(*SENDERS)
@require_POST
def decide(request: HttpRequest, code: str, place: int, deed: str) -> HttpResponse:
    """Approve or reject what waits for this user's approval."""
    user: Any = request.user
    enrollment = _visible(user, code, place)
    step = next_step(enrollment)
    mine = Approver.OFFICE if user.has_role(Role.PROGRAMME_OFFICE) else Approver.AGENCY
    # The office may stand in for an agency that does not answer; never the other way round.
    if step and mine != step.who and mine != Approver.OFFICE:
        raise PermissionDenied
    done = _("Approved.") if deed == "approve" else _("Rejected.")
    with told(request, done):
        if deed == "approve":
            approve(by=user.as_actor(), enrollment=enrollment)
        else:
            reject(by=user.as_actor(), enrollment=enrollment)
    return redirect("run_seats" if mine == Approver.OFFICE else "run", code)


@open_to(SIGNED_IN)
@require_POST
def withdraw_place(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """Give a place back: one's own, that of an agency's people, or any for the office."""
    user: Any = request.user
    enrollment = _visible(user, code, place)
    own = enrollment.trainee.user_id == user.pk
    if not own and not user.has_role(*SENDERS):
        raise PermissionDenied
    with told(request, _("The place has been given back.")):
        withdraw(by=user.as_actor(), enrollment=enrollment)
    return redirect("run", code)


@open_to(*SENDERS)
def replace_page(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """Send somebody else of the same agency; the seat stays."""
    user: Any = request.user
    enrollment = _visible(user, code, place)
    colleagues = Trainee.objects.visible_to(user).filter(agency=enrollment.sending_agency_id)
    people = colleagues.exclude(enrollments__in=enrollment.run.enrollments.live())
    form = ReplaceForm(request.POST or None, people=people.in_roster_order())
    if request.method == "POST" and form.is_valid():
        with told(request, _("The nominee is replaced.")):
            replace_nominee(by=user.as_actor(), enrollment=enrollment, **form.cleaned_data)
        return redirect("run", code)
    context = frame(request, enrollment.run) | {
        "form": form,
        "heading": _("Replace %(name)s") % {"name": enrollment.trainee.full_name},
        "label": _("Replace"),
        "back": "run",
    }
    return render(request, "enrollment/ask.html", context | {"tabs": []})


def _visible(user: Any, code: str, place: int) -> Enrollment:
    places = Enrollment.objects.visible_to(user).select_related("trainee", "run__course")
    return get_object_or_404(places, pk=place, run__code=code)


@open_to(*SENDERS)
def nominate_page(request: HttpRequest, code: str) -> HttpResponse:
    """Nominate people by name, with the agency's letter."""
    user: Any = request.user
    run = get_object_or_404(
        CourseRun.objects.select_related("course"),
        code=code,
        state__in=(RunState.OPEN, RunState.RUNNING),
    )
    form = NominationForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        with told(request):
            _tell_nomination(request, _nominate(user, run, form.cleaned_data))
            return redirect("run", code)
    context = frame(request, run) | {
        "form": form,
        "heading": _("Nominate for class %(code)s") % {"code": run.code},
        "label": _("Nominate"),
        "back": "run",
        "tabs": [],
    }
    return render(request, "enrollment/ask.html", context)


def _nominate(user: Any, run: CourseRun, data: dict[str, Any]) -> Nomination:
    agency: Agency = data["agency"]
    letter = record_letter(
        by=user.as_actor(),
        run=run,
        agency=agency,
        number=data["number"],
        dated=data["dated"],
        signer_name=data["signer_name"],
        signer_title=data["signer_title"],
        file=data["file"] or None,
    )
    nominees = [Nominee(who.pk, unit=who.unit, position=who.position) for who in data["people"]]
    return nominate(
        by=user.as_actor(), run=run, sending_agency=agency, nominees=nominees, letter=letter
    )


def _tell_nomination(request: HttpRequest, outcome: Nomination) -> None:
    counts = {
        "seated": formats.number(outcome.enrolled),
        "waiting": formats.number(outcome.waitlisted),
        "pending": formats.number(outcome.pending),
    }
    text = _("%(seated)s hold a seat, %(waiting)s wait for one, %(pending)s wait for approval.")
    messages.success(request, text % counts)
    names = dict(
        Trainee.objects.filter(pk__in=[doubt.trainee_id for doubt in outcome.doubts]).values_list(
            "id", "full_name"
        )
    )
    for doubt in outcome.doubts[:20]:
        messages.warning(request, f"{names[doubt.trainee_id]}: {doubt.message}")


def own_place(user: Any, run: CourseRun) -> dict[str, Any] | None:
    """The visitor's own place with what they may do, as the run's page shows it."""
    places = run.enrollments.live().filter(trainee__user=user)
    place = places.select_related("run__course", "sending_agency").first()
    if place is None:
        return None
    step = next_step(place)
    ahead = run.enrollments.waiting().filter(waiting_number__lt=place.waiting_number or 0)
    waits = place.state == EnrollmentState.WAITLISTED
    return {
        "pk": place.pk,
        "state": place.get_state_display(),
        "position": ahead.count() + 1 if waits else None,
        "skipped": SkipReason(place.skipped_because).label if place.skipped_because else "",
        "next": step.who.label if step else "",
        "since": formats.instant(step.since) if step else "",
        "may_withdraw": run.state in (RunState.OPEN, RunState.RUNNING)
        and clock.today() <= run.ends_on,
    }
