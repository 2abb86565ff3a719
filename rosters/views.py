"""Rosters on their way in: what was uploaded, and what became of every row."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.choices import Role
from common import formats
from common.access import open_to
from rosters.models import RosterImport

PAGE = 50
SENDERS = (Role.COORDINATOR, Role.PROGRAMME_OFFICE)


@open_to(*SENDERS, Role.AUDITOR)
def roster_list(request: HttpRequest) -> HttpResponse:
    """The rosters that the visitor uploaded or that were uploaded for their agencies."""
    found = RosterImport.objects.visible_to(request.user).select_related("run", "agency")
    page = Paginator(found.defer("content", "report"), PAGE).get_page(request.GET.get("page"))
    return render(request, "rosters/list.html", {"page": page, "rows": []})


@open_to(*SENDERS)
def new_roster(request: HttpRequest) -> HttpResponse:
    return render(request, "rosters/new.html", {})


@open_to(*SENDERS, Role.AUDITOR)
def roster_page(request: HttpRequest, pk: int) -> HttpResponse:
    roster = get_object_or_404(RosterImport.objects.visible_to(request.user), pk=pk)
    return render(request, "rosters/roster.html", {"roster": roster, "day": formats})
