"""Exports: the choice of rows and columns, the file at once or from a job."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, PEOPLE_READERS, STAFF
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from common.access import allow, recorded_download
from common.downloads import attachment
from common.errors import DomainError
from common.numbers import whole_number
from common.public_text import searched_by
from common.spreadsheets import FileForm
from courses.models import CourseRun
from people.forms import PeopleFilter
from rosters.exporting import export_requests
from rosters.exporting.chosen_rows import chosen_rows
from rosters.exporting.samples import sample_roster
from rosters.fields import DEFAULT_KEYS
from rosters.forms import open_runs
from rosters.forms.exports import ExportForm, PeopleExportForm, ViewForm
from rosters.models import RosterExport, RosterView
from rosters.views.schedules import schedule_of

# What an address may fill in beforehand: never a reason, which is for a person to write.
NARROWED_BY = ("run", "q", "agency", "status", "state", "since", "until")


@allow(*STAFF)
@never_cache
@searched_by("q")
def export_rosters(request: AuthenticatedHttpRequest) -> HttpResponseBase:
    """A short roster is streamed, a long one written by a job.

    Lists link here with the query that they were narrowed by.
    """
    user = request.user
    views = list(RosterView.objects.filter(owner=user))
    shown = next((view for view in views if str(view.pk) == request.GET.get("view")), None)
    chosen = {"columns": shown.fields} if shown else {}
    form = ExportForm(request.POST or None, user=user, initial=_narrowed(request.GET) | chosen)
    if not (form.is_bound and form.is_valid()):
        return _asked(request, form, views, shown)
    wanted = form.wanted()
    try:
        if name := form.cleaned_data["save_as"]:
            view = export_requests.save_view(
                by=user.as_actor(), user=user, name=name, fields=wanted["fields"]
            )
            if "only_save" in request.POST:
                messages.success(request, _("Columns saved."))
                return redirect(_page(_narrowed(wanted), view))
        return answer_choice(request, wanted)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(_page(_narrowed(wanted), shown))


@allow(*STAFF)
@never_cache
@searched_by("q")
def export_people(request: AuthenticatedHttpRequest) -> HttpResponseBase:
    user = request.user
    narrowed = _narrowed(request.GET, PeopleFilter.base_fields)
    form = PeopleExportForm(request.POST or None, user=user, initial=narrowed)
    if form.is_bound and form.is_valid():
        return answer_choice(request, form.wanted())
    status = 400 if form.is_bound else 200
    return render(request, "rosters/people.html", {"form": form}, status=status)


@allow(*STAFF)
def saved_columns(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    user = request.user
    view = get_object_or_404(RosterView, pk=pk, owner=user)
    form = ViewForm(request.POST or None, initial={"name": view.name})
    if request.method == "POST" and form.is_valid():
        try:
            export_requests.rename_view(by=user.as_actor(), view=view, **form.cleaned_data)
        except DomainError as error:
            form.add_error("name", error.message)
        else:
            messages.success(request, _("Columns renamed."))
            return redirect(_page(_narrowed(request.GET), view))
    context = {"form": form, "view": view, "back": _page(_narrowed(request.GET), view)}
    return render(request, "rosters/view.html", context, status=400 if form.errors else 200)


@allow(*STAFF)
@require_POST
def remove_columns(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    user = request.user
    view = get_object_or_404(RosterView, pk=pk, owner=user)
    export_requests.remove_view(by=user.as_actor(), view=view)
    messages.success(request, _("Saved columns removed."))
    return redirect(_page(_narrowed(request.GET)))


@allow(*STAFF)
@never_cache
def export_file(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """The file of a job, for its owner until it expires or their right to it ends."""
    user = request.user
    export = get_object_or_404(RosterExport, pk=pk, owner=user)
    if not export_requests.is_open_to(user, export):
        raise PermissionDenied
    try:
        content = export_requests.file_of(export)
    except DomainError as error:
        messages.error(request, error.message)
        if error.code == "not_written":
            return redirect("job", job_id=export.job_id)
        return redirect("export_rosters")
    return HttpResponse(
        content,
        headers=attachment(export.file_name),
        content_type=FileForm(export.file_name.rpartition(".")[2]).content_type,
    )


@allow(*STAFF)
@recorded_download
@never_cache
def roster_file(request: AuthenticatedHttpRequest, code: str, form: str) -> HttpResponseBase:
    run = get_object_or_404(CourseRun.objects.announced(), code=code)
    wanted: dict[str, Any] = {"run": run.code, "fields": [*DEFAULT_KEYS], "form": form}
    if chosen := request.GET.getlist("who"):
        wanted["who"] = [number for one in chosen if (number := whole_number(one)) is not None]
    return give_file(request.user, wanted)


@allow(*PEOPLE_MANAGERS)
@never_cache
def sample_file(request: AuthenticatedHttpRequest, code: str) -> HttpResponseBase:
    user = request.user
    run = get_object_or_404(open_runs(user), code=code)
    name = f"{run.code}-{_('sample')}.xlsx"
    pieces = sample_roster(run, list(Agency.objects.to_send_for(user)))
    return StreamingHttpResponse(
        pieces, headers=attachment(name), content_type=FileForm.XLSX.content_type
    )


def answer_choice(request: AuthenticatedHttpRequest, wanted: dict[str, Any]) -> HttpResponseBase:
    """The file, or where the button says so a list that is made ready every month."""
    if "schedule" not in request.POST:
        return give_file(request.user, wanted)
    try:
        schedule = schedule_of(request.user, wanted)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("schedules")
    return redirect("schedule", pk=schedule.pk)


def give_file(user: User, wanted: dict[str, Any]) -> HttpResponseBase:
    if chosen_rows(user, wanted).count() > export_requests.STREAMED:
        export = export_requests.request_export(by=user.as_actor(), user=user, wanted=wanted)
        assert export.job is not None
        return redirect("job", job_id=export.job.pk)
    form = FileForm(wanted["form"])
    name = f"{wanted.get('run') or _('roster')}.{form.suffix}"
    pieces = export_requests.stream_export(by=user.as_actor(), user=user, wanted=wanted)
    return StreamingHttpResponse(pieces, headers=attachment(name), content_type=form.content_type)


def _narrowed(asked: Mapping[str, Any], names: Iterable[str] = NARROWED_BY) -> dict[str, Any]:
    return {name: asked[name] for name in names if asked.get(name)}


def _page(narrowed: dict[str, Any], view: RosterView | None = None) -> str:
    """The page with these columns; it keeps the choice of rows, so that no link widens it."""
    return reverse("export_rosters", query=narrowed | ({"view": view.pk} if view else {}))


def _asked(
    request: AuthenticatedHttpRequest,
    form: ExportForm,
    views: list[RosterView],
    shown: RosterView | None,
) -> HttpResponse:
    narrowed = _narrowed(form.data if form.is_bound else form.initial)
    narrowed = {name: value for name, value in narrowed.items() if name not in form.errors}
    # Trainers come from their classes: the list of uploads is not theirs.
    back = "rosters" if request.user.has_role(*PEOPLE_READERS) else "my"
    context = {
        "form": form,
        "tabs": _tabs(narrowed, views, shown),
        "shown": shown,
        "back": reverse(back),
    }
    if shown:
        context["rename"] = reverse("saved_columns", args=[shown.pk], query=narrowed)
    return render(request, "rosters/export.html", context, status=400 if form.is_bound else 200)


def _tabs(
    narrowed: dict[str, Any], views: list[RosterView], shown: RosterView | None
) -> list[dict[str, Any]]:
    saved = [
        {"label": view.name, "href": _page(narrowed, view), "is_current": view == shown}
        for view in views
    ]
    usual = {"label": _("Default columns"), "href": _page(narrowed), "is_current": shown is None}
    return [usual, *saved] if saved else []
