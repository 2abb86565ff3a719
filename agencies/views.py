import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.fields import SHOWN, found_by_name
from agencies.forms import (
    AgencyFilter,
    AgencyForm,
    CoordinatorForm,
    DayForm,
    HandOverForm,
    SuccessionFileForm,
    SuccessionForm,
    VoidForm,
)
from agencies.limits import PARENTS_LOCK
from agencies.models import Agency, Coordinator, Succession, SuccessionLink
from agencies.services import (
    appoint_coordinator,
    correct_agency,
    end_term,
    enter_agency,
    hand_over,
    import_successions,
    record_succession,
    void_succession,
)
from agencies.sheets import read_successions
from common import clock
from common.access import SIGNED_IN, allow
from common.advisory_locks import lock_until_commit
from common.dates import parse_date
from common.errors import DomainError
from common.public_text import search_text, searched_by
from common.refusals import refusal_as_message, refusal_on
from common.registries import agency_scopes, agency_sections
from common.sorting import Sorting

PAGE = 50
# What higher apps show on an agency's page, in this order.
SECTIONS = ("overview", "tasks", "letters")
SORTED_BY = {
    "name": ("sort_key", "id"),
    "kind": ("kind", "sort_key", "id"),
    "identifier": ("identifier", "sort_key", "id"),
    "valid": ("valid_from", "sort_key", "id"),
}


@allow(SIGNED_IN)
@searched_by("q")
def agency_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    # The agencies of a day, by default today.
    form = AgencyFilter(request.GET or None)
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    day = data.get("on") or clock.today()
    agencies = Agency.objects.valid_on(day)
    if data.get("q"):
        agencies = agencies.matching(data["q"])
    asked = {name: request.GET[name] for name, value in data.items() if value}
    sorting = Sorting(request.GET, SORTED_BY, default="name", kept=asked)
    page = Paginator(agencies.order_by(*sorting.fields), PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "day": day,
        "narrowed": bool(data.get("q") or data.get("on")),
        "page": page,
        "sorting": sorting,
        "query": sorting.query,
        "may_record": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "agencies/list.html", context)


@allow(SIGNED_IN)
@searched_by("q")
def agency_options(request: AuthenticatedHttpRequest, scope: str) -> HttpResponse:
    """What a search field for an agency suggests; it sends its text under its own name."""
    if scope not in agency_scopes:
        raise Http404
    text = search_text(request.GET, request.headers.get("HX-Trigger-Name", "q"))
    found = found_by_name(agency_scopes[scope](request.user), text)[:SHOWN] if text else []
    return render(request, "agencies/options.html", {"found": found})


@allow(SIGNED_IN)
def agency_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    agency = get_object_or_404(Agency.objects.select_related("parent"), slug=slug)
    links = SuccessionLink.objects.select_related("succession", "predecessor", "successor")
    links = links.order_by("succession__on", "id")
    shown = (agency_sections[name](request.user, agency) for name in SECTIONS)
    context = {
        "agency": agency,
        "coordinators": _coordinators(request.user, agency),
        "before": [(link.predecessor, link.succession) for link in links.filter(successor=agency)],
        "after": [(link.successor, link.succession) for link in links.filter(predecessor=agency)],
        "departments": list(agency.departments.all()[:PAGE]),
        "may_record": request.user.has_role(Role.PROGRAMME_OFFICE),
        "sees_coordinators": request.user.reads_everything,
        "sections": list(filter(None, shown)),
    }
    return render(request, "agencies/agency.html", context)


def _coordinators(user: User, agency: Agency) -> list[Coordinator]:
    """Who acts for an agency today, to whoever is concerned."""
    if not Agency.objects.seen_by(user).filter(pk=agency.pk).exists():
        return []
    return list(agency.coordinators.acting().select_related("user").order_by("is_deputy", "pk"))


