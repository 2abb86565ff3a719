"""What is used at work: answering, figures, examples, the rule."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import OVERSEERS, PEOPLE_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from audit.services import Actor
from common import clock, formats
from common.access import ANYBODY, allow
from common.errors import DomainError
from common.form_errors import domain_errors_on, render_form
from courses.models import Course
from evaluations.choices import ExampleState, Respondent
from evaluations.forms import EffectFilterForm, ExampleForm, FollowUpForm, ManagerForm, RuleForm
from evaluations.models import Evaluation, FollowUp, LineManager
from evaluations.results import FEWEST_ANSWERS, effect_by
from evaluations.services.answering import link_to
from evaluations.services.follow_ups import (
    answer,
    decide_example,
    follow_up_of_link,
    name_manager,
    require_open,
    rule_in_force,
    set_rule,
)
from people.querysets import trainee_of

PAGE = 30
TONES = {
    ExampleState.SUBMITTED: "wait",
    ExampleState.PUBLISHED: "good",
    ExampleState.ACCEPTED: "good",
    ExampleState.DECLINED: "bad",
}
_RELATED = ("completion__run__course", "completion__trainee", "completion__sending_agency")


# Answering ------------------------------------------------------------------------------


@allow(Role.TRAINEE)
def my_follow_ups(request: AuthenticatedHttpRequest) -> HttpResponse:
    own = FollowUp.objects.of_user(request.user.pk).select_related(*_RELATED)
    person = trainee_of(request.user)
    context = {
        "evaluations": [
            (evaluation.run, link_to(evaluation))
            for evaluation in Evaluation.objects.waiting_for(request.user.pk).with_run()
        ],
        "open": [one for one in own if one.is_open],
        "answered": own.exclude(answered_at=None),
        "manager": LineManager.objects.filter(trainee=person).first() if person else None,
        "person": person,
    }
    return render(request, "evaluations/my_follow_ups.html", context)


@allow(Role.TRAINEE)
def answer_follow_up(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    own = FollowUp.objects.of_user(request.user.pk).select_related(*_RELATED)
    follow_up = get_object_or_404(own, pk=pk)
    return _answer_page(request, follow_up, request.user.as_actor())


@allow(ANYBODY)
@never_cache
def follow_up_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """For those without an account: a trainee, or somebody's manager."""
    try:
        follow_up = follow_up_of_link(token)
    except DomainError as error:
        context = {"refused": error.message}
        return render(request, "evaluations/follow_up.html", context, status=400)
    actor = Actor(None, f"{follow_up.respondent} of follow-up {follow_up.pk}")
    return _answer_page(request, follow_up, actor)


def _answer_page(request: HttpRequest, follow_up: FollowUp, actor: Actor) -> HttpResponse:
    context: dict[str, Any] = {"follow_up": follow_up, "run": follow_up.completion.run}
    context["of_manager"] = follow_up.respondent == Respondent.MANAGER
    try:
        require_open(follow_up)
    except DomainError as error:
        context["refused"] = error.message
        return render(request, "evaluations/follow_up.html", context, status=400)
    form = FollowUpForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        file = data.pop("file")
        sent = (file.name, file.read()) if file else None
        with domain_errors_on(form):
            answer(by=actor, follow_up=follow_up, file=sent, **data)
            return render(request, "evaluations/follow_up.html", context | {"done": True})
    return render_form(request, "evaluations/follow_up.html", context | {"form": form})


@allow(Role.TRAINEE)
def my_manager(request: AuthenticatedHttpRequest) -> HttpResponse:
    person = trainee_of(request.user)
    if person is None:
        raise Http404
    known = LineManager.objects.filter(trainee=person).first()
    initial = {"full_name": known.full_name, "email": known.email} if known else {}
    form = ManagerForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        name_manager(by=request.user.as_actor(), trainee=person, **form.cleaned_data)
        messages.success(request, _("Saved: your manager will be asked too."))
        return redirect("my_follow_ups")
    return render_form(request, "evaluations/manager.html", {"form": form})


# Figures --------------------------------------------------------------------------------


