"""Rosters in and out: an upload, what was found in every row, and a run's roster as a file."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import Role
from common import formats
from common.access import open_to
from common.dates import format_date
from common.errors import DomainError
from courses.models import CourseRun
from enrollment.models import Enrollment
from rosters.choices import ImportState, Outcome
from rosters.forms import FIELD_LABELS, RosterForm
from rosters.models import RosterImport
from rosters.services import checking, staging
from rosters.services.exporting import export_roster
from rosters.services.rejects import give_rejects
from rosters.services.report import ImportReport, RowResult

PAGE = 50
ROWS = 100
SENDERS = (Role.COORDINATOR, Role.PROGRAMME_OFFICE)
STATE_TONES = {
    ImportState.IMPORTED: "good",
    ImportState.STAGED: "wait",
    ImportState.REFUSED: "bad",
}
OUTCOME_TONES = {
    Outcome.CREATED: "good",
    Outcome.MATCHED: "good",
    Outcome.CANDIDATE: "wait",
    Outcome.REJECTED: "bad",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@open_to(*SENDERS, Role.AUDITOR)
def roster_list(request: HttpRequest) -> HttpResponse:
    """The rosters that the visitor uploaded or that were uploaded for their agencies."""
    user: Any = request.user
    uploads = RosterImport.objects.visible_to(user).select_related("run", "agency", "uploaded_by")
    light = uploads.defer("content", "report", "table")
    page = Paginator(light, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_listed(upload) for upload in page],
        "may_upload": user.has_role(*SENDERS),
    }
    return render(request, "rosters/list.html", context)


def _listed(upload: RosterImport) -> dict[str, Any]:
    return {
        "pk": upload.pk,
        "file": upload.file_name,
        "run": upload.run.code,
        "agency": upload.agency.name,
        "by": str(upload.uploaded_by or ""),
        "letter": _letter(upload),
        "at": formats.instant(upload.uploaded_at),
        "state": upload.get_state_display(),
        "tone": STATE_TONES.get(ImportState(upload.state), ""),
    }


def _letter(upload: RosterImport) -> str:
    """The letter that a roster came with, in words."""
    if not (upload.letter_number and upload.letter_dated):
        return ""
    letter = {"number": upload.letter_number, "date": format_date(upload.letter_dated)}
    return _("letter %(number)s of %(date)s") % letter


@open_to(*SENDERS)
def new_roster(request: HttpRequest) -> HttpResponse:
    """Choose run, agency and file; the file is then checked as a job."""
    user: Any = request.user
    form = RosterForm(
        request.POST or None,
        request.FILES or None,
        user=user,
        initial={"run": request.GET.get("run")},
    )
    if request.method == "POST" and form.is_valid():
        upload = staging.stage(
            by=user.as_actor(),
            user=user,
            run=form.cleaned_data["run"],
            agency=form.cleaned_data["agency"],
            file_name=form.cleaned_data["file"].name,
            content=form.cleaned_data["file"].read(),
            letter=form.letter(),
        )
        return redirect("roster", pk=upload.pk)
    status = 400 if request.method == "POST" else 200
    context = {"form": form, "step": 1, "steps": _steps(), **_what_is_missing(form)}
    return render(request, "rosters/new.html", context, status=status)


def _what_is_missing(form: RosterForm) -> dict[str, bool]:
    """Without a run to nominate for, or an agency to send, there is nothing to fill in."""
    return {
        "no_run": not form.fields["run"].queryset.exists(),  # type: ignore[attr-defined]  # a choice field's own
        "no_agency": not form.fields["agency"].queryset.exists(),  # type: ignore[attr-defined]  # a choice field's own
    }


def _steps() -> list[str]:
    return [_("Upload"), _("Check what was found"), _("Enter")]


@open_to(*SENDERS, Role.AUDITOR)
@never_cache
def roster_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found in every row, and what to do next. Asked by htmx while a job runs."""
    user: Any = request.user
    upload = visible_upload(user, pk)
    job, may_act = upload.job, may_act_on(user, upload)
    report = checking.report_of(upload)
    context = {
        "upload": upload,
        "listed": _listed(upload),
        "job": job,
        "is_busy": job is not None and not job.is_over,
        "steps": _steps(),
        "step": 3 if upload.state == ImportState.IMPORTED else 2,
        "may_act": may_act and upload.state == ImportState.STAGED,
        "may_fetch": may_act,
        "may_undo": may_act and upload.state == ImportState.IMPORTED and bool(upload.content),
        "mapping": _mapping(upload),
    }
    if report:
        context |= _found(report, request.GET.get("show", ""), request.GET.get("page"))
    return render(request, "rosters/roster.html", context)


def _mapping(upload: RosterImport) -> list[tuple[str, str]]:
    """Each heading of the sheet, in order, and what its column is read as."""
    table: dict[str, Any] = upload.table or {"columns": {}, "headings": {}}
    held = {at: field for field, at in table["columns"].items()}
    return [
        (heading, str(FIELD_LABELS[held.get(int(at), "")]))
        for at, heading in sorted(table["headings"].items(), key=lambda item: int(item[0]))
    ]


