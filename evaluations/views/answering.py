"""Evaluating a class by its link: first who one is, then the form, then thanks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from common.access import ANYBODY, allow
from common.errors import DomainError
from evaluations.errors import EvaluationError
from evaluations.forms import AnswerForm, IdentityForm
from evaluations.limits import ANSWERERS, ANSWERERS_AS_SOMEBODY
from evaluations.models import Evaluation
from evaluations.services import answering as service


@allow(ANYBODY)
@never_cache
def answer_page(request: HttpRequest, token: str) -> HttpResponse:
    try:
        evaluation = service.evaluation_of_link(token)
    except DomainError as error:
        return _late(request, error.message)
    if request.method != "POST":
        return _page(request, evaluation, identity=IdentityForm())
    if "ticket" in request.POST:
        return _answered(request, evaluation)
    return _identified(request, evaluation)


def _late(request: HttpRequest, refused: str) -> HttpResponse:
    """What was typed stays on the page: nothing is lost without a word."""
    texts = [text for name, text in request.POST.items() if name.startswith("t-") and text]
    context = {"refused": refused, "texts": texts}
    return render(request, "evaluations/answer.html", context, status=400)


def _identified(request: HttpRequest, evaluation: Evaluation) -> HttpResponse:
    identity = IdentityForm(request.POST)
    try:
        if request.user.is_authenticated and "account" in request.POST:
            ticket = service.ticket_for_account(evaluation, request.user.pk)
        elif identity.is_valid():
            ticket = _ticket_by_name(request, evaluation, **identity.cleaned_data)
        else:
            return _page(request, evaluation, 400, identity=identity)
    except DomainError as error:
        if error.code == "already_answered":
            return _page(request, evaluation, 400, refused=error.message)
        return _page(request, evaluation, 400, identity=identity, problem=error.message)
    form = AnswerForm(layout=service.layout_to_answer(evaluation))
    return _form(request, evaluation, form, ticket)


def _ticket_by_name(
    request: HttpRequest, evaluation: Evaluation, *, name: str, last_digits: str
) -> str:
    may_try = ANSWERERS.allows(request, evaluation.pk)
    if not may_try or not ANSWERERS_AS_SOMEBODY.allows(request, evaluation.pk, name):
        text = _("Too many attempts. Please sign in instead, or ask the trainer.")
        raise EvaluationError("too_often", text)
    return service.ticket_by_name(evaluation, name=name, last_digits=last_digits)


def _answered(request: HttpRequest, evaluation: Evaluation) -> HttpResponse:
    ticket = request.POST["ticket"]
    form = AnswerForm(request.POST, layout=service.layout_to_answer(evaluation))
    if not form.is_valid():
        return _form(request, evaluation, form, ticket, 400)
    as_it_is = "as_it_is" in request.POST
    try:
        valid = service.hand_in(
            evaluation=evaluation, ticket=ticket, filled=form.filled(), as_it_is=as_it_is
        )
    except DomainError as error:
        if error.code == "already_answered":
            return _page(request, evaluation, 400, refused=error.message)
        form.add_error(None, error.message)
        again = {"incomplete": error.code == "incomplete", "expired": error.code == "old_ticket"}
        return _form(request, evaluation, form, ticket, 400, **again)
    return _page(request, evaluation, done=True, valid=valid)


def _form(
    request: HttpRequest,
    evaluation: Evaluation,
    form: AnswerForm,
    ticket: str,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"form": form, "sections": form.sections(), "ticket": ticket} | more
    return _page(request, evaluation, status, **context)


def _page(
    request: HttpRequest, evaluation: Evaluation, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"evaluation": evaluation, "run": evaluation.run}
    return render(request, "evaluations/answer.html", context, status=status)
