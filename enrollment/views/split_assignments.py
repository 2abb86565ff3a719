from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from agencies.models import Succession
from common.access import allow
from common.form_errors import domain_errors_on
from common.numbers import whole_number
from enrollment.forms import SplitAssignmentForm
from enrollment.services.split_assignments import assign_completions, unresolved
from people.services.split_assignments import assign_people, people_unresolved

PAGE_SIZE = 50


@allow(Role.PROGRAMME_OFFICE)
def split_assignments_page(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    split = get_object_or_404(Succession.objects.not_voided(), pk=pk, kind="split")
    waiting = unresolved(split).select_related("trainee", "run", "enrollment", "sending_agency")
    people = people_unresolved(split)
    form = SplitAssignmentForm(request.POST or None, split=split, waiting=waiting, people=people)
    if form.is_valid():
        with domain_errors_on(form):
            _assign(request, split, form.cleaned_data)
            return redirect("split_assignments", pk)
    page = _page(request, waiting.order_by("trainee__sort_key", "id"))
    people_page = _page(request, people.in_roster_order())
    link = split.links.select_related("predecessor").first()
    context = {
        "form": form,
        # One pager for both lists: it follows the longer.
        "page": max(page, people_page, key=lambda each: each.paginator.count),
        "rows": page.object_list,
        "people": people_page.object_list,
        "agency": link.predecessor if link else None,
        "day": split.on,
    }
    status = 400 if form.errors else 200
    return render(request, "enrollment/split_assignments.html", context, status=status)


def _assign(request: AuthenticatedHttpRequest, split: Succession, chosen: dict[str, Any]) -> None:
    agency = chosen["agency"]
    assignment = {"by": request.user.as_actor(), "succession": split, "agency": agency}
    if chosen["people"]:
        assign_people(people=chosen["people"], **assignment)
    if chosen["completions"]:
        assign_completions(completions=chosen["completions"], **assignment)
    messages.success(request, _("Assigned to %(name)s.") % {"name": agency.name})


def _page(request: HttpRequest, rows: Any) -> "Page[Any]":
    """Empty beyond the last page, since the two lists differ in length."""
    number = whole_number(request.GET.get("page")) or 1
    paginator = Paginator(rows, PAGE_SIZE)
    if number > paginator.num_pages:
        return Page([], paginator.num_pages, paginator)
    return paginator.get_page(number)
