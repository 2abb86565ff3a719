"""Plan a run: timetable, trainers, copying, moving, cancelling."""

from collections.abc import Callable
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
    cancel_run,
    cancel_session,
    describe_recipients,
    move_run,
    recipients,
    replace_timetable,
)
from enrollment.views.shared import (
    document_response,
    form_errors_as_messages,
    form_page,
    message_recipient_count,
    run_context,
    run_for_staff,
    session_row,
)


@allow(*RUN_MANAGERS)
def planning_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    trainers = run.trainers.select_related("user").order_by("id")
    context = run_context(request, run) | {
        "sessions": [session_row(session) for session in run.sessions.order_by("starts_at")],
        "facts": run_facts(run),
        "window": formats.days(run.enrollment_opens_on, run.enrollment_closes_on),
        "trainers": [(t.pk, str(t), t.guest_title) for t in trainers],
        "decisions": _decisions(run),
        "is_office": request.user.has_role(Role.PROGRAMME_OFFICE),
        "conflicts": [conflict.message for conflict in teaching_clashes(run)],
        "recipients": describe_recipients(recipients(run)),
        "is_open": run.state in (RunState.DRAFT, RunState.OPEN, RunState.RUNNING),
        "is_draft": run.state == RunState.DRAFT,
        "pattern_form": PatternForm(),
        "trainer_form": TrainerForm(run=run),
        "copy_form": CopyForm(auto_id="copy_%s"),
        "move_form": MoveForm(initial={"starts_on": run.starts_on}, auto_id="move_%s"),
        "cancel_form": CancelForm(auto_id="cancel_%s"),
    }
    return render(request, "enrollment/planning.html", context)


def _decisions(run: CourseRun) -> list[dict[str, Any]]:
    """One row per kind, recorded or not."""
    known = {decision.kind: decision for decision in run.decisions.all()}
    return [
        {
            "kind": kind.value,
            "label": kind.label,
            "number": known[kind].number if kind in known else "",
            "day": formats.day(known[kind].dated) if kind in known else "",
            "signer": known[kind].signer_name if kind in known else "",
            "has_file": kind in known and bool(known[kind].file),
        }
        for kind in DecisionKind
    ]


@allow(*RUN_MANAGERS)
@require_POST
def plan(request: AuthenticatedHttpRequest, code: str, action: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    try:
        # A refusal raises after queries were made: roll all of them back.
        with transaction.atomic():
            return _PLANS[action](request, run)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("run_plan", code)


def _replace_timetable(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    form = PatternForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Select days of the week and parts of the day."))
        return redirect("run_plan", run.code)
    data = form.cleaned_data
    pattern = Pattern(frozenset(data["weekdays"]), tuple(DayPart(part) for part in data["parts"]))

    def replace(agreed: int | None) -> int:
        session_count, error_as_message = replace_timetable(
            by=request.user.as_actor(), run=run, pattern=pattern, agreed_recipients=agreed
        )
        count = {"count": formats.number(session_count)}
        messages.success(request, _("The timetable now has %(count)s sessions.") % count)
        return error_as_message

    return _notify_or_confirm(request, run, form, replace, _("Replace timetable"))


def _add_trainer(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    form = TrainerForm(request.POST, run=run)
    if not form.is_valid():
        messages.error(request, _("Choose a trainer, or name a guest speaker."))
        return redirect("run_plan", run.code)
    conflicts = add_trainer(by=request.user.as_actor(), run=run, **form.cleaned_data)
    messages.success(request, _("Trainer added to the class."))
    for conflict in conflicts:
        messages.warning(request, conflict.message)
    return redirect("run_plan", run.code)


def _remove_trainer(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    trainer = get_object_or_404(run.trainers, pk=_number(request, "trainer"))
    is_self = trainer.user_id == request.user.pk
    remove_trainer(by=request.user.as_actor(), trainer=trainer)
    messages.success(request, _("Trainer removed from the class."))
    stays = request.user.has_role(Role.PROGRAMME_OFFICE) or not is_self
    return redirect("run_plan", run.code) if stays else redirect("my")


def _number(request: HttpRequest, name: str) -> int:
    """The number posted; 0, which no row has, where it is none."""
    return whole_number(request.POST.get(name)) or 0


def _announce_run(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    announce(by=request.user.as_actor(), run=run)
    messages.success(request, _("The class is now open for enrollment."))
    return redirect("run_plan", run.code)


def _copy_run(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    form = CopyForm(request.POST)
    if not form.is_valid():
        form_errors_as_messages(request, form)
        return redirect("run_plan", run.code)
    copy = copy_run(by=request.user.as_actor(), run=run, **form.cleaned_data)
    messages.success(request, _("The copy is a draft: announce it when it is ready."))
    return redirect("run_plan", copy.code)


def _move_run(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    form = MoveForm(request.POST)

    def move(agreed: int | None) -> int:
        day = form.cleaned_data["starts_on"]
        return move_run(
            by=request.user.as_actor(), run=run, starts_on=day, agreed_recipients=agreed
        )

    return _notify_or_confirm(request, run, form, move, _("Move class"))


def _cancel_run(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    form = CancelForm(request.POST)

    def cancel(agreed: int | None) -> int:
        reason = form.cleaned_data["reason"]
        return cancel_run(
            by=request.user.as_actor(), run=run, reason=reason, agreed_recipients=agreed
        )

    return _notify_or_confirm(request, run, form, cancel, _("Cancel class"))


def _notify_or_confirm(
    request: AuthenticatedHttpRequest,
    run: CourseRun,
    form: Any,
    action: Callable[[int | None], int],
    label: str,
) -> HttpResponse:
    """Act, or ask for confirmation first where more than ten people would be notified."""
    if not form.is_valid():
        messages.error(request, _("Please complete the form."))
        return redirect("run_plan", run.code)
    try:
        count = action(form.cleaned_data["agreed"])
    except DomainError as error:
        if error.code != "confirm_recipients":
            raise
        confirmation = type(form)(initial=form.cleaned_data | {"agreed": len(recipients(run))})
        return form_page(
            request,
            run,
            confirmation,
            heading=label,
            label=label,
            question=error.message,
            back="run_plan",
        )
    message_recipient_count(request, count)
    return redirect("run_plan", run.code)


def _cancel_session(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    session = get_object_or_404(run.sessions, number=_number(request, "number"))
    form = AgreeForm(request.POST, initial={"number": session.number})

    def remove(agreed: int | None) -> int:
        return cancel_session(by=request.user.as_actor(), session=session, agreed_recipients=agreed)

    return _notify_or_confirm(request, run, form, remove, _("Cancel session"))


_PLANS: dict[str, Callable[[AuthenticatedHttpRequest, CourseRun], HttpResponse]] = {
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
