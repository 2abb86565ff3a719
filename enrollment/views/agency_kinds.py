from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from agencies.models import Agency
from common import formats
from common.access import allow
from common.form_errors import domain_errors_on
from enrollment.forms import AgencyKindForm
from enrollment.services.agency_kinds import (
    move_results_to_agency_kind,
    recorded_under_another_kind,
)


@allow(Role.PROGRAMME_OFFICE)
def agency_kind_page(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Asks what becomes of the results that were recorded under another kind of the agency."""
    agency = get_object_or_404(Agency, slug=slug)
    results = recorded_under_another_kind(agency)
    if not results.exists():
        return redirect("agency", slug)
    form = AgencyKindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            if form.cleaned_data["results"] == AgencyKindForm.MOVE:
                reason, by = form.cleaned_data["reason"], request.user.as_actor()
                move_results_to_agency_kind(by=by, agency=agency, reason=reason)
            messages.success(request, _("Saved."))
            return redirect("agency", slug)
    context = {
        "agency": agency,
        "form": form,
        "people": formats.number(results.values("trainee").distinct().count()),
        "results": formats.number(results.count()),
        "kind": agency.get_kind_display(),
    }
    status = 400 if form.errors else 200
    return render(request, "enrollment/agency_kind.html", context, status=status)
