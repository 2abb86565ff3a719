"""Confirmations of attendance: of a class, the register, one with all that may be done to it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.choices import OVERSEERS, Role
from accounts.http import AuthenticatedHttpRequest
from certificates.models import AttendanceConfirmation
from certificates.services import attendance, attendance_corrections
from certificates.views.attendance_verdicts import printed
from certificates.views.register import PAGE, TONES
from certificates.views.verification import handed_out
from common import formats
from common.access import SIGNED_IN, allow
from common.errors import DomainError
from common.form_choices import RowsField, set_choices
from common.lists import Column, address_of, badge, linked
from common.numbers import whole_number
from common.refusals import refusal_as_message
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.services.completion import AttendanceRecord
from enrollment.views.shared import run_context

COLUMNS = (
    Column(gettext_lazy("Number")),
    Column(gettext_lazy("Full name")),
    Column(gettext_lazy("Class")),
    Column(gettext_lazy("Sessions")),
    Column(gettext_lazy("Issued"), kind="date"),
    Column(gettext_lazy("State")),
)


class ChosenForm(forms.Form):
    """Of those who qualify, whom to issue a confirmation to."""

    who = RowsField(queryset=Enrollment.objects.none())

    def __init__(self, *args: Any, qualifying: list[AttendanceRecord], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [record.outcome.enrollment.pk for record in qualifying]
        set_choices(self, who=Enrollment.objects.filter(pk__in=ids))


@allow(*OVERSEERS)
@never_cache
def run_confirmations(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    if request.method == "POST":
        return _issue(request, run)
    issued = AttendanceConfirmation.objects.filter(enrollment__run=run).in_register_order()
    context = run_context(request, run) | {
        "columns": COLUMNS,
        "rows": confirmation_rows(issued),
        "owed": attendance.owed(run).count(),
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    try:
        context["qualifying"] = attendance.qualifying(run)
    except DomainError as error:
        context["refusal"] = error.message
    return render(request, "certificates/run_confirmations.html", context)


def _issue(request: AuthenticatedHttpRequest, run: CourseRun) -> HttpResponse:
    if not request.user.has_role(Role.PROGRAMME_OFFICE):
        raise PermissionDenied
    by, owner = request.user.as_actor(), request.user
    with refusal_as_message(request):
        if request.POST.get("action") == "files":
            attendance.start_writing(by=by, run=run, owner=owner)
            return redirect("run_confirmations", code=run.code)
        form = ChosenForm(request.POST, qualifying=attendance.qualifying(run))
        if not form.is_valid():
            messages.error(request, _("Select at least one person of this class."))
            return redirect("run_confirmations", code=run.code)
        chosen = {enrollment.pk for enrollment in form.cleaned_data["who"]}
        issued = attendance.issue_confirmations(by=by, run=run, owner=owner, chosen=chosen)
        text = ngettext(
            "%(count)s confirmation issued; the file is being created.",
            "%(count)s confirmations issued; the files are being created.",
            len(issued),
        )
        messages.success(request, text % {"count": formats.number(len(issued))})
    return redirect("run_confirmations", code=run.code)


def confirmation_rows(confirmations: Iterable[AttendanceConfirmation]) -> list[tuple[str, ...]]:
    address = address_of("attendance_confirmation")
    return [
        (
            linked(address(one.verification_code), one.register_label),
            one.printed_value("full_name"),
            one.printed_value("run_code"),
            f"{one.printed_value('attended')} / {one.printed_value('sessions_held')}",
            formats.day(formats.local_day(one.issued_at)),
            badge(one.get_state_display(), TONES[one.state]),
        )
        for one in confirmations
    ]


@allow(SIGNED_IN)
@never_cache
@require_safe
def confirmation_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The register of the confirmations that the reader may see, the latest first."""
    rows = AttendanceConfirmation.objects.visible_to(request.user)
    before = whole_number(request.GET.get("before"))
    shown = list(rows.newest_first(before=before)[: PAGE + 1])
    context = {
        "columns": COLUMNS,
        "count": formats.number(rows.count()),
        "rows": confirmation_rows(shown[:PAGE]),
        "older": urlencode({"before": shown[PAGE - 1].pk}) if len(shown) > PAGE else "",
        "is_later_page": bool(before),
    }
    return render(request, "certificates/confirmations.html", context)


# One confirmation -----------------------------------------------------------------------


@allow(SIGNED_IN)
@never_cache
def confirmation_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    visible = AttendanceConfirmation.objects.visible_to(request.user)
    confirmation = get_object_or_404(
        visible.select_related("enrollment__run", "superseded_by", "supersedes"),
        verification_code=code,
    )
    if request.method == "POST":
        return _change(request, confirmation)
    context = {
        "confirmation": confirmation,
        "printed": printed(confirmation),
        "tone": TONES[confirmation.state],
        "predecessor": getattr(confirmation, "supersedes", None),
        "revoked_on": formats.instant(confirmation.revoked_at),
        "may_act": request.user.has_role(Role.PROGRAMME_OFFICE),
    }
    return render(request, "certificates/confirmation.html", context)


def _change(
    request: AuthenticatedHttpRequest, confirmation: AttendanceConfirmation
) -> HttpResponse:
    if not request.user.has_role(Role.PROGRAMME_OFFICE):
        raise PermissionDenied
    by, reason = request.user.as_actor(), request.POST.get("reason", "")
    with refusal_as_message(request):
        if request.POST.get("action") == "revoke":
            attendance_corrections.revoke_confirmation(
                by=by, confirmation=confirmation, reason=reason
            )
        elif request.POST.get("action") == "replace":
            confirmation = attendance_corrections.replace_confirmation(
                by=by, confirmation=confirmation, reason=reason, owner=request.user
            )
    return redirect("attendance_confirmation", code=confirmation.verification_code)


@allow(SIGNED_IN)
@never_cache
@require_safe
def confirmation_file(request: AuthenticatedHttpRequest, code: str) -> HttpResponseBase:
    visible = AttendanceConfirmation.objects.visible_to(request.user).exclude(file="")
    confirmation = get_object_or_404(visible, verification_code=code)
    with refusal_as_message(request):
        return handed_out(confirmation)
    return redirect("attendance_confirmation", code=code)