@allow(Role.PROGRAMME_OFFICE)
def new_agency(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AgencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            agency = enter_agency(by=request.user.as_actor(), **form.cleaned_data)
            messages.success(request, _("Agency added."))
            return redirect("agency", agency.slug)
    return _asked(request, form, _("New agency"))


@allow(Role.PROGRAMME_OFFICE)
@transaction.atomic
def correct_agency_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    is_sent = request.method == "POST"
    if is_sent:
        lock_until_commit(PARENTS_LOCK)  # before the row, as everywhere
    rows = Agency.objects.select_for_update() if is_sent else Agency.objects
    agency = get_object_or_404(rows, slug=slug)
    form = AgencyForm(request.POST or None, instance=agency)
    if is_sent and form.is_valid():
        with refusal_on(form), transaction.atomic():
            correct_agency(by=request.user.as_actor(), agency=agency, **form.cleaned_data)
            messages.success(request, _("Agency details corrected."))
            # Results that were recorded under the former kind are asked about there.
            return redirect("agency_kind" if "kind" in form.changed_data else "agency", slug)
    return _asked(request, form, _("Correct %(name)s") % {"name": agency.name})


def _asked(request: HttpRequest, form: AgencyForm, heading: str) -> HttpResponse:
    status = 400 if form.errors else 200
    context = {"form": form, "heading": heading}
    return render(request, "agencies/form.html", context, status=status)


@allow(Role.PROGRAMME_OFFICE)
def new_succession(request: AuthenticatedHttpRequest) -> HttpResponse:
    # The day is asked first, since it says which agencies the form offers.
    day, is_sent = _asked_day(request), request.method == "POST" and "find" not in request.POST
    sides = {name: request.POST.getlist(name) for name in ("predecessors", "successors")}
    typed = request.POST.dict() | sides | {"on": day.isoformat()}
    form = SuccessionForm(request.POST if is_sent else None, initial=typed)
    form.offer(day, request.POST)
    if form.is_valid():
        with refusal_on(form):
            record_succession(by=request.user.as_actor(), **form.action())
            messages.success(request, _("Succession recorded."))
            return redirect("agency", form.cleaned_data["successors"][0].slug)
    context = {
        "form": form,
        "day_form": DayForm(initial={"on": day}, auto_id="day_%s"),
        "file_form": SuccessionFileForm(),
        "day": day,
    }
    return render(request, "agencies/succession.html", context, status=400 if is_sent else 200)


def _asked_day(request: HttpRequest) -> Any:
    # The day asked for; today where it is no date or has no day before it.
    try:
        day = parse_date(request.POST.get("on") or request.GET.get("on") or "")
    except DomainError:
        return clock.today()
    return clock.today() if day == dt.date.min else day


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def successions_file(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = SuccessionFileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("Choose a file."))
        return redirect("new_succession")
    page = "new_succession"
    with refusal_as_message(request):
        rows = read_successions(form.cleaned_data["file"].read())
        counts = import_successions(by=request.user.as_actor(), rows=rows)
        text = _("Successions recorded: %(recorded)s, already present: %(already)s.")
        messages.success(request, text % counts)
        page = "agencies"
    return redirect(page)


@allow(Role.PROGRAMME_OFFICE)
def void_succession_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    succession = get_object_or_404(Succession.objects.not_voided(), pk=pk)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusal_as_message(request):
            void_succession(by=request.user.as_actor(), succession=succession, **form.cleaned_data)
            messages.success(request, _("Succession voided; it remains in the history."))
        return redirect("agencies")
    return render(request, "agencies/void.html", {"form": form, "succession": succession})


# Who acts for an agency -----------------------------------------------------------------


@allow(*OVERSEERS)
def coordinators(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    agency = get_object_or_404(Agency, slug=slug)
    return _coordinators_page(request, agency, CoordinatorForm(initial={"since": clock.today()}))


def _coordinators_page(
    request: AuthenticatedHttpRequest, agency: Agency, form: CoordinatorForm, status: int = 200
) -> HttpResponse:
    terms = agency.coordinators.select_related("user").order_by("is_deputy", "since", "pk")
    context = {
        "agency": agency,
        "terms": terms,
        "form": form,
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "agencies/coordinators.html", context, status=status)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def appoint(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    agency, form = get_object_or_404(Agency, slug=slug), CoordinatorForm(request.POST)
    if form.is_valid():
        with refusal_on(form):
            appoint_coordinator(by=request.user.as_actor(), agency=agency, **form.cleaned_data)
            messages.success(request, _("Coordinator appointed."))
            return redirect("coordinators", slug=slug)
    return _coordinators_page(request, agency, form, status=400)


@allow(Role.PROGRAMME_OFFICE)
def hand_over_page(request: AuthenticatedHttpRequest, slug: str, pk: int) -> HttpResponse:
    terms = Coordinator.objects.select_related("user", "agency")
    term = get_object_or_404(terms, pk=pk, agency__slug=slug)
    form = HandOverForm(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        with refusal_on(form):
            _hand_over(request.user, term, form.cleaned_data)
            messages.success(request, _("Handover recorded."))
            return redirect("coordinators", slug=slug)
    context = {"term": term, "agency": term.agency, "form": form}
    status = 400 if form.is_bound else 200
    return render(request, "agencies/hand_over.html", context, status=status)


def _hand_over(user: User, term: Coordinator, asked: dict[str, Any]) -> None:
    if asked["email"]:
        hand_over(by=user.as_actor(), term=term, **asked)
    else:
        end_term(by=user.as_actor(), term=term, on=asked["on"] - dt.timedelta(days=1))
