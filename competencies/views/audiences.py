"""Audiences: who belongs to them, what they should have learnt, who of each agency has not yet."""

import datetime as dt
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.choices import PEOPLE_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from agencies.models import Agency
from common import clock, formats
from common.access import allow
from common.downloads import XLSX, attachment
from common.form_errors import domain_errors_on, render_form
from competencies.forms import AsOfForm, AudienceForm, AudiencesFileForm
from competencies.models import Audience, AudienceRule
from competencies.progress import AgencyPart, by_agency, requirements_of, rule_in_force
from competencies.services.audience_rows import drafts_of_rows, import_audiences
from competencies.services.audiences import change_audience, enter_audience
from competencies.sheets import read_audiences, write_audiences
from people.models import Trainee

PAGE = 100
MAX_PROBLEMS = 50


@allow(*PEOPLE_READERS)
@require_GET
def audiences_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    rules = AudienceRule.objects.in_force(clock.today()).with_requirements()
    by_audience = {rule.audience_id: rule for rule in rules}
    context = {
        "audiences": [
            (one, rule and conditions_of(rule), rule and list(map(str, requirements_of(rule))))
            for one in Audience.objects.all()
            for rule in [by_audience.get(one.pk)]
        ],
        "may_manage": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "competencies/audiences.html", context)


def conditions_of(rule: AudienceRule) -> list[tuple[str, str]]:
    """What makes somebody a member, in words; nothing: everybody is."""
    found = (
        (_("Position contains one of"), rule.positions),
        (_("Position contains none of"), rule.positions_not),
        (_("Unit contains one of"), rule.units),
        (_("Kind of agency"), rule.agency_kind_labels()),
        (_("Official or expert"), rule.trainee_kind_labels()),
    )
    return [(label, ", ".join(values)) for label, values in found if values]


@allow(*PEOPLE_READERS)
@require_GET
def audience_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Figures of the people whom the reader may see, by the agency of that day."""
    audience = get_object_or_404(Audience, slug=slug)
    form = AsOfForm(request.GET or None)
    day = (form.cleaned_data["as_of"] if form.is_valid() else None) or clock.today()
    rule = rule_in_force(slug, day)
    parts = by_agency(rule, day, Trainee.objects.visible_to(request.user)) if rule else []
    page = Paginator(_rows(parts, slug, day), PAGE).get_page(request.GET.get("page"))
    context = {
        "audience": audience,
        "form": form if form.is_bound else AsOfForm(initial={"as_of": day}),
        "day": formats.day(day),
        "rule": rule,
        "conditions": conditions_of(rule) if rule else [],
        "requirements": [str(one) for one in requirements_of(rule)] if rule else [],
        "rules": [
            (formats.day(one.first_day), conditions_of(one), one) for one in audience.rules.all()
        ],
        "members": formats.number(sum(part.members for part in parts)),
        "lacking": formats.number(sum(part.lacking for part in parts)),
        "page": page,
        "query": f"as_of={day.isoformat()}&",
        "people": f"{reverse('people')}?{urlencode({'untrained': slug})}",
        "may_manage": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    status = 400 if form.errors else 200
    return render(request, "competencies/audience.html", context, status=status)


def _rows(parts: list[AgencyPart], slug: str, day: dt.date) -> list[dict[str, Any]]:
    """Those with most people to train first; lists of names are of today."""
    agencies = Agency.objects.in_bulk([part.agency for part in parts])
    people, is_today = reverse("people"), day == clock.today()
    rows = []
    for part in sorted(parts, key=lambda one: (-one.lacking, agencies[one.agency].sort_key)):
        agency = agencies[part.agency]
        query = urlencode({"untrained": slug, "agency": agency.slug})
        rows.append(
            {
                "agency": agency.name,
                "href": f"{people}?{query}" if is_today and part.lacking else "",
                "members": formats.number(part.members),
                "trained": formats.number(part.trained),
                "lacking": formats.number(part.lacking),
            }
        )
    return rows


@allow(Role.PROGRAMME_OFFICE)
def new_audience(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AudienceForm(request.POST or None, audience=None)
    if form.is_valid():
        data = form.cleaned_data
        about = {name: data[name] for name in ("slug", "title_vi", "title_en", "first_day")}
        with domain_errors_on(form):
            made = enter_audience(by=request.user.as_actor(), content=form.content(), **about)
            messages.success(request, _("Audience added."))
            return redirect("audience", made.slug)
    return _asked(request, form, _("New audience"), reverse("audiences"))


@allow(Role.PROGRAMME_OFFICE)
def change_audience_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    audience = get_object_or_404(Audience, slug=slug)
    rules = audience.rules.with_requirements().order_by("first_day", "pk")
    initial = AudienceForm.initial_of(audience, rules.last())
    form = AudienceForm(request.POST or None, audience=audience, initial=initial)
    if form.is_valid():
        data = form.cleaned_data
        names = ("title_vi", "title_en", "is_in_use", "first_day", "reason")
        about = {name: data[name] for name in names}
        with domain_errors_on(form):
            change_audience(
                by=request.user.as_actor(), audience=audience, content=form.content(), **about
            )
            messages.success(request, _("Audience changed."))
            return redirect("audience", slug)
    return _asked(request, form, _("Change the audience"), reverse("audience", args=[slug]))


@allow(*PEOPLE_READERS)
@require_GET
def audiences_file(request: AuthenticatedHttpRequest) -> StreamingHttpResponse:
    """What ``import_page`` takes back."""
    rules = AudienceRule.objects.in_force(clock.today()).with_requirements().order_by("audience")
    headers = attachment("audiences.xlsx")
    return StreamingHttpResponse(write_audiences(rules), content_type=XLSX, headers=headers)


@allow(Role.PROGRAMME_OFFICE)
def import_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AudiencesFileForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            drafts, problems = drafts_of_rows(read_audiences(form.cleaned_data["file"].read()))
            if not problems:
                found = import_audiences(by=request.user.as_actor(), drafts=drafts)
                text = _("Entered: %(entered)s, changed: %(changed)s, unchanged: %(unchanged)s.")
                messages.success(request, text % asdict(found))
                return redirect("audiences")
    context = {"form": form, "problems": problems[:MAX_PROBLEMS]}
    return render_form(request, "competencies/import_audiences.html", context)


def _asked(
    request: AuthenticatedHttpRequest, form: AudienceForm, heading: str, cancel: str
) -> HttpResponse:
    context = {"form": form, "heading": heading, "cancel": cancel}
    return render_form(request, "competencies/audience_form.html", context)
