"""What is done about single places: asking for one, nominating, deciding, giving back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import Role
from agencies.models import Agency
from common import clock, formats
from common.access import SIGNED_IN, open_to
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import Approver
from enrollment.forms.places import NominationForm, ReplaceForm
from enrollment.models import Enrollment
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
from enrollment.views.shared import frame, told
from people.models import Trainee

SENDERS = (Role.COORDINATOR, Role.PROGRAMME_OFFICE)


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
    enrollment = _kept(user, code, place)
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
    if not Enrollment.objects.held_by(user.pk).filter(pk=enrollment.pk).exists():
        _require_kept(user, enrollment)
    with told(request, _("The place has been given back.")):
        withdraw(by=user.as_actor(), enrollment=enrollment)
    return redirect("run", code)


@open_to(*SENDERS)
def replace_page(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """Send somebody else of the same agency; the seat stays."""
    user: Any = request.user
    enrollment = _kept(user, code, place)
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


def _kept(user: Any, code: str, place: int) -> Enrollment:
    """A place on which the user may act for its agency; seeing it is not enough."""
    enrollment = _visible(user, code, place)
    _require_kept(user, enrollment)
    return enrollment


def _require_kept(user: Any, enrollment: Enrollment) -> None:
    if not Enrollment.objects.kept_by(user).filter(pk=enrollment.pk).exists():
        raise PermissionDenied


def may_nominate(user: Any, run: CourseRun) -> bool:
    """Coordinators within the enrollment window; the office while the class is not closed."""
    if user.has_role(Role.PROGRAMME_OFFICE):
        return run.state in (RunState.OPEN, RunState.RUNNING)
    return user.has_role(Role.COORDINATOR) and run.takes_enrollment(clock.today())


@open_to(*SENDERS)
def nominate_page(request: HttpRequest, code: str) -> HttpResponse:
    """Nominate people by name, with the agency's letter."""
    user: Any = request.user
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    if not may_nominate(user, run):
        raise Http404
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
