"""Who has to report an indicator, who has not, and reminding them."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from agencies.choices import AgencyKind, Sector
from common import clock, formats
from common.access import allow
from common.errors import DomainError
from counting.choices import Unit
from counting.forms import AsOfForm
from counting.models import Indicator
from targets.forms.values import DutyForm
from targets.models import ReportingDuty
from targets.progress.percentages import Measure, measured
from targets.progress.reporting import SilentAgency, silent_agencies
from targets.services.duties import set_duty
from targets.services.silence import recipients, remind_silent
from targets.sheets import silent_list
from targets.views.measures import base_texts

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@allow(*OVERSEERS)
def silent_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    indicator = _percentage(slug)
    form = AsOfForm(request.GET or None)
    context: dict[str, Any] = {"form": form, "indicator": indicator}
    if not form.errors:
        context |= _shown(measured(indicator, **_asked(form)))
        context["query"] = request.GET.urlencode()
        context["may_remind"] = request.user.has_role(Role.PROGRAMME_OFFICE)
    status = 400 if form.errors else 200
    return render(request, "targets/silent.html", context, status=status)


def _percentage(slug: str) -> Indicator:
    return get_object_or_404(Indicator, slug=slug, unit=Unit.PERCENT)


def _asked(form: AsOfForm) -> dict[str, Any]:
    return form.cleaned_data if form.is_bound else {}


def _shown(measure: Measure) -> dict[str, Any]:
    base = measure.base
    return {
        "as_of": formats.day(measure.as_of),
        "known": formats.exact(measure.known_as_of),
        "base": base and base_texts(base, measure.further),
        "rows": [_row(one) for one in silent_agencies(base)] if base else [],
        "waiting": [agency.name for agency in base.waiting] if base else [],
    }


def _row(one: SilentAgency) -> dict[str, str]:
    last = one.last
    part = f"{formats.number(last.numerator)} / {formats.number(last.denominator)}" if last else ""
    return {
        "agency": one.agency.name,
        "kind": one.agency.get_kind_display(),
        "state": one.state,
        "last": f"{part} ({formats.day(last.measured_on)})" if last else "–",
        "reminded": formats.instant(one.reminded_at) if one.reminded_at else "–",
    }


@allow(*OVERSEERS)
def silent_file(request: AuthenticatedHttpRequest, slug: str, form: str) -> HttpResponseBase:
    """The list as a file; it names agencies alone, no person."""
    indicator, asked = _percentage(slug), AsOfForm(request.GET or None)
    if asked.errors:
        return silent_page(request, slug)
    measure = measured(indicator, **_asked(asked))
    pieces = silent_list(measure.base, form)
    name = f"silent-{slug}-{measure.as_of:%Y%m%d}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type=MEDIA_TYPES[form], headers=headers)


@allow(Role.PROGRAMME_OFFICE)
def remind_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """How many would be reminded; by POST they are."""
    indicator = _percentage(slug)
    if request.method == "POST":
        try:
            sent = remind_silent(by=request.user.as_actor(), indicator=indicator)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            text = ngettext("%(number)s message sent.", "%(number)s messages sent.", sent)
            messages.success(request, text % {"number": formats.number(sent)})
        return redirect("silent", slug)
    base = measured(indicator).base
    found = {name: formats.number(value) for name, value in asdict(recipients(indicator)).items()}
    context = {"indicator": indicator, "base": base and base_texts(base), "found": found}
    return render(request, "targets/remind.html", context)


@allow(Role.PROGRAMME_OFFICE)
def duty_form(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    indicator = _percentage(slug)
    versions = list(indicator.duties.order_by("-recorded_at", "-pk").prefetch_related("agencies"))
    now = ReportingDuty.objects.in_force(indicator, clock.today(), clock.now())
    form = DutyForm(request.POST or None, initial=_values(now) if now else {})
    if request.method == "POST" and form.is_valid():
        try:
            set_duty(by=request.user.as_actor(), indicator=indicator, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Saved: who has to report from that day on."))
            return redirect("silent", slug)
    status = 400 if request.method == "POST" else 200
    shown = [_version(version) for version in versions]
    context = {"form": form, "indicator": indicator, "versions": shown}
    return render(request, "targets/duty.html", context, status=status)


def _values(duty: ReportingDuty) -> dict[str, Any]:
    names = ("kinds", "sectors", "months", "days_to_report", "legal_basis")
    values = {name: getattr(duty, name) for name in names}
    return values | {"since": clock.today(), "agencies": duty.agencies.all()}


def _version(duty: ReportingDuty) -> dict[str, str]:
    chosen = dict(AgencyKind.choices) | dict(Sector.choices)
    names = [str(chosen[key]) for key in (*duty.sectors, *duty.kinds)]
    return {
        "since": formats.day(duty.since),
        "who": ", ".join([*names, *(agency.name for agency in duty.agencies.all())]),
        "interval": duty.get_months_display(),
        "legal_basis": duty.legal_basis,
        "reason": duty.reason,
        "recorded": f"{formats.instant(duty.recorded_at)}, {duty.recorded_by}",
    }
