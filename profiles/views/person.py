from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from common.access import allow
from common.errors import DomainError
from common.form_errors import domain_errors_on, render_form
from common.public_text import ReasonForm
from counting.explanation import explain
from enrollment.services.people import people_openable_by
from people.forms import PersonForm
from people.limits import NUMBERS
from people.models import CandidatePair, Merge, Trainee, Transfer
from people.querysets import rows_of
from people.services.corrections import correct, reveal_number, transfer
from profiles.forms import TransferForm
from profiles.limits import REVEALS
from profiles.training_status import TrainingStatuses
from profiles.views.people import STATUS_TONES
from profiles.views.time_line import time_line


@allow(*STAFF)
@never_cache
def person_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    openable = people_openable_by(request.user).select_related("agency")
    person: Trainee = get_object_or_404(openable, code=code)
    # Rows merged into the person are shown as theirs.
    rows = rows_of(person.pk, Merge.objects.not_undone().survivor_by_absorbed())
    is_known = Trainee.objects.visible_to(request.user).filter(pk=person.pk).exists()
    context: dict[str, Any] = {
        "person": person,
        "is_known": is_known,
        "survivor": _survivor(request.user, person, rows),
    }
    if is_known:
        context |= _facts(request.user, person)
    if request.user.reads_everything:
        context |= _doubles(person, rows)
    moves, merges = context.get("moves", []), context.get("merges", [])
    context["events"] = time_line(request.user, rows, moves, merges)
    return render(request, "profiles/person.html", context)


def _facts(user: User, person: Trainee) -> dict[str, Any]:
    moves = Transfer.objects.filter(trainee=person).select_related("from_agency", "to_agency")
    return {
        "status": TrainingStatuses().of([person.pk])[person.pk],
        "status_tones": STATUS_TONES,
        "moves": moves.order_by("-moved_on", "-id"),
        "counting": _counting(person),
        "may_correct": _may_correct(user, person),
        "may_move": user.has_role(Role.PROGRAMME_OFFICE) and not person.erased_at,
        "reason_form": ReasonForm(),
    }


def _survivor(user: User, person: Trainee, rows: list[int]) -> Trainee | None:
    """The row into which this one was merged, if the visitor may see it."""
    if rows[0] == person.pk:
        return None
    found: Trainee | None = Trainee.objects.visible_to(user).filter(pk=rows[0]).first()
    return found


def _may_correct(user: User, person: Trainee) -> bool:
    manageable = Trainee.objects.manageable_by(user).filter(pk=person.pk)
    return not person.erased_at and manageable.exists()


def _counting(person: Trainee) -> dict[str, str]:
    found = explain(person.code)
    if found.first is None:
        return {"text": " ".join(reason.message for reason in found.reasons), "tone": ""}
    text = _("Counted since %(day)s, class %(run)s, credited to %(agency)s.")
    values = {
        "day": formats.day(found.since),
        "run": found.first.run.code,
        "agency": found.first.sending_agency.name,
    }
    return {"text": text % values, "tone": "good"}


def _doubles(person: Trainee, rows: list[int]) -> dict[str, Any]:
    pairs = CandidatePair.objects.open().filter(Q(first=person.pk) | Q(second=person.pk))
    merges = Merge.objects.not_undone().filter(absorbed__in=rows)
    return {
        "pairs": pairs.select_related("first", "second"),
        "merges": merges.select_related("absorbed"),
    }


@allow(*PEOPLE_MANAGERS)
@never_cache
def correct_person(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    person = _kept(request.user, code)
    if request.method != "POST":
        return _correction(request, person, PersonForm.showing(person))
    form = PersonForm(request.POST)
    if not form.is_valid():
        return _correction(request, person, form, status=400)
    if _sends_too_many_numbers(request.user, form):
        return render(request, "429.html", status=429)
    return _correct(request, person, form)


def _correct(request: AuthenticatedHttpRequest, person: Trainee, form: PersonForm) -> HttpResponse:
    known = Trainee.objects.visible_to(request.user)
    seen, by = form.cleaned_data["seen"], request.user.as_actor()
    try:
        correct(by=by, trainee=person, seen=seen, values=form.values(), known=known)
    except DomainError as error:
        messages.error(request, error.message)
        if error.code != "edited_meanwhile":
            return _correction(request, person, form, status=400)
        person.refresh_from_db()
        return _correction(request, person, PersonForm.showing(person), status=409)
    messages.success(request, _("Corrected."))
    return redirect("person", person.code)


def _correction(
    request: AuthenticatedHttpRequest, person: Trainee, form: PersonForm, status: int = 200
) -> HttpResponse:
    context = {"form": form, "person": person, "heading": _("Correct details"), "label": _("Save")}
    return render(request, "profiles/form.html", context, status=status)


def _sends_too_many_numbers(user: User, form: PersonForm) -> bool:
    return bool(form.values().get("personal_number")) and not NUMBERS.allows(None, user.pk)


def _kept(user: User, code: str) -> Trainee:
    return get_object_or_404(Trainee.objects.manageable_by(user), code=code)


@allow(Role.PROGRAMME_OFFICE)
@never_cache
def transfer_person(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    person = get_object_or_404(Trainee.objects.select_related("agency"), code=code)
    form = TransferForm(request.POST or None)
    if form.is_valid():
        with domain_errors_on(form):
            transfer(by=request.user.as_actor(), trainee=person, **form.cleaned_data)
            messages.success(request, _("Transfer recorded."))
            return redirect("person", code)
    context = {
        "form": form,
        "person": person,
        "heading": _("Transfer to another agency"),
        "note": _(
            "Current agency: %(agency)s. It will still see the enrollments it made, but "
            "nothing else."
        )
        % {"agency": person.agency.name},
        "label": _("Record transfer"),
    }
    return render_form(request, "profiles/form.html", context)


@allow(*PEOPLE_MANAGERS)
@require_POST
@never_cache
def reveal(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    person = _kept(request.user, code)
    form = ReasonForm(request.POST)
    context: dict[str, Any] = {"person": person, "form": form}
    status = 200
    if not form.is_valid():
        status = 400
    elif not REVEALS.allows(request, request.user.pk):
        context["refusal"] = _("You have viewed many numbers within an hour; please wait a while.")
        status = 429
    else:
        try:
            context["number"] = reveal_number(
                by=request.user.as_actor(), trainee=person, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            context["refusal"], status = error.message, 400
    return render(request, "profiles/number.html", context, status=status)
