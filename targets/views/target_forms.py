"""Forms for targets, quotas of agencies and tasks."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import allow
from common.errors import DomainError
from targets.forms import (
    QuotaForm,
    TargetForm,
    WithdrawForm,
    audience_steps_as_text,
    steps_as_text,
)
from targets.models import Quota, Target
from targets.querysets import TargetQuerySet
from targets.services.quotas import remove_quota, set_quota
from targets.services.targets import set_target, withdraw_target
from targets.views.road_map import quota_versions


@allow(Role.PROGRAMME_OFFICE)
def target_form(request: AuthenticatedHttpRequest, pk: int | None = None) -> HttpResponse:
    target = get_object_or_404(_targets_ahead(), pk=pk) if pk else None
    initial = _values(target, TargetForm) or request.GET.dict()
    form = TargetForm(request.POST or None, initial=initial)
    form.fields["indicator"].disabled = target is not None

    def save() -> object:
        return set_target(by=request.user.as_actor(), target=target, **form.cleaned_data)

    title = _("Change a target") if target else _("Add a target")
    removal = _withdrawal(target, WithdrawForm(auto_id="withdraw_%s")) if target else None
    return saved(request, form, save, _("Target saved."), title, removal)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def withdraw_target_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    target = get_object_or_404(_targets_ahead(), pk=pk)
    form = WithdrawForm(request.POST, auto_id="withdraw_%s")

    def save() -> object:
        return withdraw_target(by=request.user.as_actor(), target=target, **form.cleaned_data)

    title = _("Withdraw a target")
    return saved(request, form, save, _("Target withdrawn."), title)


def _targets_ahead() -> TargetQuerySet:
    return Target.objects.current().filter(due_on__gte=clock.today()).select_related("indicator")


def _withdrawal(target: Target, form: Form) -> dict[str, Any]:
    address = reverse("withdraw_target", args=[target.pk])
    asks = _("Withdraw the target of %(minimum)s by %(day)s?") % {
        "minimum": formats.number(target.minimum), "day": formats.day(target.due_on),
    }  # fmt: skip
    follows = _("It no longer counts from now on; its versions and your reason remain.")
    return {
        "address": address,
        "label": _("Withdraw this target"),
        "form": form,
        "asks": asks,
        "follows": follows,
    }


@allow(Role.PROGRAMME_OFFICE)
def quota_form(request: AuthenticatedHttpRequest, pk: int | None = None) -> HttpResponse:
    quota = get_object_or_404(Quota.objects.current(), pk=pk) if pk else None
    initial = _quota_values(quota) if quota else request.GET.dict()
    form = QuotaForm(request.POST or None, initial=initial, is_change=quota is not None)

    def save() -> object:
        return set_quota(by=request.user.as_actor(), quota=quota, **form.cleaned_data)

    title = _("Change a quota") if quota else _("Add a quota")
    removal = None
    if quota:
        address = reverse("remove_quota", args=[quota.pk])
        form_of_removal = WithdrawForm(auto_id="remove_%s")
        removal = {
            "address": address,
            "label": _("Remove this quota"),
            "form": form_of_removal,
            "asks": _("Remove the quota of %(agency)s: %(minimum)s people by %(day)s?")
            % {
                "agency": quota.agency.name,
                "minimum": formats.number(quota.minimum),
                "day": formats.day(quota.due_on),
            },
            "follows": _("Its versions and your reason remain; it is no longer part of the plan."),
            "versions": quota_versions(quota),
        }
    return saved(request, form, save, _("Quota saved."), title, removal)


def _quota_values(quota: Quota) -> dict[str, Any]:
    fields = ("target", "agency", "minimum", "due_on", "lead_unit", "cooperating_units")
    values = {name: getattr(quota, name) for name in fields}
    by_audience = audience_steps_as_text(quota.audience_plan)
    steps = {"steps": steps_as_text(quota.plan[:-1]), "audience_steps": by_audience}
    return values | steps


def _values(row: Any, form: type[Form]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in form.base_fields} if row else {}


def saved(
    request: HttpRequest,
    form: Form,
    save: Callable[[], object],
    done: str,
    title: str,
    removal: dict[str, Any] | None = None,
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            save()
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, done)
            return redirect("targets")
    context = {"form": form, "title": title, "removal": removal}
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/target_form.html", context, status=status)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def remove_quota_view(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    quotas = Quota.objects.current().select_related("agency", "target")
    quota = get_object_or_404(quotas, pk=pk)
    form = WithdrawForm(request.POST, auto_id="remove_%s")

    def save() -> object:
        return remove_quota(by=request.user.as_actor(), quota=quota, **form.cleaned_data)

    return saved(request, form, save, _("Quota removed."), _("Remove a quota"))
