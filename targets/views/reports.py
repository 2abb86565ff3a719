import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from certificates.models.keys import grouped
from common import clock, formats
from common.access import allow, recorded_download
from common.downloads import PDF, XLSX, attachment
from common.errors import DomainError
from common.form_errors import valid_data
from common.ids import IdTable
from counting.groups import groups
from counting.replay import Count, GroupBy
from targets.forms import PackForm, PeriodForm, ReopenForm, SignedReportForm, SignOffForm
from targets.models import PeriodReport, ReportDocument
from targets.progress.adjustments import (
    by_the_rule_in_force,
    labels,
)
from targets.progress.checklist import Point, checklist
from targets.progress.opening import opening_of
from targets.services.evidence import evidence_pack, export_annex
from targets.services.opening_content import opening_content
from targets.services.report_files import (
    accept_signed_report,
    has_signing_key,
    report_file,
)
from targets.services.reports import figure_of_period, reopen
from targets.services.sign_off_job import request_sign_off, request_signature
from targets.services.stored_pages import page_context, start_page
from targets.views.signed_percentages import signed_percentages
from targets.views.task_list import task_row

MOST_ROWS = 200


@allow(*OVERSEERS)
def report_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    reports = PeriodReport.objects.visible_to(request.user).without_names().select_related("rule")
    rows = [_row(report) for report in reports.order_by("-ends_on", "-version")[:MOST_ROWS]]
    context = {"rows": rows, "may_sign": request.user.has_role(Role.PROGRAMME_OFFICE)}
    return render(request, "targets/reports.html", context)


def _row(report: PeriodReport) -> dict[str, Any]:
    return {
        "code": report.code,
        "number": report.number,
        "days": formats.days(report.starts_on, report.ends_on),
        "ends": formats.day(report.ends_on),
        "version": report.version,
        "rule": report.rule.version,
        "persons": formats.number(report.persons),
        "new": formats.number(report.new_persons),
        "completions": formats.number(report.completions),
        "signed": formats.instant(report.signed_at),
        "signed_by": report.signed_by,
        "known": formats.exact(report.known_as_of),
        "is_in_force": report.is_in_force,
        "reopened": formats.instant(report.reopened_at),
        "reopened_by": report.reopened_by,
        "reason": report.reopen_reason,
        "sha256": report.names_sha256,
        "pack_sha256": report.pack_sha256,
    }