def visible_upload(user: Any, pk: int) -> RosterImport:
    """The upload, or 404 for whom it is none of their business."""
    uploads = RosterImport.objects.visible_to(user)
    return get_object_or_404(
        uploads.select_related("run__course", "agency", "uploaded_by", "job"), pk=pk
    )


def upload_to_act_on(user: Any, pk: int) -> RosterImport:
    """The upload; 403 for who only looks on, since their agency has ended."""
    upload = visible_upload(user, pk)
    if not may_act_on(user, upload):
        raise PermissionDenied
    return upload


def may_act_on(user: Any, upload: RosterImport) -> bool:
    return RosterImport.objects.kept_by(user).filter(pk=upload.pk).exists()


def _found(report: ImportReport, show: str, page_number: str | None) -> dict[str, Any]:
    """The report as the page shows it: figures, tabs by outcome, one page of rows."""
    shown = [row for row in report.results if show in ("", row.outcome) or _is_noted(row, show)]
    page = Paginator(shown, ROWS).get_page(page_number)
    plain = report.as_json()
    good = len(report.results) - report.rejected
    return {
        "report": report,
        "figures": _figures(report, plain),
        "good": good,
        "rejected": report.rejected,
        "tabs": _tabs(report, show),
        "page": page,
        "query": f"show={show}&" if show else "",
        "rows": [_row(row) for row in page],
    }


def _is_noted(row: RowResult, show: str) -> bool:
    return show == "warnings" and bool(row.warnings)


def _figures(report: ImportReport, plain: dict[str, Any]) -> list[tuple[str, str]]:
    figures = [
        (_("rows"), plain["rows"]),
        (_("new people"), plain["created"]),
        (_("known people"), plain["matched"]),
        (_("nothing to change"), plain["unchanged"]),
        (_("to be compared"), plain["candidates"]),
        (_("rejected"), plain["rejected"]),
    ]
    if report.written:
        figures += [
            (_("got a seat"), report.enrolled),
            (_("on the waiting list"), report.waitlisted),
            (_("wait for approval"), report.pending),
        ]
    return [(label, formats.number(value)) for label, value in figures]


def _tabs(report: ImportReport, show: str) -> list[dict[str, Any]]:
    """All rows, then each outcome that occurs, then the rows with warnings."""
    found = [("", _("All rows"), len(report.results))]
    found += [(str(o), str(o.label), report.count(o)) for o in Outcome if report.count(o)]
    if warned := sum(bool(row.warnings) for row in report.results):
        found.append(("warnings", _("with warnings"), warned))
    return [
        {
            "label": f"{label} ({formats.number(count)})",
            "href": f"?show={key}" if key else "?",
            "is_current": key == show,
        }
        for key, label, count in found
    ]


def _row(row: RowResult) -> dict[str, Any]:
    return {
        "number": row.row,
        "name": row.full_name,
        "outcome": Outcome(row.outcome).label,
        "tone": OUTCOME_TONES.get(Outcome(row.outcome), ""),
        "errors": [finding.message for finding in row.errors],
        "warnings": [finding.message for finding in row.warnings],
    }


@open_to(*SENDERS)
@require_POST
def confirm_roster(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the good rows; with ``partial`` also where others were rejected."""
    user: Any = request.user
    upload = upload_to_act_on(user, pk)
    try:
        staging.confirm(
            by=user.as_actor(), user=user, upload=upload, partial="partial" in request.POST
        )
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("roster", pk=pk)


@open_to(*SENDERS)
@require_POST
def discard_roster(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the upload away; nothing of it was entered."""
    user: Any = request.user
    try:
        staging.discard(by=user.as_actor(), upload=upload_to_act_on(user, pk))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("roster", pk=pk)
    messages.success(request, _("The roster was discarded; nothing was entered."))
    return redirect("rosters")


@open_to(*SENDERS)
@never_cache
def rejected_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The rejected rows as a workbook, each with what to mend; for those who can mend them."""
    user: Any = request.user
    upload = upload_to_act_on(user, pk)
    try:
        content = give_rejects(by=user.as_actor(), upload=upload)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("roster", pk=pk)
    name = f"{PurePath(upload.file_name).stem}-{pk}.xlsx"
    return HttpResponse(content, headers=as_file(name), content_type=XLSX)


def as_file(name: str) -> dict[str, str]:
    """The header with which a file is handed out under a name."""
    return {"Content-Disposition": content_disposition_header(True, name) or ""}


@open_to(*SENDERS, Role.TRAINER, Role.AUDITOR)
@never_cache
def roster_file(request: HttpRequest, code: str, form: str) -> HttpResponseBase:
    """A run's roster as .xlsx or .csv: the rows that the visitor may see, numbers masked."""
    user: Any = request.user
    run = get_object_or_404(CourseRun.objects.announced(), code=code)
    places = Enrollment.objects.visible_to(user)
    pieces = export_roster(by=user.as_actor(), run=run, enrollments=places, form=form)
    kind = XLSX if form == "xlsx" else "text/csv; charset=utf-8"
    headers = as_file(f"{run.code}.{form}")
    return StreamingHttpResponse(pieces, headers=headers, content_type=kind)
