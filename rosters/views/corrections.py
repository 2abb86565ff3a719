"""Corrections of an upload before its import, and undoing it afterwards."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS
from accounts.http import AuthenticatedHttpRequest
from common.access import allow
from common.errors import DomainError
from common.form_errors import error_as_message
from rosters.choices import ImportState
from rosters.forms import ColumnsForm, RowForm
from rosters.importing import check_job, import_job, rest, row_editing, staging
from rosters.views.uploads import looked_at, show_roster, upload_to_act_on


@allow(*PEOPLE_MANAGERS)
@never_cache
def roster_columns(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    user = request.user
    upload = upload_to_act_on(user, pk)
    if upload.table is None or upload.state != ImportState.STAGED or upload.rest_of_id:
        messages.error(request, _("The columns of this roster can no longer be changed."))
        return redirect("roster", pk=pk)
    form = ColumnsForm(request.POST or None, table=upload.table)
    if request.method == "POST" and form.is_valid():
        with error_as_message(request):
            staging.map_columns(
                by=user.as_actor(),
                user=user,
                upload=upload,
                sheet=form.cleaned_data["sheet"],
                fields=form.fields_by_column(),
            )
        return redirect("roster", pk=pk)
    context = {"upload": upload, "form": form}
    return render(request, "rosters/columns.html", context)


@allow(*PEOPLE_MANAGERS)
@require_POST
def roster_row(request: AuthenticatedHttpRequest, pk: int, number: int) -> HttpResponse:
    user = request.user
    upload, still_wrong = upload_to_act_on(user, pk), True
    try:
        form = RowForm(
            request.POST,
            cells=row_editing.cells_of(upload, number),
            heading=check_job.heading_in(upload),
        )
        if not form.is_valid():
            refusal = _("Row %(row)s was not changed; the errors are shown next to its cells.")
            messages.error(request, refusal % {"row": number})
            return show_roster(request, upload, edit=str(number), typed=request.POST)
        upload = row_editing.edit_row(
            by=user.as_actor(),
            user=user,
            upload=upload,
            row_number=number,
            cells=form.cleaned_data,
        )
        still_wrong = not staging.is_busy(upload) and row_editing.is_rejected(upload, number)
        messages.success(request, _("Row %(row)s was checked again.") % {"row": number})
    except DomainError as error:
        messages.error(request, error.message)
    query = looked_at(request) + (f"&edit={number}" if still_wrong else "")
    return redirect(f"{reverse('roster', args=[pk])}?{query}#row-{number}")


@allow(*PEOPLE_MANAGERS)
@require_POST
def stage_rest(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    user = request.user
    upload = upload_to_act_on(user, pk)
    try:
        upload = rest.stage_rest(by=user.as_actor(), user=user, upload=upload)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("roster", pk=upload.pk)


@allow(*PEOPLE_MANAGERS)
@require_POST
def undo_roster(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    upload = upload_to_act_on(request.user, pk)
    with error_as_message(request, _("Import undone.")):
        import_job.undo(by=request.user.as_actor(), upload=upload)
    return redirect("roster", pk=pk)