@allow(*OVERSEERS)
def report_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """One report as it was signed, with every adjustment since by name."""
    report = _found(request.user, code)
    shown, result = page_context("report", code, report.completions)
    context = shown | {
        "result": result,
        "report": _row(report),
        "rule": report.rule,
        "other_rule": rule_since(report),
        "opening": _opening(report.content.get("opening")),
        "percentages": signed_percentages(report.content.get("percentages", ())),
        "tasks": [task_row(one) for one in report.content.get("tasks", ())],
        "versions": [
            _row(other)
            for other in PeriodReport.objects.filter(
                indicator=report.indicator_id, ends_on=report.ends_on
            )
            .without_names()
            .select_related("rule")
            .order_by("version")
        ],
        "may_sign": request.user.has_role(Role.PROGRAMME_OFFICE),
        "reopen_form": ReopenForm(auto_id="reopen_%s"),
        "pack_form": PackForm(auto_id="pack_%s"),
        "signed_form": SignedReportForm(auto_id="signed_%s"),
        "document": _document(report),
        "has_signing_key": has_signing_key(),
    }
    return render(request, "targets/report.html", context)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def compare_again(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    report = _found(request.user, code)
    start_page("report", report.code, by=request.user.as_actor(), owner=request.user)
    return redirect("report", code)


def _document(report: PeriodReport) -> dict[str, str] | None:
    document = ReportDocument.objects.filter(report=report).defer("content").first()
    if document is None:
        return None
    return {
        "signer": document.signer,
        "fingerprint": grouped(document.fingerprint),
        "signed": formats.instant(document.signed_at),
    }


def _opening(opening: dict[str, Any] | None) -> dict[str, Any] | None:
    """The bridge from the last signed figure, as it was signed; None for reports of release 1.0."""
    if opening is None:
        return None
    words = labels()
    both = opening["persons"], opening["completions"]
    rows = [
        (words[row["kind"]], formats.signed(row["persons"]), formats.signed(row["completions"]))
        for row in opening["kinds"]
    ]
    if any(bridge["between"] for bridge in both):
        label = _("completed before this period, in no signed period")
        rows.append((label, *_signed(both, "between")))
    rows.append((_("completed in this period"), *_signed(both, "new")))
    return {
        "previous": opening["previous"],
        "replaces": opening["replaces"],
        "first": [formats.number(bridge["opening"]) for bridge in both],
        "rows": rows,
        "closing": [formats.number(bridge["closing"]) for bridge in both],
        "newly_recorded": formats.number(opening["newly_recorded"]),
        "recorded_after": formats.number(opening["recorded_after"]),
    }


def _signed(both: tuple[dict[str, int], dict[str, int]], figure: str) -> tuple[str, str]:
    persons, completions = both
    return formats.signed(persons[figure]), formats.signed(completions[figure])


def rule_since(report: PeriodReport) -> dict[str, Any] | None:
    """What the rule in force today counts, if it is no longer the one of the report."""
    now = by_the_rule_in_force(report)
    if now is None:
        return None
    assert now.rule is not None  # the report's own was adopted before it
    return {"rule": now.rule, "persons": formats.number(now.persons)}


def _found(user: User, code: str) -> PeriodReport:
    reports = PeriodReport.objects.visible_to(user).select_related("rule", "indicator")
    return get_object_or_404(reports.by_code(code))


# Signing and opening again --------------------------------------------------------------


@allow(Role.PROGRAMME_OFFICE)
def new_report(request: AuthenticatedHttpRequest) -> HttpResponse:
    period = PeriodForm(request.GET or request.POST or None, initial=_last_half_year())
    context: dict[str, Any] = {"period_form": period}
    if period.is_bound and period.is_valid():
        try:
            if request.method == "POST":
                return _sign(request, period, context)
            count = figure_of_period(**period.cleaned_data)
        except DomainError as error:
            period.add_error(None, error.message)
        else:
            context |= _preview(count, period)
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/sign_off.html", context, status=status)


def _preview(count: Count, period: PeriodForm) -> dict[str, Any]:
    opening = opening_of(count, period.cleaned_data["starts_on"])
    points = checklist(opening)
    initial = {
        "starts_on": period.cleaned_data["starts_on"].isoformat(),
        "ends_on": period.cleaned_data["ends_on"].isoformat(),
        "agreed_persons": count.persons,
        "dated": clock.today(),
    }
    return {
        "number": formats.number(count.persons),
        "as_of": _("as of %(day)s") % {"day": formats.day(count.as_of)},
        "rule": count.rule,
        "sectors": [
            (group.label, formats.number(group.persons), formats.number(group.completions))
            for group in groups(count, GroupBy.SECTOR)
        ],
        "opening": _opening(opening_content(opening, IdTable())["opening"]),
        "points": points,
        "sign_form": SignOffForm(initial=initial, open_points=_any_open(points)),
    }


def _any_open(points: list[Point]) -> bool:
    return any(point.count for point in points)


def _sign(
    request: AuthenticatedHttpRequest, period: PeriodForm, context: dict[str, Any]
) -> HttpResponse:
    shown = _preview(figure_of_period(**period.cleaned_data), period)
    form = SignOffForm(request.POST, open_points=_any_open(shown["points"]))
    if not form.is_valid():
        context |= shown
        return render(request, "targets/sign_off.html", context | {"sign_form": form}, status=400)
    job = request_sign_off(owner=request.user, payload=form.payload, acknowledged=True)
    return redirect("job", job.pk)


@allow(Role.PROGRAMME_OFFICE)
@require_POST
def sign_report_file(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """Sign the PDF with the server's key, or take back one that was signed outside."""
    report = _found(request.user, code)
    form = SignedReportForm(request.POST, request.FILES)
    try:
        if "here" in request.POST:
            return redirect("job", request_signature(owner=request.user, report=report).pk)
        content = valid_data(form, _("Choose the signed PDF file."))["signed_file"].read()
        accept_signed_report(by=request.user.as_actor(), report=report, content=content)
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The report now has its digital signature."))
    return redirect("report", code)


def _last_half_year() -> dict[str, dt.date]:
    """The last half-year that is over: what is usually reported next."""
    today = clock.today()
    if today.month > 6:
        return {"starts_on": dt.date(today.year, 1, 1), "ends_on": dt.date(today.year, 6, 30)}
    last = today.year - 1
    return {"starts_on": dt.date(last, 7, 1), "ends_on": dt.date(last, 12, 31)}


@allow(Role.PROGRAMME_OFFICE)
def reopen_report(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    report = _found(request.user, code)
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reopen(by=request.user.as_actor(), report=report, reason=form.cleaned_data["reason"])
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(
                request, _("The period has been reopened; this version remains as it was signed.")
            )
        return redirect("report", code)
    context = {"form": form, "report": _row(report)}
    status = 400 if request.method == "POST" else 200
    return render(request, "targets/reopen.html", context, status=status)


# Files ----------------------------------------------------------------------------------


@allow(*OVERSEERS)
@recorded_download
def download(request: AuthenticatedHttpRequest, code: str, form: str) -> HttpResponse:
    """The report as PDF, its annex as a workbook."""
    report = _found(request.user, code)
    if form == "pdf":
        headers = attachment(f"bao-cao-{code}.pdf")
        return HttpResponse(report_file(report), content_type=PDF, headers=headers)
    by, is_adjustments = request.user.as_actor(), form == "adjustments"
    annex = export_annex(by=by, report=report, adjustments=is_adjustments)
    name = "phu-luc-dieu-chinh" if is_adjustments else "phu-luc"
    return HttpResponse(annex, content_type=XLSX, headers=attachment(f"{name}-{code}.xlsx"))


@allow(*OVERSEERS)
@recorded_download
def report_evidence(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """The evidence pack: without names by GET, with names by POST of a reason."""
    report = _found(request.user, code)
    in_clear = request.method == "POST"
    form = PackForm(request.POST if in_clear else None)
    if in_clear and not form.is_valid():
        messages.error(request, _("Give the reason why full names are needed."))
        return redirect("report", code)
    reason = form.cleaned_data["reason"] if in_clear else ""
    pack = evidence_pack(
        by=request.user.as_actor(), report=report, in_clear=in_clear, reason=reason
    )
    name = f"minh-chung-{code}{'-day-du' if in_clear else ''}.zip"
    return HttpResponse(pack, content_type="application/zip", headers=attachment(name))
