"""Retention times, what is due, and the packages for the archive."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from common import clock, formats
from common.access import allow, recorded_download
from common.errors import DomainError
from common.form_errors import domain_errors_on, error_as_message, render_form, valid_data
from retention.choices import PackageState
from retention.forms import DecisionForm, PackageForm, ReceiverForm, RuleForm, WithdrawForm
from retention.models import ArchivePackage, DueList, RetentionRule
from retention.services import deletion, packages
from retention.services.due import Due, due_on
from retention.services.kinds import KINDS, automatic
from retention.services.rules import set_rule

PAGE = 50
TONES = {
    PackageState.BEING_MADE: "wait",
    PackageState.READY: "wait",
    PackageState.APPROVED: "wait",
    PackageState.DELETED: "good",
    PackageState.WITHDRAWN: "",
}


@allow(*OVERSEERS)
def retention_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    found = Paginator(ArchivePackage.objects.visible_to(request.user), PAGE)
    page = found.get_page(request.GET.get("page"))
    context = {
        "kinds": [_kind_row(due) for due in due_on(clock.today())],
        "automatic": automatic(),
        "last_list": DueList.objects.first(),
        "page": page,
        "packages": [_package_row(one) for one in page.object_list],
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "retention/retention.html", context)


def _kind_row(due: Due) -> dict[str, Any]:
    return {
        "kind": due.kind,
        "rule": due.rule,
        "until": formats.day(due.until) if due.until else "",
        "records": due.records,
    }


def _package_row(package: ArchivePackage) -> dict[str, Any]:
    return {
        "one": package,
        "tone": TONES[package.state],
        "kinds": [KINDS[line["kind"]].label for line in package.lines],
        "records": sum(line["records"] for line in package.lines),
    }


@allow(*OVERSEERS)
def kind_page(request: AuthenticatedHttpRequest, kind: str) -> HttpResponse:
    found = KINDS.get(kind)
    if found is None:
        raise Http404
    may_set = request.user.has_role(Role.PROGRAMME_OFFICE)
    if request.method == "POST" and not may_set:
        raise PermissionDenied
    due = next(one for one in due_on(clock.today()) if one.kind.name == kind)
    initial: dict[str, Any] = {"valid_from": clock.today()}
    if due.rule:
        initial |= {
            "years": due.rule.years,
            "legal_basis": due.rule.legal_basis,
            "is_confirmed": due.rule.is_confirmed,
        }
    form = RuleForm(request.POST or None, initial=initial, kind=found) if may_set else None
    if form and request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            set_rule(by=request.user.as_actor(), kind=found, **form.cleaned_data)
            messages.success(request, _("Retention time saved."))
            return redirect("retention")
    context = {
        "kind": found,
        "due": _kind_row(due),
        "rules": RetentionRule.objects.filter(kind=kind),
        "form": form,
    }
    return render_form(request, "retention/kind.html", context)


@allow(Role.PROGRAMME_OFFICE)
def new_package(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = PackageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            package = packages.request_package(
                by=request.user.as_actor(), user=request.user, **form.cleaned_data
            )
            assert package.job is not None
            return redirect("job", job_id=package.job.pk)
    return render_form(request, "retention/new_package.html", {"form": form})


@allow(*OVERSEERS)
def package_page(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> HttpResponse:
    package = _visible(request, pk)
    lines = [_line(line) for line in package.lines]
    may_act = request.user.has_role(Role.PROGRAMME_OFFICE)
    is_ready = package.state == PackageState.READY and bool(package.file)
    is_waiting = package.approved_at and package.job and package.job.is_over
    context = _package_row(package) | {
        "lines": lines,
        "may_hand_over": may_act and package.file and not package.handed_over_at,
        "may_approve": may_act and is_ready and package.deletable_lines,
        "is_own": package.asked_by_id == request.user.pk,
        "may_withdraw": may_act and not package.withdrawn_at and not package.deleted_at
        and (not package.approved_at or is_waiting),
        "may_remove": may_act and package.file and package.handed_over_at,
        "receiver_form": ReceiverForm(auto_id="receiver_%s"),
        "decision_form": DecisionForm(auto_id="decision_%s"),
        "withdraw_form": WithdrawForm(auto_id="withdraw_%s"),
    }  # fmt: skip
    return render(request, "retention/package.html", context)


def _line(line: dict[str, Any]) -> dict[str, Any]:
    kind = KINDS[line["kind"]]
    until = formats.day(dt.date.fromisoformat(line["until"]))
    return line | {"label": kind.label, "why_kept": kind.why_kept, "until_day": until}


@allow(*OVERSEERS)
@recorded_download
def package_file(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> HttpResponse | FileResponse:
    package = _visible(request, pk)
    try:
        content = packages.download(by=request.user.as_actor(), package=package)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("archive_package", pk=pk)
    return FileResponse(content, as_attachment=True, filename=f"archive-{package.pk}.zip")


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def hand_over(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> HttpResponse:
    form = ReceiverForm(request.POST)
    return _act(request, pk, _("Hand-over recorded."), packages.hand_over, form)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def approve_deletion(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> HttpResponse:
    form, done = DecisionForm(request.POST), _("Approved; the records are being deleted.")

    def approve(**values: Any) -> object:
        return deletion.approve_deletion(user=request.user, **values)

    return _act(request, pk, done, approve, form)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def withdraw(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> HttpResponse:
    form = WithdrawForm(request.POST)
    return _act(request, pk, _("Package withdrawn."), packages.withdraw, form)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def remove_file(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _act(request, pk, _("File removed."), packages.remove_file)


def _act(
    request: AuthenticatedHttpRequest,
    pk: uuid.UUID,
    done: str,
    action: Callable[..., object],
    form: Any = None,
) -> HttpResponse:
    package = _visible(request, pk)
    with error_as_message(request, done):
        values = valid_data(form) if form else {}
        action(by=request.user.as_actor(), package=package, **values)
    return redirect("archive_package", pk=pk)


def _visible(request: AuthenticatedHttpRequest, pk: uuid.UUID) -> ArchivePackage:
    found = ArchivePackage.objects.visible_to(request.user).select_related("job")
    package: ArchivePackage = get_object_or_404(found, pk=pk)
    return package
