"""Uploads, and what was found in every row."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, PEOPLE_READERS
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from common import clock, formats
from common.access import allow, recorded_download
from common.downloads import attachment
from common.errors import DomainError
from common.form_errors import error_as_message, render_form
from common.sorting import Sorting
from common.spreadsheets import FileForm
from people.choices import RemovalObstacle
from people.services.recipients import Reach
from rosters.choices import ImportState, Outcome
from rosters.forms import (
    FIELD_LABELS,
    RosterForm,
    RowForm,
    open_runs,
)
from rosters.forms.missing import MissingForm
from rosters.importing import check_job, rest, row_editing, staging
from rosters.importing.check_job import messages_of
from rosters.importing.preview import Preview
from rosters.importing.rejects import rejects_file
from rosters.importing.report import WARNED
from rosters.importing.staged_rows import SeenRow
from rosters.models import RosterImport
from rosters.views.missing import missing_context, missing_form
from rosters.views.row_display import shown_rows

PAGE = 50
SORTED_BY = {
    "file": ("file_name", "-uploaded_at", "-pk"),
    "state": ("state", "-uploaded_at", "-pk"),
    "class": ("run__code", "-uploaded_at", "-pk"),
    "agency": ("agency__sort_key", "-uploaded_at", "-pk"),
    "uploaded": ("uploaded_at", "pk"),
}
ROWS = 100
NAMED = 20
STATE_TONES = {
    ImportState.IMPORTED: "good",
    ImportState.STAGED: "wait",
    ImportState.REFUSED: "bad",
}


@allow(*PEOPLE_READERS)
def roster_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    user = request.user
    uploads = RosterImport.objects.visible_to(user).select_related("run", "agency", "uploaded_by")
    light = uploads.defer("content", "letter_file", "report", "table")
    sorting = Sorting(request.GET, SORTED_BY, default="-uploaded")
    page = Paginator(light.order_by(*sorting.fields), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "sorting": sorting,
        "query": sorting.query,
        "tones": STATE_TONES,
        "may_upload": user.has_role(*PEOPLE_MANAGERS),
    }
    return render(request, "rosters/list.html", context)


@allow(*PEOPLE_MANAGERS)
def new_roster(request: AuthenticatedHttpRequest) -> HttpResponse:
    user = request.user
    form = RosterForm(
        request.POST or None,
        request.FILES or None,
        user=user,
        initial={"run": request.GET.get("run")},
    )
    if form.is_valid():
        data = form.cleaned_data
        upload = staging.stage(
            by=user.as_actor(),
            user=user,
            run=data["run"],
            agency=data["agency"],
            file_name=data["file"].name,
            content=data["file"].read(),
            letter=form.letter(),
            moves=data.get("moves", False),
        )
        return redirect("roster", pk=upload.pk)
    context = {
        "form": form,
        "step": 1,
        "steps": _steps(),
        "runs": open_runs(user),
        # Without a class or an agency to choose there is nothing to fill in.
        "no_run": not open_runs(user).exists(),
        "no_agency": not Agency.objects.to_send_for(user).exists(),
    }
    return render_form(request, "rosters/new.html", context)


def _steps() -> list[str]:
    return [_("Upload"), _("Check the result"), _("Import")]


@allow(*PEOPLE_READERS)
@never_cache
def roster_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Polled by htmx while a job runs."""
    return show_roster(request, visible_upload(request.user, pk), edit=request.GET.get("edit"))


def show_roster(
    request: AuthenticatedHttpRequest,
    upload: RosterImport,
    *,
    edit: str | None,
    typed: Any = None,
    missing: MissingForm | None = None,
) -> HttpResponse:
    user = request.user
    job, may_act = upload.job, may_act_on(user, upload)
    is_busy = job is not None and not job.is_over
    undoable = upload.parts.filter(entered__isnull=False)
    context = {
        "upload": upload,
        "tones": STATE_TONES,
        "job": job,
        "is_busy": is_busy,
        "may_see_job": job is not None and (user.reads_everything or job.owner_id == user.pk),
        "steps": _steps(),
        "step": 3 if upload.state == ImportState.IMPORTED else 2,
        "may_act": may_act and upload.state == ImportState.STAGED,
        "may_fetch": may_act,
        "may_undo": may_act and upload.state == ImportState.IMPORTED and undoable.exists(),
        "rest": rest.rest_of(upload),
        "may_stage_rest": may_act and rest.has_rest(upload),
        "mapping": _mapping(upload),
        "here": looked_at(request),
        "notes": messages_of(upload, "notes"),
        "warnings": messages_of(upload, "warnings"),
    }
    if upload.report and not is_busy:
        context |= (found := _found(request, upload))
        if context["may_act"]:
            context |= _edited(upload, found["page"], edit, typed)
            missing = missing or missing_form(user, upload)
        context |= missing_context(user, upload, missing)
    is_refused = typed or (missing is not None and missing.is_bound)
    return render(request, "rosters/roster.html", context, status=422 if is_refused else 200)


def looked_at(request: AuthenticatedHttpRequest) -> str:
    return urlencode({name: request.GET.get(name, "") for name in ("show", "page")})


def _edited(
    upload: RosterImport, page: Iterable[SeenRow], number: str | None, typed: Any
) -> dict[str, Any]:
    row = next((one.result for one in page if str(one.result.row) == number), None)
    if row is None:
        return {}
    form = RowForm(
        typed,
        cells=row_editing.cells_of(upload, row.row),
        heading=check_job.heading_in(upload),
        found=row,
        auto_id=f"row_{row.row}_%s",
    )
    return {"edited": row.row, "row_form": form}


