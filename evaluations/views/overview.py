"""All evaluations with the yearly duty, and the forms."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.choices import RUN_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import allow
from common.downloads import XLSX, attachment
from common.form_errors import domain_errors_on, render_form
from evaluations.forms import FormVersionForm, YearForm
from evaluations.layouts import layout
from evaluations.models import EvaluatedTrainer, Evaluation, EvaluationForm
from evaluations.results import may_read_index, word_by
from evaluations.services.form_versions import publish_form
from evaluations.services.yearly import by_course, year_of
from evaluations.sheets import read_form, write_form

PAGE = 50


@allow(*RUN_READERS)
def evaluations_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Trainers see those of the classes that they teach; figures of a year are the office's."""
    form = YearForm(request.GET or None)
    year = (form.cleaned_data["year"] if form.is_valid() else None) or clock.today().year
    found = Evaluation.objects.visible_to(request.user).of_year(year).with_run()
    sees_all = request.user.reads_everything
    listed = found if sees_all else found.prefetch_related("trainers")
    page = Paginator(listed, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": YearForm(initial={"year": year}) if not form.is_bound else form,
        "year": year_of(year) if sees_all else None,
        "courses": by_course(found) if sees_all else (),
        "left_out": found.closed().filter(index=None).count() if sees_all else 0,
        "page": page,
        "rows": [_row(request, evaluation) for evaluation in page.object_list],
        "query": f"year={year}&",
        "shown_year": year,
    }
    return render(request, "evaluations/evaluations.html", context, status=_status(form))


def _status(form: YearForm) -> int:
    return 400 if form.errors else 200


def _row(request: AuthenticatedHttpRequest, evaluation: Evaluation) -> dict[str, Any]:
    seats = evaluation.seats_at_closing
    shown = evaluation.index if may_read_index(request.user, evaluation) else None
    return {
        "code": evaluation.run.code,
        "course": evaluation.run.course.title,
        "days": formats.days(evaluation.opens_on, evaluation.closes_on),
        "state": state_of(evaluation),
        "forms": formats.number(evaluation.valid),
        "invalid": formats.number(evaluation.invalid),
        "seats": formats.number(evaluation.run.seats_taken if seats is None else seats),
        "index": formats.decimal(shown) if shown is not None else "–",
        "level": word_by(evaluation.form)(shown) if shown is not None else "",
    }


def state_of(evaluation: Evaluation) -> tuple[str, str]:
    """A word and its tone."""
    if evaluation.closed_at:
        return (_("closed"), "") if not evaluation.is_hidden else (_("too few forms"), "wait")
    if clock.today() < evaluation.opens_on:
        return _("planned"), ""
    return _("open"), "good"


# Forms ----------------------------------------------------------------------------------


@allow(*RUN_READERS)
def forms_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    context = {
        "forms": EvaluationForm.objects.all(),
        "may_publish": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "evaluations/forms.html", context)


@allow(*RUN_READERS)
def form_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    form = get_object_or_404(EvaluationForm, pk=pk)
    example = EvaluatedTrainer(guest_name=_("each trainer of the class"))
    shown = layout(form, [example])
    bounds = [
        ("" if one.below is None else formats.decimal(one.below), one.word)
        for one in form.levels.all()
    ]
    context = {"form": form, "layout": shown, "levels": bounds}
    return render(request, "evaluations/form.html", context)


@allow(*RUN_READERS)
def form_file(request: AuthenticatedHttpRequest, pk: int) -> StreamingHttpResponse:
    form = get_object_or_404(EvaluationForm, pk=pk)
    headers = attachment(f"{form.slug}-{form.version}.xlsx")
    return StreamingHttpResponse(write_form(form), content_type=XLSX, headers=headers)


@allow(Role.PROGRAMME_OFFICE)
def new_form(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The next version of a form, or the first of another."""
    before = EvaluationForm.objects.current().order_by("pk").first()
    instance = EvaluationForm.objects.filter(slug=request.GET.get("form", "")).first() or before
    initial = (
        {name: getattr(instance, name) for name in FormVersionForm.Meta.fields} if instance else {}
    )
    form = FormVersionForm(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        details = {name: form.cleaned_data[name] for name in FormVersionForm.Meta.fields}
        with domain_errors_on(form):
            rows = read_form(form.cleaned_data["file"].read())
            made = publish_form(by=request.user.as_actor(), rows=rows, **details)
            text = _("Version %(version)s published.") % {"version": made.version}
            messages.success(request, text)
            return redirect("evaluation_form", made.pk)
    return render_form(request, "evaluations/new_form.html", {"form": form, "before": before})
