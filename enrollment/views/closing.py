"""What closing a run would say of each person, and closing it."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import Role
from common import formats
from common.access import open_to
from courses.choices import DecisionKind, RunState
from courses.models import CourseRun
from enrollment.forms import DecisionForm, ExceptionForm, ScoreForm
from enrollment.models import Completion
from enrollment.services.completion import Outcome, close_run, outcomes, void_completion
from enrollment.services.results import (
    grant_exception,
    propose_closing,
    recognise,
    record_scores,
)
from enrollment.views.shared import KEEPERS, READERS, frame, run_kept_by, told


@open_to(*READERS)
def closing_page(request: HttpRequest, code: str) -> HttpResponse:
    """The preview with a reason for each person; once closed, the results."""
    user: Any = request.user
    run = run_kept_by(user, code, reading=True)
    ended = run.state in (RunState.CLOSED, RunState.CANCELLED)
    found = [] if ended else outcomes(run)
    context = frame(request, run) | {
        "is_closed": ended,
        "may_act": user.has_role(*KEEPERS) and not ended,
        "rows": [_row(outcome) for outcome in found],
        "completing": formats.number(sum(outcome.completes for outcome in found)),
        "failing": formats.number(sum(not outcome.completes for outcome in found)),
        "results": _results(run) if ended else [],
        "asks_score": run.course.minimum_score is not None or run.course.grading != "pass_fail",
        "proposed_at": formats.instant(run.closing_proposed_at),
        "is_office": user.has_role(Role.PROGRAMME_OFFICE),
    }
    if context["asks_score"] and context["may_act"]:
        form = ScoreForm(places=[outcome.enrollment for outcome in found])
        for row in context["rows"]:
            row["field"] = form[f"score-{row['place']}"]
    if run.course.recognised_by_office and context["is_office"] and not ended:
        known = run.decisions.filter(kind=DecisionKind.RECOGNITION).first()
        context["decision_form"] = DecisionForm(instance=known)
    return render(request, "enrollment/closing.html", context)


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "place": outcome.enrollment.pk,
        "name": outcome.enrollment.trainee.full_name,
        "completes": outcome.completes,
        "reasons": outcome.reasons,
        "exception": outcome.exception,
        "percent": outcome.attendance_percent,
    }


def _results(run: CourseRun) -> list[dict[str, Any]]:
    rows = Completion.objects.standing().filter(run=run).select_related("trainee")
    return [
        {
            "pk": row.pk,
            "name": row.trainee.full_name,
            "day": formats.day(row.completed_on),
            "grade": row.get_grade_display(),
            "percent": row.attendance_percent,
            "remark": row.remark,
        }
        for row in rows.order_by("trainee__sort_key", "id")
    ]


@open_to(*KEEPERS)
@require_POST
def save_scores(request: HttpRequest, code: str) -> HttpResponse:
    """Set the scores that were typed; blanks change nothing."""
    user: Any = request.user
    run = run_kept_by(user, code)
    form = ScoreForm(
        request.POST, places=run.enrollments.filter(state="enrolled").select_related("trainee")
    )
    if not form.is_valid():
        messages.error(request, _("A score lies between 0 and 10."))
        return redirect("run_closing", code)
    scores: dict[int, Decimal] = {
        int(name.removeprefix("score-")): score
        for name, score in form.cleaned_data.items()
        if score is not None
    }
    with told(request, _("The scores are saved.")):
        record_scores(by=user.as_actor(), run=run, scores=scores)
    return redirect("run_closing", code)


@open_to(Role.PROGRAMME_OFFICE)
def exception_page(request: HttpRequest, code: str, place: int) -> HttpResponse:
    """Let one person complete all the same, with a reason."""
    user: Any = request.user
    run = run_kept_by(user, code)
    enrollment = get_object_or_404(run.enrollments.select_related("trainee"), pk=place)
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(request, _("The exception is on record.")):
            grant_exception(
                by=user.as_actor(), enrollment=enrollment, reason=form.cleaned_data["reason"]
            )
        return redirect("run_closing", code)
    context = frame(request, run) | {
        "form": form,
        "heading": _("Exception for %(name)s") % {"name": enrollment.trainee.full_name},
        "label": _("Grant the exception"),
        "back": "run_closing",
    }
    return render(request, "enrollment/ask.html", context)


@open_to(*KEEPERS)
@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    """Close the run, or propose its results where the office recognises them."""
    user: Any = request.user
    run = run_kept_by(user, code)
    if run.course.recognised_by_office:
        return _close_with_recognition(request, user, run)
    with told(request):
        closing = close_run(by=user.as_actor(), run=run)
        counts = {
            "completed": formats.number(closing.completed),
            "failed": formats.number(closing.not_completed),
        }
        summary = _("The class is closed: %(completed)s completed, %(failed)s did not.")
        messages.success(request, summary % counts)
    return redirect("run_closing", code)


def _close_with_recognition(request: HttpRequest, user: Any, run: CourseRun) -> HttpResponse:
    if not user.has_role(Role.PROGRAMME_OFFICE):
        with told(request, _("The results are proposed to the programme office.")):
            propose_closing(by=user.as_actor(), run=run)
        return redirect("run_closing", run.code)
    known = run.decisions.filter(kind=DecisionKind.RECOGNITION).first()
    form = DecisionForm(request.POST, request.FILES, instance=known)
    if not form.is_valid():
        messages.error(request, _("A decision needs its number and symbol and its date."))
        return redirect("run_closing", run.code)
    with told(request, _("The results are recognised and the class is closed.")):
        recognise(by=user.as_actor(), run=run, **form.cleaned_data)
    return redirect("run_closing", run.code)


@open_to(Role.PROGRAMME_OFFICE)
def void_result(request: HttpRequest, code: str, result: int) -> HttpResponse:
    """Void one result with a reason."""
    user: Any = request.user
    run = run_kept_by(user, code)
    completion = Completion.objects.standing().filter(run=run, pk=result).first()
    if completion is None:
        raise Http404
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with told(request, _("The result is voided; it stays on record with the reason.")):
            void_completion(
                by=user.as_actor(), completion=completion, reason=form.cleaned_data["reason"]
            )
        return redirect("run_closing", code)
    context = frame(request, run) | {
        "form": form,
        "heading": _("Void the result of %(name)s") % {"name": completion.trainee.full_name},
        "label": _("Void the result"),
        "back": "run_closing",
    }
    return render(request, "enrollment/ask.html", context)
