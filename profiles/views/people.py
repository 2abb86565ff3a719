import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from accounts.choices import STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from common.access import allow
from common.keyset import beyond, reverse
from common.lists import Column, address_of, badge, explained, linked
from common.sorting import Sorting
from competencies.models import Audience
from enrollment.services.people import agencies_listed_for, number_listed_for, people_listed_for
from people.choices import TrainingStatus
from people.forms import PeopleFilter
from people.models import Trainee
from people.querysets import TraineeQuerySet
from profiles.training_status import TrainingStatuses

PAGE = 50
STATUS_TONES = {
    TrainingStatus.TRAINED: "good",
    TrainingStatus.ENROLLED: "wait",
    TrainingStatus.NOT_YET: "",
}
SORTED_BY = {
    "name": ("sort_key", "pk"),
    "birth": ("born_in", "born_on", "sort_key", "pk"),
    "agency": ("agency__sort_key", "sort_key", "pk"),
}
COLUMNS = (
    Column(gettext_lazy("Full name"), "name"),
    Column(gettext_lazy("Training status")),
    Column(gettext_lazy("Birth date"), "birth", "date wide-only"),
    Column(gettext_lazy("Personal number"), kind="code wide-only"),
    Column(gettext_lazy("Position"), kind="wide-only"),
    Column(gettext_lazy("Agency"), "agency"),
)
_COLUMNS = (
    "code", "full_name", "birth_date", "birth_year", "personal_number_tail", "position", "unit",
    "sort_key", "agency__name_vi", "agency__name_en",
)  # fmt: skip


@allow(*STAFF)
@never_cache
def people_list(request: AuthenticatedHttpRequest) -> HttpResponse:
    """A search is sent by POST, so that a personal number typed into it never gets into a URL."""
    if request.method == "POST":
        return _searched(request)
    form = _filter(request.user, request.GET)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("people")
    return _answer(request, form)


def _searched(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Redirect to the URL of the search, unless it may contain a personal number."""
    form = _filter(request.user, request.POST)
    if not form.is_valid():
        return _answer(request, form, status=400)
    query = urlencode({name: value for name, value in form.asked().items() if value})
    address = redirect("people")
    if query:
        address["Location"] += f"?{query}"
    return address


def _filter(user: User, data: Any) -> PeopleFilter:
    return PeopleFilter(data, agencies=agencies_listed_for(user))


def _answer(
    request: AuthenticatedHttpRequest, form: PeopleFilter, status: int = 200
) -> HttpResponse:
    people, before, after, filters = list[Trainee](), "", "", dict[str, str]()
    total, sorting = 0, Sorting(request.GET, SORTED_BY, default="name")
    if form.is_valid():
        filters = {name: value for name, value in form.asked().items() if value}
        sorting = Sorting(request.GET, SORTED_BY, default="name", kept=filters)
        found = people_listed_for(request.user, **filters)
        people, before, after = people_page(found, request.GET, sorting)
        total = number_listed_for(request.user, **filters)
    context = {
        "form": form,
        "columns": COLUMNS,
        "rows": _rows(people),
        "total": formats.number(total),
        "before": before,
        "after": after,
        "sorting": sorting,
        "query": sorting.query,
        "narrowed": bool(filters),
        "audience": Audience.objects.filter(slug=filters["untrained"]).first()
        if "untrained" in filters
        else None,
        "export": urlencode(filters),
        "title": _title(request.user),
    }
    return render(request, "profiles/list.html", context, status=status)


def _rows(people: list[Trainee]) -> list[tuple[str, ...]]:
    statuses = TrainingStatuses().of(people)
    address, why = address_of("person"), address_of("explain")
    badges = {status: badge(status.label, tone) for status, tone in STATUS_TONES.items()}
    return [
        (
            linked(address(person.code), person.full_name, person.code),
            explained(why(person.code), badges[statuses[person.pk]], person.full_name),
            person.birth,
            person.masked_number,
            person.position,
            person.agency.name,
        )
        for person in people
    ]


def _title(user: User) -> str:
    if user.reads_everything:
        return _("People")
    return _("My people") if user.has_role(Role.COORDINATOR) else _("People in my classes")


def people_page(
    people: TraineeQuerySet, asked: Any, sorting: Sorting
) -> tuple[list[Trainee], str, str]:
    """Rows after (or before) a trainee code, and the codes for the previous and next links."""
    forward = "before" not in asked
    at = asked.get("after" if forward else "before", "")
    order = sorting.fields if forward else reverse(sorting.fields)
    if sorting.name == "birth":
        people = people.annotate(born_in=Coalesce("birth_year", 0)).annotate(
            born_on=Coalesce("birth_date", dt.date.min)
        )
    names = [name.removeprefix("-") for name in order]
    edge = people.filter(code=at).values_list(*names).first() if at else None
    rows = people.filter(beyond(order, edge)) if edge else people
    found = list(rows.select_related("agency").only(*_COLUMNS).order_by(*order)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if not forward:
        found.reverse()
    behind, ahead = (more, bool(edge)) if not forward else (bool(edge), more)
    first, last = (found[0].code, found[-1].code) if found else ("", "")
    return found, first if behind else "", last if ahead else ""
