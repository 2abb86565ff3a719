"""The filters that users keep for themselves: saved on the page of a list, mended here."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import FilterNameForm, SaveFilterForm
from accounts.http import AuthenticatedHttpRequest
from accounts.models import SavedFilter
from accounts.services.saved_filters import remove_filter, rename_filter, save_filter
from common.access import SIGNED_IN, allow
from common.refusals import refusal_on
from lms.saved_filters import LISTS, address_for


@allow(SIGNED_IN)
def filter_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    rows = [
        {
            "filter": saved,
            "list": LISTS.get(saved.page, saved.page),
            "address": address_for(request.user, saved.page, saved.query),
            "is_of_class": saved.page == "run",
        }
        for saved in request.user.saved_filters.all()
    ]
    return render(request, "lms/saved_filters.html", {"rows": rows})


@allow(SIGNED_IN)
@require_POST
def new_filter(request: AuthenticatedHttpRequest) -> HttpResponse:
    form = SaveFilterForm(request.POST, pages=LISTS)
    if form.is_valid():
        with refusal_on(form):
            by, here = request.user.as_actor(), form.cleaned_data.pop("here")
            saved, is_new = save_filter(by=by, user=request.user, **form.cleaned_data)
            text = _("Filter “%(name)s” saved.") if is_new else _("Filter “%(name)s” replaced.")
            messages.success(request, text % {"name": saved.name})
            return redirect(_back(request, saved, here))
    return render(request, "lms/save_filter.html", {"form": form}, status=400)


@allow(SIGNED_IN)
def saved_filter(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(request.user.saved_filters, pk=pk)
    form = FilterNameForm(request.POST or None, initial={"name": saved.name})
    if request.method == "POST" and form.is_valid():
        with refusal_on(form, "name"):
            rename_filter(by=request.user.as_actor(), saved=saved, name=form.cleaned_data["name"])
            messages.success(request, _("Filter renamed."))
            return redirect("saved_filters")
    context = {"form": form, "saved": saved}
    return render(request, "lms/saved_filter.html", context, status=400 if form.errors else 200)


@allow(SIGNED_IN)
@require_POST
def remove_saved_filter(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    saved = get_object_or_404(request.user.saved_filters, pk=pk)
    remove_filter(by=request.user.as_actor(), saved=saved)
    messages.success(request, _("Filter removed."))
    return redirect("saved_filters")


def _back(request: AuthenticatedHttpRequest, saved: SavedFilter, here: str) -> str:
    """The list that the filter was saved on: of a class, by the path that the form sent."""
    if here.startswith("/") and url_has_allowed_host_and_scheme(here, None):
        return f"{here}?{saved.query}"
    return address_for(request.user, saved.page, saved.query) or reverse("saved_filters")
