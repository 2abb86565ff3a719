"""Plan a run: timetable, trainers, copying, moving, cancelling."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS, RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow, recorded_download
from common.errors import DomainError
from common.form_errors import error_as_message, valid_data
from common.numbers import whole_number
from courses.choices import DayPart, DecisionKind, RunState
from courses.models import CourseRun
from courses.services.teaching import (
    add_trainer,
    announce,
    copy_run,
    remove_trainer,
    teaching_clashes,
)
from courses.services.timetables import Pattern
from courses.views import run_facts
from enrollment.forms import AgreeForm, CancelForm, CopyForm, MoveForm, PatternForm, TrainerForm
from enrollment.services.run_changes import (
    audience_of,
    cancel_run,
    cancel_session,
    move_run,
    replace_timetable,
)
from enrollment.views.shared import (
    document_response,
    form_page,
    message_recipient_count,
    run_context,
    run_for_staff,
)


@allow(*RUN_MANAGERS)
def planning_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    notified = audience_of(run)
    agreed = {"agreed": len(notified)}
    recorded = {decision.kind: decision for decision in run.decisions.all()}
    context = run_context(request, run) | {
        "sessions": run.sessions.order_by("starts_at"),
        "facts": run_facts(run),
        "window": formats.days(run.enrollment_opens_on, run.enrollment_closes_on),
        "trainers": run.trainers.select_related("user").order_by("id"),
        "decisions": [(kind, recorded.get(kind)) for kind in DecisionKind],
        "is_office": request.user.has_role(Role.PROGRAMME_OFFICE),
        "conflicts": [conflict.message for conflict in teaching_clashes(run)],
        "recipients": str(notified.reach),
        "audience": len(notified),
        "is_open": run.state in (RunState.DRAFT, RunState.OPEN, RunState.RUNNING),
        "is_draft": run.state == RunState.DRAFT,
        "pattern_form": PatternForm(initial=agreed),
        "trainer_form": TrainerForm(run=run),
        "copy_form": CopyForm(auto_id="copy_%s"),
        "move_form": MoveForm(initial=agreed | {"starts_on": run.starts_on}, auto_id="move_%s"),
        "cancel_form": CancelForm(initial=agreed, auto_id="cancel_%s"),
    }
    return render(request, "enrollment/planning.html", context)


@allow(*RUN_MANAGERS)
@require_POST
def plan(request: AuthenticatedHttpRequest, code: str, action: str) -> HttpResponse:
    run, answer = run_for_staff(request.user, code), None
    # A refusal raises after queries were made: roll all of them back.
    with error_as_message(request), transaction.atomic():
        answer = _PLANS[action](request, run)
    return answer or redirect("run_plan", code)


def _replace_timetable(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse | None:
    form = PatternForm(request.POST)
    data = valid_data(form, _("Select days of the week and parts of the day."))
    pattern = Pattern(frozenset(data["weekdays"]), tuple(DayPart(part) for part in data["parts"]))

    def replace(**agreed: Any) -> int:
        session_count, notified = replace_timetable(
            by=request.user.as_actor(), run=run, pattern=pattern, **agreed
        )
        count = {"count": formats.number(session_count)}
        messages.success(request, _("Sessions in the timetable now: %(count)s.") % count)
        return notified

    return _notify_or_confirm(request, run, form, replace, _("Replace timetable"))


def _add_trainer(request: AuthenticatedHttpRequest, run: CourseRun) -> None:
    form = TrainerForm(request.POST, run=run)
    data = valid_data(form, _("Choose a trainer, or name a guest speaker."))
    conflicts = add_trainer(by=request.user.as_actor(), run=run, **data)
    messages.success(request, _("Trainer added to the class."))
    for conflict in conflicts:
        messages.warning(request, conflict.message)


def _remove_trainer(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse | None:
    trainer = get_object_or_404(run.trainers, pk=_number(request, "trainer"))
    is_self = trainer.user_id == request.user.pk
    remove_trainer(by=request.user.as_actor(), trainer=trainer)
    messages.success(request, _("Trainer removed from the class."))
    is_gone = is_self and not request.user.has_role(Role.PROGRAMME_OFFICE)
    return redirect("my") if is_gone else None


def _number(request: HttpRequest, name: str) -> int:
    """The number posted; 0, which no row has, where it is none."""
    return whole_number(request.POST.get(name)) or 0


def _announce_run(request: AuthenticatedHttpRequest, run: CourseRun) -> None:
    announce(by=request.user.as_actor(), run=run)
    messages.success(request, _("The class is now open for enrollment."))


def _copy_run(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    copy = copy_run(by=request.user.as_actor(), run=run, **valid_data(CopyForm(request.POST)))
    messages.success(request, _("The copy is a draft: announce it when it is ready."))
    return redirect("run_plan", copy.code)


def _move_run(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse | None:
    form = MoveForm(request.POST)
    starts_on = _complete(form)["starts_on"]
    move = partial(move_run, by=request.user.as_actor(), run=run, starts_on=starts_on)
    return _notify_or_confirm(request, run, form, move, _("Move class"))


def _cancel_run(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse | None:
    form = CancelForm(request.POST)
    reason = _complete(form)["reason"]
    cancel = partial(cancel_run, by=request.user.as_actor(), run=run, reason=reason)
    return _notify_or_confirm(request, run, form, cancel, _("Cancel class"))


def _cancel_session(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse | None:
    session = get_object_or_404(run.sessions, number=_number(request, "number"))
    form = AgreeForm(request.POST, initial={"number": session.number})
    _complete(form)
    remove = partial(cancel_session, by=request.user.as_actor(), session=session)
    return _notify_or_confirm(request, run, form, remove, _("Cancel session"))


def _complete(form: Any) -> dict[str, Any]:
    return valid_data(form, _("Please complete the form."))


def _notify_or_confirm(
    request: AuthenticatedHttpRequest,
    run: CourseRun,
    form: Any,
    action: Callable[..., int],
    label: str,
) -> HttpResponse | None:
    """Act, or ask for confirmation first where more than ten people would be notified."""
    data = form.cleaned_data
    try:
        count = action(agreed_recipients=data["agreed"])
    except DomainError as error:
        if error.code != "confirm_recipients":
            raise
        confirmation = type(form)(initial=data | {"agreed": len(audience_of(run))})
        return form_page(request, run, confirmation, label, label, question=error.message)
    message_recipient_count(request, count)
    return None


_PLANS: dict[str, Callable[[AuthenticatedHttpRequest, CourseRun], HttpResponse | None]] = {
    "pattern": _replace_timetable,
    "trainer": _add_trainer,
    "remove-trainer": _remove_trainer,
    "announce": _announce_run,
    "copy": _copy_run,
    "move": _move_run,
    "cancel": _cancel_run,
    "remove-session": _cancel_session,
}


@allow(*RUN_READERS)
@recorded_download
@never_cache
def opening_list(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    return document_response(request, run, "class_opening")
