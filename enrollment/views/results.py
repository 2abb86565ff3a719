"""Preview and close a run; once closed, its results."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS, RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import allow
from common.form_errors import error_as_message, valid_data
from courses.choices import DecisionKind, RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.forms import (
    DecisionForm,
    ExceptionForm,
    ScanForm,
    ScoreFileForm,
    ScoreForm,
)
from enrollment.models import Completion
from enrollment.querysets import CompletionQuerySet
from enrollment.services.announcements import reach_of_closing
from enrollment.services.completion import Outcome, close_run, last_day, outcomes, outcomes_of
from enrollment.services.progress import Reach, progress_of
from enrollment.services.results import (
    grant_exception,
    propose_closing,
    recognise,
)
from enrollment.views.result_charts import attendance_chart, score_chart
from enrollment.views.shared import form_page, run_context, run_for_staff


@allow(*RUN_READERS)
def results_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    ended = run.state in (RunState.CLOSED, RunState.CANCELLED)
    may_manage = request.user.has_role(*RUN_MANAGERS)
    failed = run.enrollments.filter(state=EnrollmentState.NOT_COMPLETED)
    # After closing, only those who failed are previewed: they may re-sit.
    found = outcomes_of(run, failed) if ended else outcomes(run)
    closes_from = last_day(run) if not ended and last_day(run) > clock.today() else None
    context = run_context(request, run) | {
        "closes_from": closes_from,
        "is_closed": ended,
        "may_manage": may_manage,
        "may_act": may_manage and not ended,
        "rows": [(outcome, None) for outcome in found],
        "completing": formats.number(sum(outcome.completes for outcome in found)),
        "failing": formats.number(sum(not outcome.completes for outcome in found)),
        "results": _valid_results(run) if ended else [],
        "asks_score": run.course.minimum_score is not None or run.course.grading != "pass_fail",
        "is_office": request.user.has_role(Role.PROGRAMME_OFFICE),
        "scans": run.paper_evidence.all(),
        "scan_form": ScanForm() if may_manage else None,
    }
    context["attendance"] = attendance_chart(run)
    context["scores"] = score_chart(_scores(context)) if context["asks_score"] else None
    if closes_from:
        context |= _progress_so_far(run, found)
    if context["asks_score"] and context["may_act"]:
        context["score_file_form"] = ScoreFileForm()
        form = ScoreForm(enrollments=[outcome.enrollment for outcome in found])
        context["rows"] = [(one, form[f"score-{one.enrollment.pk}"]) for one in found]
    if run.course.recognised_by_office and context["is_office"] and not ended:
        existing = run.decisions.filter(kind=DecisionKind.RECOGNITION).first()
        context["decision_form"] = DecisionForm(instance=existing)
    if context["may_act"] and (context["is_office"] or not run.course.recognised_by_office):
        context["reach"] = reach_of_closing(run)
    return render(request, "enrollment/results.html", context)


def _scores(context: dict[str, Any]) -> list[Decimal]:
    """Of those who completed, and of those who have not (yet)."""
    rows = [*context["results"], *(outcome.enrollment for outcome, _field in context["rows"])]
    return [row.score for row in rows if row.score is not None]


def _progress_so_far(run: CourseRun, found: list[Outcome]) -> dict[str, Any]:
    known = progress_of(run)
    progress = {one.enrollment.pk: known.get(one.enrollment.pk, known[0]) for one in found}
    lost = sum(
        progress[one.enrollment.pk].reach is Reach.OUT_OF_REACH and not one.exception
        for one in found
    )
    return {
        "progress": progress,
        "within_reach": formats.number(len(found) - lost),
        "out_of_reach": formats.number(lost),
    }


def _valid_results(run: CourseRun) -> CompletionQuerySet:
    valid = Completion.objects.not_voided().filter(run=run).select_related("trainee")
    return valid.order_by("trainee__sort_key", "id")


@allow(Role.PROGRAMME_OFFICE)
def exception_page(
    request: AuthenticatedHttpRequest, code: str, enrollment_id: int
) -> HttpResponse:
    run = run_for_staff(request.user, code)
    enrollment = get_object_or_404(run.enrollments.select_related("trainee"), pk=enrollment_id)
    form = ExceptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with error_as_message(request, _("Exception recorded.")):
            grant_exception(by=request.user.as_actor(), enrollment=enrollment, **form.cleaned_data)
        return redirect("run_results", code)
    heading = _("Exception for %(name)s") % {"name": enrollment.trainee.full_name}
    return form_page(
        request,
        run,
        form,
        heading,
        _("Grant exception"),
        back="run_results",
        follows=_(
            "The person completes the class without meeting its rule. The exception cannot be "
            "withdrawn; it stays on record with your name and the reason."
        ),
    )


@allow(*RUN_MANAGERS)
@require_POST
def close(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    if run.course.recognised_by_office:
        return _close_with_recognition(request, run)
    with error_as_message(request):
        closing = close_run(by=request.user.as_actor(), run=run)
        counts = {
            "completed": formats.number(closing.completed),
            "failed": formats.number(closing.not_completed),
        }
        summary = _("Class closed: %(completed)s completed, %(failed)s did not.")
        messages.success(request, summary % counts)
    return redirect("run_results", code)


def _close_with_recognition(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    if not request.user.has_role(Role.PROGRAMME_OFFICE):
        with error_as_message(
            request, _("The results have been submitted to the programme office.")
        ):
            propose_closing(by=request.user.as_actor(), run=run)
        return redirect("run_results", run.code)
    existing = run.decisions.filter(kind=DecisionKind.RECOGNITION).first()
    form = DecisionForm(request.POST, request.FILES, instance=existing)
    with error_as_message(request, _("Results recognised and class closed.")):
        data = valid_data(form, _("A decision needs its number and symbol and its date."))
        recognise(by=request.user.as_actor(), run=run, **data)
    return redirect("run_results", run.code)
