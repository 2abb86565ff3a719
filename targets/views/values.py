"""Values that agencies report of the percentages: reported, decided on, withdrawn, replaced."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.choices import PEOPLE_READERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from agencies.querysets import AgencyQuerySet
from common import clock, formats
from common.access import allow
from common.errors import DomainError
from counting.choices import Unit
from counting.models import Indicator
from targets.choices import ValueState
from targets.forms import WithdrawForm
from targets.forms.values import DecisionForm, ReplacementForm, ValueForm
from targets.models import IndicatorValue
from targets.services.values import (
    STORED,
    decide_value,
    replace_value,
    report_value,
    withdraw_value,
)
from targets.views.measures import percent

TONES = {ValueState.SUBMITTED: "wait", ValueState.ACCEPTED: "good", ValueState.RETURNED: "bad"}


def value_row(value: IndicatorValue) -> dict[str, Any]:
    state, tone, note = value.get_state_display(), TONES[ValueState(value.state)], ""
    if value.withdrawn_at:
        state, tone = _("withdrawn"), "bad"
        note = f"{formats.instant(value.withdrawn_at)}: {value.withdrawal_reason}"
    if value.replaced_by:
        state = _("replaced by %(part)s") % {"part": _part(value.replaced_by)}
    return {
        "pk": value.pk,
        "agency": value.agency.name,
        "part": _part(value),
        "percent": percent(100 * value.numerator / value.denominator),
        "day": formats.day(value.measured_on),
        "remark": value.remark,
        "state": state,
        "tone": tone,
        "note": note or value.decision_note,
        "waits": value.state == ValueState.SUBMITTED,
        "counts": value.state == ValueState.ACCEPTED and not value.withdrawn_at,
        "submitted": formats.instant(value.submitted_at),
    }


def _part(value: IndicatorValue) -> str:
    return f"{formats.number(value.numerator)} / {formats.number(value.denominator)}"


def agencies_reported_by(user: User) -> AgencyQuerySet:
    """The agencies that somebody reports for: coordinated by them, and still existing."""
    if not user.has_role(Role.COORDINATOR):
        return Agency.objects.none()
    return Agency.objects.visible_to_coordinator(user).manageable_by(user).valid_on(clock.today())


@allow(Role.COORDINATOR)
def report_value_form(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    indicator = get_object_or_404(Indicator, slug=slug, unit=Unit.PERCENT)
    form = ValueForm(
        request.POST or None, request.FILES or None, agencies=agencies_reported_by(request.user)
    )

    def save() -> str:
        report_value(by=request.user.as_actor(), indicator=indicator, **_with_content(form))
        return _("Value reported; the programme office will review it.")

    context = {"indicator": indicator, "title": _("Report a value"), "label": _("Submit report")}
    return _saved(request, form, save, context)


@allow(Role.PROGRAMME_OFFICE)
def decide_value_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    value = _visible(request.user, pk)
    form = DecisionForm(request.POST or None)

    def save() -> str:
        accept, note = form.cleaned_data["decision"] == "accept", form.cleaned_data["note"]
        decide_value(by=request.user.as_actor(), value=value, accept=accept, remark=note)
        return _("Value accepted.") if accept else _("Value returned.")

    context = {
        "title": _("Accept or return a value"),
        "label": _("Record decision"),
        "follows": _("The agency is notified. An accepted value is published with the indicator."),
    }
    return _saved(request, form, save, context | _about(value))


@allow(Role.PROGRAMME_OFFICE)
def withdraw_value_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    value = _visible(request.user, pk)
    form = WithdrawForm(request.POST or None)

    def save() -> str:
        withdraw_value(by=request.user.as_actor(), value=value, **form.cleaned_data)
        return _("Value withdrawn; it stays on record.")

    context = {
        "title": _("Withdraw an accepted value"),
        "label": _("Withdraw"),
        "kind": "danger",
        "follows": _(
            "The indicator goes on without it. A withdrawn value is not accepted again; the agency "
            "may report a new one."
        ),
    }
    return _saved(request, form, save, context | _about(value))


@allow(Role.PROGRAMME_OFFICE)
def replace_value_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    value = _visible(request.user, pk)
    initial = {name: getattr(value, name) for name in ("numerator", "denominator", "measured_on")}
    form = ReplacementForm(request.POST or None, request.FILES or None, initial=initial)

    def save() -> str:
        replace_value(by=request.user.as_actor(), value=value, **_with_content(form))
        return _("Value replaced; the former one stays on record.")

    context = {
        "title": _("Replace an accepted value"),
        "label": _("Replace"),
        "follows": _("The indicator shows the new value; the former one stays on record only."),
    }
    return _saved(request, form, save, context | _about(value))


def _visible(user: User, pk: int) -> IndicatorValue:
    values = IndicatorValue.objects.visible_to(user).with_replacements()
    value: IndicatorValue = get_object_or_404(values.select_related("indicator"), pk=pk)
    return value


def _about(value: IndicatorValue) -> dict[str, Any]:
    return {"indicator": value.indicator, "value": value_row(value)}


def _with_content(form: forms.Form) -> dict[str, Any]:
    file = form.cleaned_data["evidence"]
    return form.cleaned_data | {"evidence": (file.name, file.read())}


def _saved(
    request: AuthenticatedHttpRequest,
    form: forms.Form,
    save: Callable[[], str],
    context: dict[str, Any],
) -> HttpResponse:
    """Back to the indicator if ``save`` succeeds, else the form with its errors."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, save())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return redirect("indicator", context["indicator"].slug)
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/value.html", context | {"form": form}, status=status)


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
