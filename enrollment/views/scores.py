"""Scores typed on the page, or in a workbook."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow
from common.downloads import XLSX, attachment
from common.form_errors import error_as_message, valid_data
from enrollment.forms import ScoreFileForm, ScoreForm
from enrollment.services.results import record_scores
from enrollment.sheets.scores import read_scores, write_scores
from enrollment.views.shared import run_for_staff

MAX_MESSAGES = 20


@allow(*RUN_MANAGERS)
@require_POST
def save_scores(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """Blank scores change nothing."""
    run = run_for_staff(request.user, code)
    form = ScoreForm(
        request.POST, enrollments=run.enrollments.filter(state="enrolled").select_related("trainee")
    )
    with error_as_message(request, _("Scores saved.")):
        data = valid_data(form, _("A score must be between 0 and 10."))
        scores: dict[int, Decimal] = {
            int(name.removeprefix("score-")): score
            for name, score in data.items()
            if score is not None
        }
        record_scores(by=request.user.as_actor(), run=run, scores=scores)
    return redirect("run_results", code)


@allow(*RUN_MANAGERS)
def score_sheet(request: AuthenticatedHttpRequest, code: str) -> HttpResponseBase:
    run = run_for_staff(request.user, code)
    headers = attachment(f"scores-{run.code}.xlsx")
    return StreamingHttpResponse(write_scores(run), content_type=XLSX, headers=headers)


@allow(*RUN_MANAGERS)
@require_POST
def take_scores(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """Read scores from an uploaded workbook: all of them, or none and what to correct."""
    run = run_for_staff(request.user, code)
    form = ScoreFileForm(request.POST, request.FILES)
    with error_as_message(request):
        file = valid_data(form, _("Choose a file."))["file"]
        scores, problems = read_scores(file.read(), run)
        for problem in problems[:MAX_MESSAGES]:
            messages.error(request, problem)
        if problems:
            messages.error(
                request, _("No scores were saved: correct the file and upload it again.")
            )
        else:
            new_count = record_scores(by=request.user.as_actor(), run=run, scores=scores)
            counts = {"scores": formats.number(len(scores)), "new": formats.number(new_count)}
            summary = _("Scores read: %(scores)s, of them new: %(new)s.") % counts
            messages.success(request, summary)
    return redirect("run_results", code)
