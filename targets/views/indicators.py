"""The four indicators of Decision 699, and the values reported of the percentages."""

import datetime as dt
from typing import Any, TypeAlias

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.choices import PEOPLE_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from agencies.querysets import AgencyQuerySet
from common import clock, formats
from common.access import SIGNED_IN, allow
from common.errors import DomainError
from counting.choices import Unit
from counting.counter import counted
from counting.forms import AsOfForm
from counting.models import Indicator
from targets.choices import ValueState
from targets.forms import DecisionForm, ValueForm
from targets.models import IndicatorValue, Target
from targets.progress import milestones
from targets.progress.percentages import measured, percent_milestones
from targets.services.values import STORED, decide_value, report_value

MOST_ROWS = 200
Known: TypeAlias = "dt.date | dt.datetime | None"
TONES = {ValueState.SUBMITTED: "wait", ValueState.ACCEPTED: "good", ValueState.RETURNED: "bad"}


@allow(SIGNED_IN)
def indicators_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = AsOfForm(request.GET or None)
    if form.errors:
        return render(request, "targets/indicators.html", {"form": form})
    asked = form.cleaned_data if form.is_bound else {}
    as_of, known = asked.get("as_of") or clock.today(), asked.get("known_as_of")
    shown = [_indicator(row, as_of, known) for row in Indicator.objects.order_by("slug")]
    # The one that is counted by person comes first.
    shown.sort(key=lambda one: not one["is_counted"])
    context = {"form": form, "indicators": shown, "as_of": formats.day(as_of)}
    return render(request, "targets/indicators.html", context)


def _indicator(row: Indicator, as_of: dt.date, known: Known) -> dict[str, Any]:
    if row.unit == Unit.PERSONS:
        return _counted(row, as_of, known)
    measure = measured(row, as_of, known_as_of=known)
    return {
        "slug": row.slug,
        "title": row.title,
        "is_counted": False,
        "figure": percent(measure.percent),
        "note": ngettext(
            "%(numerator)s of %(denominator)s, reported by %(agencies)s agency",
            "%(numerator)s of %(denominator)s, reported by %(agencies)s agencies",
            len(measure.values),
        )
        % {
            "numerator": formats.number(measure.numerator),
            "denominator": formats.number(measure.denominator),
            "agencies": formats.number(len(measure.values)),
        },
        "targets": [
            _goal(f"≥ {goal.minimum} %", goal.due_on, goal.met, as_of, goal.legal_basis)
            for goal in percent_milestones(measure)
        ],
    }


def _counted(row: Indicator, as_of: dt.date, known: Known) -> dict[str, Any]:
    count = counted(as_of, known_as_of=known, indicator=row.slug)
    return {
        "slug": row.slug,
        "title": row.title,
        "is_counted": True,
        "rule": count.rule,
        "figure": formats.number(count.persons),
        "note": _("people, %(completions)s completions")
        % {"completions": formats.number(count.completions)},
        "targets": [
            _goal(
                f"≥ {formats.number(goal.minimum)}", goal.due_on, goal.met, as_of, goal.legal_basis
            )
            for goal in milestones(count)
        ],
    }


def _goal(least: str, due_on: dt.date, met: bool, as_of: dt.date, basis: str) -> dict[str, str]:
    state, tone = (_("reached"), "good") if met else (_("not reached"), "bad")
    if not met and due_on >= as_of:
        state, tone = _("in progress"), ""
    day = formats.day(due_on)
    return {"least": least, "due": day, "state": state, "tone": tone, "legal_basis": basis}


def percent(value: float | None) -> str:
    """``42,5 %``, or a dash where nothing was reported."""
    if value is None:
        return "–"
    text = f"{value:.1f}".removesuffix(".0")
    return f"{text if get_language() == 'en' else text.replace('.', ',')} %"


# Values ---------------------------------------------------------------------------------


@allow(*PEOPLE_READERS)
def indicator_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Reported values of one percentage; coordinators see those of their own agency."""
    indicator = get_object_or_404(Indicator, slug=slug)
    values = IndicatorValue.objects.visible_to(request.user).filter(indicator=indicator)
    context = {
        "indicator": indicator,
        "shown": _indicator(indicator, clock.today(), None),
        "as_of": formats.day(clock.today()),
        "values": [_value_row(value) for value in values.select_related("agency")[:MOST_ROWS]],
        "may_report": indicator.unit == Unit.PERCENT and _reporting(request.user).exists(),
        "may_decide": request.user.has_role(Role.PROGRAMME_OFFICE),
        "ahead": _ahead(indicator) if request.user.has_role(Role.PROGRAMME_OFFICE) else (),
    }
    return render(request, "targets/indicator.html", context)


def _ahead(indicator: Indicator) -> list[tuple[int, str]]:
    """The targets that may still be changed, each with its due day."""
    rows = Target.objects.of(indicator.slug).current().filter(due_on__gte=clock.today())
    return [(target.pk, formats.day(target.due_on)) for target in rows]


def _value_row(value: IndicatorValue) -> dict[str, Any]:
    return {
        "pk": value.pk,
        "agency": value.agency.name,
        "part": f"{formats.number(value.numerator)} / {formats.number(value.denominator)}",
        "percent": percent(100 * value.numerator / value.denominator),
        "day": formats.day(value.measured_on),
        "remark": value.remark,
        "state": value.get_state_display(),
        "tone": TONES[ValueState(value.state)],
        "note": value.decision_note,
        "waits": value.state == ValueState.SUBMITTED,
        "submitted": formats.instant(value.submitted_at),
    }


def _reporting(user: User) -> AgencyQuerySet:
    """The agencies that somebody reports for: coordinated by them, and still existing."""
    if not user.has_role(Role.COORDINATOR):
        return Agency.objects.none()
    return Agency.objects.visible_to_coordinator(user).manageable_by(user).valid_on(clock.today())


@allow(Role.COORDINATOR)
def report_value_form(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    indicator = get_object_or_404(Indicator, slug=slug, unit=Unit.PERCENT)
    form = ValueForm(request.POST or None, request.FILES or None, agencies=_reporting(request.user))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        file = data.pop("evidence")
        try:
            report_value(
                by=request.user.as_actor(),
                indicator=indicator,
                evidence=(file.name, file.read()),
                **data,
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Value reported; the programme office will review it."))
            return redirect("indicator", slug)
    context = {"form": form, "indicator": indicator}
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/report_value.html", context, status=status)


@allow(Role.PROGRAMME_OFFICE)
def decide_value_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    values = IndicatorValue.objects.visible_to(request.user).select_related("agency", "indicator")
    value = get_object_or_404(values, pk=pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accept = form.cleaned_data["decision"] == "accept"
        try:
            decide_value(
                by=request.user.as_actor(),
                value=value,
                accept=accept,
                remark=form.cleaned_data["note"],
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            done = _("Value accepted.") if accept else _("Value returned.")
            messages.success(request, done)
            return redirect("indicator", value.indicator.slug)
    context = {"form": form, "value": _value_row(value), "indicator": value.indicator}
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/decide_value.html", context, status=status)


@allow(*PEOPLE_READERS)
def value_evidence(request: AuthenticatedHttpRequest, pk: int) -> FileResponse:
    """Always a download: an uploaded file is never shown in the page."""
    value = get_object_or_404(IndicatorValue.objects.visible_to(request.user), pk=pk)
    name = (value.evidence.name or "").rpartition("/")[2].removesuffix(STORED)
    return FileResponse(
        value.evidence.open(),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )
