"""The evaluation of one class: planned, opened, entered from paper, closed, read."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import RUN_MANAGERS, RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow
from common.downloads import PDF, XLSX, attachment
from common.errors import DomainError
from common.form_errors import domain_errors_on, error_as_message, render_form, valid_data
from common.qr import qr_svg
from courses.models import CourseRun
from enrollment.views.shared import run_context, run_for_staff
from evaluations.forms import AnswerForm, PlanForm, ReasonForm, SheetForm, default_closing
from evaluations.layouts import FilledForm, Layout, layout_of
from evaluations.models import Evaluation, EvaluationForm, FreeText
from evaluations.pdf import paper_form, report_pdf
from evaluations.results import Results, may_read, results_for
from evaluations.services.answering import link_to
from evaluations.services.evaluations import (
    close_evaluation,
    lay_out,
    people_of,
    plan_evaluation,
)
from evaluations.services.paper import discard_paper_forms, enter_paper_forms
from evaluations.services.texts import hold_back_text, release_text
from evaluations.sheets import read_paper_sheet, write_paper_sheet, write_results
from evaluations.views.overview import state_of

MAX_MESSAGES = 20
MOST_TEXTS = 500


def _evaluation(run: CourseRun) -> Evaluation:
    return get_object_or_404(Evaluation.objects.with_run(), run=run)


@allow(*RUN_READERS)
def evaluation_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    evaluation = Evaluation.objects.with_run().filter(run=run).first()
    context = run_context(request, run) | {
        "evaluation": evaluation,
        "may_manage": request.user.has_role(*RUN_MANAGERS),
        "enters_paper": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    if evaluation:
        people, link = evaluation.seats_at_closing, link_to(evaluation)
        people = people_of(run) if people is None else people
        context |= {
            "state": state_of(evaluation),
            "days": formats.days(evaluation.opens_on, evaluation.closes_on),
            "seats": formats.number(people),
            "more_forms_than_people": evaluation.forms > people,
            "link": link,
            "qr": qr_svg(link) if evaluation.closed_at is None else "",
            "may_see": may_read(request.user, evaluation),
            "sheet": SheetForm(),
            "discard": ReasonForm(auto_id="discard_%s"),
            "entries": evaluation.entries.all()[:MAX_MESSAGES],
        }
    return render(request, "evaluations/run.html", context)


@allow(*RUN_MANAGERS)
def plan_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code)
    evaluation = Evaluation.objects.with_run().filter(run=run).first()
    default = EvaluationForm.objects.current().order_by("pk").first()
    initial = {
        "form": evaluation.form_id if evaluation else default and default.pk,
        "opens_on": evaluation.opens_on if evaluation else run.ends_on,
        "closes_on": evaluation.closes_on if evaluation else default_closing(run.ends_on, default),
    }
    form = PlanForm(request.POST or None, initial=initial, evaluation=evaluation)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            plan_evaluation(by=request.user.as_actor(), run=run, **form.cleaned_data)
            messages.success(request, _("Evaluation planned."))
            return redirect("run_evaluation", code)
    context = run_context(request, run) | {"form": form, "evaluation": evaluation}
    return render_form(request, "evaluations/plan.html", context)


@allow(*RUN_MANAGERS)
@require_POST
def close_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    evaluation = _evaluation(run_for_staff(request.user, code))
    with error_as_message(request, _("Evaluation closed. Its results are calculated.")):
        close_evaluation(by=request.user.as_actor(), evaluation=evaluation)
    return redirect("run_evaluation", code)


# On paper -------------------------------------------------------------------------------


def _laid_out(evaluation: Evaluation) -> Layout:
    if evaluation.closed_at is None:
        lay_out(evaluation)
    return layout_of(evaluation)


@allow(*RUN_MANAGERS)
@require_POST
def paper_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """By POST: the first one fixes the trainers whom the form names."""
    evaluation = _evaluation(run_for_staff(request.user, code))
    content = paper_form(evaluation, _laid_out(evaluation), link_to(evaluation))
    headers = {"Content-Disposition": f'inline; filename="evaluation-{evaluation.run.code}.pdf"'}
    return HttpResponse(content, content_type=PDF, headers=headers)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def sheet_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponseBase:
    evaluation = _evaluation(run_for_staff(request.user, code))
    content = write_paper_sheet(_laid_out(evaluation))
    headers = attachment(f"evaluation-{evaluation.run.code}.xlsx")
    return StreamingHttpResponse(content, content_type=XLSX, headers=headers)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def take_sheet(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """All forms of a workbook, or none and what to correct."""
    evaluation = _evaluation(run_for_staff(request.user, code))
    form = SheetForm(request.POST, request.FILES)
    with error_as_message(request):
        content = valid_data(form, _("Choose a file."))["file"].read()
        filled, problems = read_paper_sheet(content, _laid_out(evaluation))
        for problem in problems[:MAX_MESSAGES]:
            messages.error(request, problem)
        if problems:
            text = _("No form was entered: correct the file and upload it again.")
            messages.error(request, text)
        else:
            key = hashlib.sha256(content).hexdigest()
            _enter(request, evaluation, filled, key)
    return redirect("run_evaluation", code)


def _enter(
    request: AuthenticatedHttpRequest,
    evaluation: Evaluation,
    filled: Sequence[FilledForm],
    key: str,
) -> None:
    actor = request.user.as_actor()
    entered = enter_paper_forms(by=actor, evaluation=evaluation, filled=filled, key=key)
    text = _("%(valid)s valid forms entered, %(invalid)s invalid.")
    values = {
        "valid": formats.number(entered.valid),
        "invalid": formats.number(entered.invalid),
    }
    messages.success(request, text % values)


@allow(Role.PROGRAMME_OFFICE)
def type_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """One form after the other; the page's own key keeps a second click from counting twice."""
    run = run_for_staff(request.user, code)
    evaluation = _evaluation(run)
    if "begin" in request.POST:
        _laid_out(evaluation)
        return redirect("type_evaluation", code)
    if not evaluation.is_laid_out or evaluation.closed_at:
        return redirect("run_evaluation", code)
    form = AnswerForm(request.POST or None, layout=layout_of(evaluation))
    key = request.POST.get("key", "")[:64] or uuid.uuid4().hex
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            _enter(request, evaluation, [form.filled()], key)
            return redirect("type_evaluation", code)
    context = run_context(request, run) | {
        "form": form, "sections": form.sections(), "key": key, "evaluation": evaluation
    }  # fmt: skip
    return render_form(request, "evaluations/type.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def discard_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    evaluation = _evaluation(run_for_staff(request.user, code))
    form = ReasonForm(request.POST)
    with error_as_message(request, _("The forms from paper are taken back: enter them again.")):
        reason = valid_data(form, _("Give the reason."))["reason"]
        discard_paper_forms(by=request.user.as_actor(), evaluation=evaluation, reason=reason)
    return redirect("run_evaluation", code)


# Results --------------------------------------------------------------------------------


@allow(*RUN_READERS)
def results_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = run_for_staff(request.user, code, reading=True)
    evaluation = _evaluation(run)
    context = run_context(request, run) | {"evaluation": evaluation, "results": None}
    if may_read(request.user, evaluation):
        results = results_for(request.user, evaluation)
        context |= {
            "results": results,
            "texts": _texts(results, sees_held_back=request.user.reads_everything),
            "may_hold_back": request.user.has_role(Role.PROGRAMME_OFFICE),
        }
    return render(request, "evaluations/results.html", context)


def _texts(results: Results, *, sees_held_back: bool) -> list[tuple[str, list[FreeText]]]:
    """By question; none of an evaluation whose results are hidden."""
    if results.is_hidden:
        return []
    texts = results.evaluation.texts.all()
    rows = list((texts if sees_held_back else texts.shown()).order_by("pk"))
    by_key: dict[tuple[int, int | None], list[FreeText]] = {}
    for one in rows:
        by_key.setdefault((one.item_id, one.trainer_id), []).append(one)
    return [
        (f"{section.section.title}: {prompt.item.text}", found[:MOST_TEXTS])
        for section in results.sections
        for prompt in section.section.questions
        if (found := by_key.get((prompt.key.item, prompt.key.trainer)))
    ]


@allow(*RUN_READERS)
def report_file(request: AuthenticatedHttpRequest, code: str, form: str) -> HttpResponseBase:
    evaluation = _evaluation(run_for_staff(request.user, code, reading=True))
    if not may_read(request.user, evaluation):
        raise PermissionDenied(_("Results are shown when the evaluation and its class are closed."))
    # The paper is in Vietnamese alone, also its levels and titles, which are worded here.
    with override("vi" if form == "pdf" else get_language()):
        results = results_for(request.user, evaluation)
        texts = [
            (title, [one.text for one in found])
            for title, found in _texts(results, sees_held_back=False)
        ]
    name = f"evaluation-{evaluation.run.code}.{form}"
    if form == "pdf":
        return HttpResponse(report_pdf(results, texts), content_type=PDF, headers=attachment(name))
    listed = [("", f"{title}: {text}") for title, found in texts for text in found]
    content = write_results(results, listed)
    return StreamingHttpResponse(content, content_type=XLSX, headers=attachment(name))


@allow(Role.PROGRAMME_OFFICE)
def text_page(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Hold a free text back with a reason, or show it again."""
    rows = FreeText.objects.select_related("evaluation__run", "evaluation__form", "item")
    text = get_object_or_404(rows, pk=pk, evaluation__closed_at__isnull=False)
    if text.evaluation.is_hidden:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST":
        if text.held_back_at:
            with error_as_message(request, _("The text is shown again.")):
                release_text(by=request.user.as_actor(), text=text)
            return redirect("evaluation_results", text.evaluation.run.code)
        if form.is_valid() and _held_back(request, text, form):
            return redirect("evaluation_results", text.evaluation.run.code)
    context: dict[str, Any] = {"text": text, "form": form, "run": text.evaluation.run}
    return render_form(request, "evaluations/text.html", context)


def _held_back(request: AuthenticatedHttpRequest, text: FreeText, form: ReasonForm) -> bool:
    try:
        hold_back_text(by=request.user.as_actor(), text=text, reason=form.cleaned_data["reason"])
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    messages.success(request, _("The text is held back."))
    return True