def _mapping(upload: RosterImport) -> list[tuple[str, str]]:
    table: dict[str, Any] = upload.table or {"columns": {}, "headings": {}}
    held = {at: field for field, at in table["columns"].items()}
    return [
        (heading, str(FIELD_LABELS[held.get(int(at), "")]))
        for at, heading in sorted(table["headings"].items(), key=lambda item: int(item[0]))
    ]


def visible_upload(user: User, pk: int) -> RosterImport:
    uploads = RosterImport.objects.visible_to(user).without_file()
    return get_object_or_404(uploads.select_related("uploaded_by", "job"), pk=pk)


def upload_to_act_on(user: User, pk: int) -> RosterImport:
    """403 for readers who may only look on, since their agency has ended."""
    upload = visible_upload(user, pk)
    if not may_act_on(user, upload):
        raise PermissionDenied
    return upload


def may_act_on(user: User, upload: RosterImport) -> bool:
    return RosterImport.objects.manageable_by(user).filter(pk=upload.pk).exists()


def _found(request: AuthenticatedHttpRequest, upload: RosterImport) -> dict[str, Any]:
    preview, whole = Preview(upload), upload.report
    show = request.GET.get("show", "")
    show = show if show in (*Outcome, WARNED) else ""
    page = Paginator(preview.rows(show), ROWS).get_page(request.GET.get("page"))
    rejected = preview.count(Outcome.REJECTED)
    return {
        "report": whole,
        "stay": _stay(whole.get("stay", ())),
        "figures": _figures(preview, whole),
        "good": preview.count() - rejected,
        "days": formats.days(upload.run.starts_on, upload.run.ends_on),
        "entering": formats.number(entering) if (entering := whole.get("entering", 0)) else "",
        "entering_count": entering,
        "reach": _reach(upload),
        "rejected": rejected,
        "tabs": _tabs(preview, show),
        "page": page,
        "query": f"show={show}&" if show else "",
        "rows": shown_rows(request.user, upload, list(page)),
    }


def _reach(upload: RosterImport) -> Reach | None:
    """None for classes of the past, of which nobody is told, and checks of earlier releases."""
    found = (upload.report or {}).get("reach")
    return Reach(**found) if found and clock.today() <= upload.run.ends_on else None


def _stay(found_in_undo: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    codes: dict[str, list[str]] = defaultdict(list)
    for code, reason in found_in_undo:
        codes[reason].append(code)
    return [
        {"reason": RemovalObstacle(reason).label, "count": len(found), "codes": found[:NAMED]}
        for reason, found in codes.items()
    ]


def _figures(preview: Preview, whole: dict[str, Any]) -> list[tuple[str, str]]:
    figures = [
        (_("rows"), preview.count()),
        (_("new people"), preview.count(Outcome.CREATED)),
        (_("existing people"), preview.count(Outcome.MATCHED)),
        (_("no changes"), preview.count(Outcome.UNCHANGED)),
        (_("to be compared"), preview.count(Outcome.CANDIDATE)),
        (_("rejected"), preview.count(Outcome.REJECTED)),
    ]
    if whole["written"]:
        figures += [
            (_("seated"), whole["enrolled"]),
            (_("on the waiting list"), whole["waitlisted"]),
            (_("pending approval"), whole["pending"]),
        ]
    if updated := whole.get("updated"):
        figures.append((_("enrollments updated"), updated))
    if asked := whole.get("transfers"):
        figures.append((_("transfer requests"), asked))
    if missing := len(whole.get("missing", ())) + len(whole.get("uncertain", ())):
        figures.append((_("no longer on the list"), missing))
    if withdrawn := whole.get("withdrawn"):
        figures.append((_("withdrawn"), len(withdrawn)))
    return [(label, formats.number(value)) for label, value in figures]


def _tabs(preview: Preview, show: str) -> list[dict[str, Any]]:
    kinds = [("", _("All rows")), *((o.value, str(o.label)) for o in Outcome)]
    kinds.append((WARNED, _("with warnings")))
    found = [(key, label, preview.count(key)) for key, label in kinds]
    return [
        {
            "label": f"{label} ({formats.number(count)})",
            "href": f"?show={key}" if key else "?",
            "is_current": key == show,
        }
        for key, label, count in found
        if count or not key
    ]


@allow(*PEOPLE_MANAGERS)
@require_POST
def confirm_roster(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    user = request.user
    upload = upload_to_act_on(user, pk)
    form = missing_form(user, upload, request.POST)
    if form and not form.is_valid():
        return show_roster(request, upload, edit=None, missing=form)
    with error_as_message(request):
        staging.confirm(
            by=user.as_actor(),
            user=user,
            upload=upload,
            partial="partial" in request.POST,
            withdraw=form.reasons() if form else None,
        )
    return redirect("roster", pk=pk)


@allow(*PEOPLE_MANAGERS)
@require_POST
def discard_roster(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    upload = upload_to_act_on(request.user, pk)
    try:
        staging.discard(by=request.user.as_actor(), upload=upload)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("roster", pk=pk)
    messages.success(request, _("Roster discarded; nothing was imported."))
    return redirect("rosters")


@allow(*PEOPLE_MANAGERS)
@recorded_download
@never_cache
def rejected_rows(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    upload = upload_to_act_on(request.user, pk)
    try:
        content = rejects_file(by=request.user.as_actor(), upload=upload)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("roster", pk=pk)
    name = f"{PurePath(upload.file_name).stem}-{pk}.xlsx"
    return HttpResponse(content, headers=attachment(name), content_type=FileForm.XLSX.content_type)
