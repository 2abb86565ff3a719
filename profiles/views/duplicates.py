"""Pairs of rows that may be one person, merges and their undoing."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import formats
from common.access import allow
from common.form_errors import domain_errors_on, error_as_message, render_form
from counting.explanation import explain
from enrollment.models import Completion, Enrollment
from people.choices import CandidateState
from people.models import CandidatePair, Merge, Trainee
from people.querysets import resolved
from people.services.merges import merge, settle_pair, undo_merge
from profiles.forms import SamePersonForm

PAGE = 50
PAIR_TONES = {"open": "wait", "same": "good", "different": ""}


@allow(*OVERSEERS)
@never_cache
def pair_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    settled = "settled" in request.GET
    pairs = CandidatePair.objects.visible_to(request.user)
    pairs = pairs.exclude(state=CandidateState.OPEN) if settled else pairs.open()
    pairs = pairs.select_related("first__agency", "second__agency")
    page = Paginator(pairs, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "query": "settled&" if settled else "",
        "settled": settled,
        "tones": PAIR_TONES,
        "tabs": tabs("settled" if settled else "open"),
    }
    return render(request, "profiles/pairs.html", context)


def tabs(here: str) -> list[dict[str, Any]]:
    address = reverse("pairs")
    pages = [
        ("open", _("To be reviewed"), address),
        ("settled", _("Resolved"), f"{address}?settled"),
        ("merges", _("Merges"), reverse("merges")),
    ]
    return [
        {"label": label, "href": href, "is_current": name == here} for name, label, href in pages
    ]


def _facts(person: Trainee) -> dict[str, str]:
    return {
        _("Full name"): person.full_name,
        _("Birth date"): person.birth,
        _("Sex"): person.get_sex_display(),
        _("Personal number"): person.masked_number,
        _("Agency"): person.agency.name,
        _("Unit"): person.unit,
        _("Position"): person.position,
        _("E-mail address"): person.email,
        _("Phone"): person.phone,
        _("Date added"): formats.instant(person.recorded_at),
        # Of one person, whoever signs in with either reads both rows.
        _("Account"): person.user.sign_in_name if person.user else "",
    }


@allow(*OVERSEERS)
@never_cache
def pair_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    rows = CandidatePair.objects.visible_to(request.user).select_related(
        "first__agency", "first__user", "second__agency", "second__user"
    )
    pair = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        if not request.user.has_role(Role.PROGRAMME_OFFICE):
            raise PermissionDenied
        return _settle(request, pair)
    return _compared(request, pair, SamePersonForm(pair=pair))


def _compared(
    request: AuthenticatedHttpRequest, pair: CandidatePair, form: SamePersonForm
) -> HttpResponse:
    mine, theirs = _facts(pair.first), _facts(pair.second)
    context = {
        "pair": pair,
        "tones": PAIR_TONES,
        "facts": [(label, mine[label], theirs[label]) for label in mine],
        "runs": shared_runs([pair.first_id], [pair.second_id]),
        "effect": _effect(pair),
        "has_claim": _has_claim(pair),
        "has_account": bool(pair.first.user_id or pair.second.user_id),
        "form": form,
        "is_open": pair.state == CandidateState.OPEN,
        "may_settle": request.user.has_role(Role.PROGRAMME_OFFICE)
        and pair.state != CandidateState.SAME,
    }
    return render_form(request, "profiles/pair.html", context)


def shared_runs(ones: list[int], others: list[int]) -> list[dict[str, Any]]:
    """Classes of either person; ``clash``: both have an enrollment or result there."""
    sides: dict[str, dict[str, Any]] = defaultdict(lambda: {"one": [], "other": []})
    enrollments = Enrollment.objects.live().filter(trainee__in=[*ones, *others])
    for enrollment in enrollments.select_related("run").order_by("-run__starts_on", "id"):
        side = "one" if enrollment.trainee_id in ones else "other"
        sides[enrollment.run.code][side].append(enrollment.get_state_display())
    results = Completion.objects.not_voided().filter(trainee__in=[*ones, *others], enrollment=None)
    for result in results.select_related("run").order_by("-completed_on", "id"):
        side = "one" if result.trainee_id in ones else "other"
        sides[result.run.code][side].append(_("completed, from paper"))
    return [
        {
            "run": run,
            "one": ", ".join(map(str, found["one"])) or "–",
            "other": ", ".join(map(str, found["other"])) or "–",
            "clash": bool(found["one"] and found["other"]),
        }
        for run, found in sides.items()
    ]


def _has_claim(pair: CandidatePair) -> bool:
    """Whether one row has the number that the other was entered with."""
    one, other = (
        row.personal_number_digest or row.claimed_number_digest for row in (pair.first, pair.second)
    )
    return bool(one) and one == other


def _effect(pair: CandidatePair) -> str:
    if pair.state == CandidateState.SAME:
        return _("They are treated as one person.")
    if explain(pair.first.code).counted and explain(pair.second.code).counted:
        return _("Both are counted today: merging them lowers the number by one.")
    return _("The number does not change: at most one of them is counted.")


def _settle(request: AuthenticatedHttpRequest, pair: CandidatePair) -> HttpResponse:
    by = request.user.as_actor()
    if request.POST.get("action") == "different":
        if pair.state == CandidateState.SAME:
            messages.error(request, _("They have been merged: undo the merge first."))
            return redirect("merges")
        settle_pair(by=by, one=pair.first, other=pair.second, state=CandidateState.DIFFERENT)
        messages.success(request, _("Saved: these are two different people."))
        return redirect("pairs")
    form = SamePersonForm(request.POST, pair=pair)
    if form.is_valid():
        survivor = form.survivor()
        absorbed = pair.second if survivor == pair.first else pair.first
        with domain_errors_on(form):
            merge(by=by, survivor=survivor, absorbed=absorbed, reason=form.cleaned_data["reason"])
            messages.success(request, _("The two records have been merged."))
            return redirect("person", survivor.code)
    return _compared(request, pair, form)


@allow(*OVERSEERS)
@never_cache
def merge_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    merges = Merge.objects.visible_to(request.user).select_related("survivor", "absorbed")
    page = Paginator(merges.order_by("-recorded_at", "-id"), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "clashes": _runs_with_two_enrollments(),
        "tabs": tabs("merges"),
        "may_undo": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "profiles/merges.html", context)


def _runs_with_two_enrollments() -> list[dict[str, Any]]:
    """Merged people with two live enrollments in one class; the office withdraws one of them."""
    survivors = Merge.objects.not_undone().survivor_by_absorbed()
    everybody = {*survivors, *survivors.values()}
    enrollments = Enrollment.objects.live().filter(trainee__in=everybody)
    by_run: dict[tuple[int, str], list[str]] = defaultdict(list)
    for enrollment in enrollments.select_related("run", "trainee").order_by("id"):
        person = resolved(enrollment.trainee_id, survivors)
        by_run[person, enrollment.run.code].append(enrollment.trainee.code)
    doubled = {key: codes for key, codes in by_run.items() if len(codes) > 1}
    names = Trainee.objects.in_bulk({person for person, _run in doubled})
    return [
        {"run": run, "codes": ", ".join(codes), "name": names[person].full_name}
        for (person, run), codes in doubled.items()
    ]


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def undo(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Merge.objects.select_related("survivor", "absorbed"), pk=pk)
    with error_as_message(request, _("Merge undone: they are two people again.")):
        undo_merge(by=request.user.as_actor(), merge=found)
    return redirect("merges")