@allow(*PEOPLE_READERS)
def effect_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    sees_all = request.user.reads_everything
    form = EffectFilterForm(request.GET or None) if sees_all else None
    rows = FollowUp.objects.visible_to(request.user).filter(**(form.narrowing() if form else {}))
    figures = partial(_figures, rows=rows, reader=request.user)
    context = {
        "form": form,
        "total": figures("respondent", dict(Respondent.choices)),
        "courses": figures("completion__run__course", _courses()),
        "agencies": figures("completion__sending_agency", _agencies(rows)),
        "fewest": FEWEST_ANSWERS,
        "rule": rule_in_force(),
        "is_narrowed": bool(form and request.GET),
        "may_set": request.user.has_role(Role.PROGRAMME_OFFICE),
        "sees_all": sees_all,
    }
    return render(
        request, "evaluations/effect.html", context, status=400 if form and form.errors else 200
    )


def _courses() -> dict[int, str]:
    return {course.pk: str(course) for course in Course.objects.all()}


def _agencies(rows: Any) -> dict[int, str]:
    keys = rows.order_by().values("completion__sending_agency")
    return {agency.pk: agency.name for agency in Agency.objects.filter(pk__in=keys)}


def _figures(key: str, names: dict[Any, Any], *, rows: Any, reader: User) -> list[tuple[Any, ...]]:
    """A row for ``table_rows``: the name and four figures, most asked first."""
    columns = ("asked", "answered", "uses_it", "with_example")
    return [
        (names[row[key]], *(_number(row[column]) for column in columns))
        for row in sorted(
            effect_by(key, rows, reader), key=lambda row: (-row["asked"], str(names[row[key]]))
        )
    ]


def _number(value: int | None) -> str:
    return "–" if value is None else formats.number(value)


# Examples and rule ----------------------------------------------------------------------


@allow(*OVERSEERS)
def examples_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Those to decide on first."""
    found = FollowUp.objects.examples().select_related(*_RELATED)
    waiting = found.filter(example_state=ExampleState.SUBMITTED).order_by("answered_at", "pk")
    decided = found.exclude(example_state=ExampleState.SUBMITTED).order_by("-decided_at", "-pk")
    page = Paginator(decided, PAGE).get_page(request.GET.get("page"))
    context = {
        "waiting": [_example(one) for one in waiting[: PAGE * 4]],
        "page": page,
        "decided": [_example(one) for one in page.object_list],
        "may_decide": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "evaluations/examples.html", context)


def _example(one: FollowUp) -> dict[str, Any]:
    return {"one": one, "tone": TONES[ExampleState(one.example_state)]}


@allow(*OVERSEERS)
def example_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    found = FollowUp.objects.examples().select_related(*_RELATED)
    one = get_object_or_404(found, pk=pk)
    initial = {
        "public_title": one.public_title or one.completion.run.course.title_vi[:150],
        "public_text": one.public_text or one.example,
        "note": one.decision_note,
        "state": "" if one.example_state == ExampleState.SUBMITTED else one.example_state,
    }
    may_decide = request.user.has_role(Role.PROGRAMME_OFFICE)
    if request.method == "POST" and not may_decide:
        raise PermissionDenied
    form = ExampleForm(request.POST or None, initial=initial) if may_decide else None
    if form and request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            decide_example(by=request.user.as_actor(), follow_up=one, **form.cleaned_data)
            messages.success(request, _("Decision recorded."))
            return redirect("effect_examples")
    return render_form(request, "evaluations/example.html", _example(one) | {"form": form})


@allow(*OVERSEERS)
def example_file(request: AuthenticatedHttpRequest, pk: int) -> FileResponse:
    """Always a download: an uploaded file is never shown in the page."""
    one = get_object_or_404(FollowUp.objects.examples().exclude(file=""), pk=pk)
    return FileResponse(
        one.file.open(),
        as_attachment=True,
        filename=(one.file.name or "").rpartition("/")[2],
        content_type="application/octet-stream",
    )


@allow(ANYBODY)
def published_examples(request: HttpRequest) -> HttpResponse:
    """In the words of the office, without the people."""
    found = FollowUp.objects.published().select_related(*_RELATED)
    page = Paginator(found.order_by("-decided_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    return render(request, "evaluations/published.html", {"page": page})


@allow(Role.PROGRAMME_OFFICE)
def rule_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    rule = rule_in_force()
    initial = {
        "months": ", ".join(map(str, rule.months)),
        "reminders": rule.reminders,
        "days_between": rule.days_between,
        "days_open": rule.days_open,
    }
    form = RuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            set_rule(by=request.user.as_actor(), **form.cleaned_data)
            messages.success(request, _("Saved; it applies from today."))
            return redirect("effect")
    context = {"form": form, "today": formats.day(clock.today())}
    return render_form(request, "evaluations/rule.html", context)
