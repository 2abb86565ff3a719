import datetime as dt
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, NamedTuple
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
from agencies.fields import SHOWN, are_too_many
from agencies.models import Agency
from agencies.querysets import shown_name
from common import formats
from common.access import allow
from common.keyset import beyond, reverse
from common.lists import Column, address_of, badge, explained, linked
from common.prepared import Given, Prepared
from common.sorting import Sorting
from common.unasked_filters import Unasked, is_unasked
from competencies.models import Audience
from enrollment.services.people import (
    agencies_listed_for,
    first_agencies_listed_for,
    number_listed_for,
    people_listed_for,
)
from people.choices import TrainingStatus
from people.forms import PeopleFilter
from people.models import ShownPerson, Trainee
from people.querysets import Reader, TraineeQuerySet, reader_of
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


class _Columns(NamedTuple):
    pk: int
    code: str
    full_name: str
    birth_date: dt.date | None
    birth_year: int | None
    personal_number_tail: str
    position: str
    agency__name_vi: str
    agency__name_en: str


class PersonRow(ShownPerson, _Columns):
    @property
    def agency(self) -> str:
        return shown_name(self.agency__name_vi, self.agency__name_en)


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


def _filter(user: User, data: Any) -> PeopleFilter | Unasked:
    if user.reads_everything and not is_unasked(PeopleFilter, data):
        return PeopleFilter(data, agencies=agencies_listed_for(user))
    if user.reads_everything and are_too_many(Agency):
        return Unasked(_of_all, PeopleFilter.base_fields)
    first = first_agencies_listed_for(user, SHOWN + 1)
    return PeopleFilter(data, agencies=agencies_listed_for(user), first=first)


def _of_all() -> PeopleFilter:
    return PeopleFilter({}, agencies=Agency.objects.all())


def _answer(
    request: AuthenticatedHttpRequest, form: PeopleFilter | Unasked, status: int = 200
) -> HttpResponse:
    people, before, after, filters = list[PersonRow](), "", "", dict[str, str]()
    total, sorting = 0, Sorting(request.GET, SORTED_BY, default="name")
    if form.is_valid():
        filters = {name: value for name, value in form.asked().items() if value}
        sorting = Sorting(request.GET, SORTED_BY, default="name", kept=filters)
        ask = _of_reader.once if filters else _of_reader
        reader = reader_of(request.user)
        people, before, after = people_page(
            partial(ask, reader, tuple(filters.items())), request.GET, sorting
        )
        total = number_listed_for(reader, **filters)
    context = {
        "form": form,
        "columns": COLUMNS,
        "rows": _rows(people, request.user),
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


def _rows(people: list[PersonRow], reader: User) -> list[tuple[str, ...]]:
    statuses = TrainingStatuses().of(person.pk for person in people)
    address, why = address_of("person"), address_of("explain")
    badges = {status: badge(status.label, tone) for status, tone in STATUS_TONES.items()}
    seen = _seen_as_people(people, reader)
    return [
        (
            linked(address(person.code), person.full_name, person.code),
            explained(why(person.code), badges[statuses[person.pk]], person.full_name)
            if person.pk in seen
            else badges[statuses[person.pk]],
            person.birth,
            person.masked_number,
            person.position,
            person.agency,
        )
        for person in people
    ]


def _seen_as_people(people: list[PersonRow], reader: User) -> set[int]:
    """Whose reasons the reader may read; of those in their classes, trainers see less."""
    shown = {person.pk for person in people}
    if reader.reads_everything or not reader.has_role(Role.TRAINER):
        return shown
    return set(Trainee.objects.visible_to(reader).filter(pk__in=shown).values_list("pk", flat=True))


def _title(user: User) -> str:
    if user.reads_everything:
        return _("People")
    return _("My people") if user.has_role(Role.COORDINATOR) else _("People in my classes")


def people_page(
    ask: Callable[..., list[Any]], asked: Any, sorting: Sorting
) -> tuple[list[PersonRow], str, str]:
    """Rows after (or before) a trainee code, and the codes for the previous and next links.

    ``ask`` is ``in_order`` of people.
    """
    forward = "before" not in asked
    at = asked.get("after" if forward else "before", "")
    order = sorting.fields if forward else reverse(sorting.fields)
    edge = ask(order, Part.ROW, code=at) if at else []
    given = dict(zip(_names(order), edge[0], strict=True)) if edge else {}
    found = ask(order, Part.BEHIND if edge else Part.ALL, **given)
    more, page = len(found) > PAGE, [PersonRow._make(row) for row in found[:PAGE]]
    if not forward:
        page.reverse()
    behind, ahead = (more, bool(edge)) if not forward else (bool(edge), more)
    first, last = (page[0].code, page[-1].code) if page else ("", "")
    return page, first if behind else "", last if ahead else ""


class Part(Enum):
    ALL = 1
    ROW = 2  # the place of one in the order
    BEHIND = 3  # that place


@Prepared
def in_order(people: TraineeQuerySet, order: tuple[str, ...], part: Part) -> Any:
    names = _names(order)
    if "born_in" in names:
        people = people.annotate(
            born_in=Coalesce("birth_year", 0), born_on=Coalesce("birth_date", dt.date.min)
        )
    if part is Part.ROW:
        return people.filter(code=Given("code")).order_by().values_list(*names)
    if part is Part.BEHIND:
        people = people.filter(beyond(order, [Given(name) for name in names]))
    return people.order_by(*order).values_list(*PersonRow._fields)[: PAGE + 1]


@Prepared
def _of_reader(reader: Reader, filters: tuple[tuple[str, str], ...], *order: Any) -> Any:
    return in_order.build(people_listed_for(reader, **dict(filters)), *order)


def _names(order: tuple[str, ...]) -> list[str]:
    return [name.removeprefix("-") for name in order]
