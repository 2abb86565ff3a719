from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import PEOPLE_MANAGERS, STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common.access import allow
from enrollment.services.people import agencies_listed_for, people_listed_for
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
    if form.is_valid():
        filters = {name: value for name, value in form.asked().items() if value}
        people, before, after = people_page(
            people_listed_for(request.user, **form.asked()), request.GET
        )
    context = {
        "form": form,
        "people": people,
        "statuses": TrainingStatuses().of(people),
        "tones": STATUS_TONES,
        "before": before,
        "after": after,
        "query": urlencode(filters) + "&" if filters else "",
        "narrowed": bool(filters),
        "export": urlencode(filters),
        "title": _title(request.user),
        "sees_pairs": request.user.reads_everything,
        "keeps_people": request.user.has_role(*PEOPLE_MANAGERS),
    }
    return render(request, "profiles/list.html", context, status=status)


def _title(user: User) -> str:
    if user.reads_everything:
        return _("People")
    return _("My people") if user.has_role(Role.COORDINATOR) else _("People in my classes")


def people_page(people: TraineeQuerySet, asked: Any) -> tuple[list[Trainee], str, str]:
    """Rows after (or before) a trainee code, and the codes for the previous and next links."""
    forward = "before" not in asked
    at = asked.get("after" if forward else "before", "")
    edge = people.filter(code=at).only("sort_key").first() if at else None
    rows = people.select_related("agency").only(*_COLUMNS)
    order = ("sort_key", "pk") if forward else ("-sort_key", "-pk")
    if edge:
        side = "gt" if forward else "lt"
        rows = rows.filter(
            # The first part alone is what an index can begin with.
            Q(**{f"sort_key__{side}e": edge.sort_key}),
            Q(**{f"sort_key__{side}": edge.sort_key})
            | Q(sort_key=edge.sort_key, **{f"pk__{side}": edge.pk}),
        )
    found = list(rows.order_by(*order)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if not forward:
        found.reverse()
    behind, ahead = (more, bool(edge)) if not forward else (bool(edge), more)
    first, last = (found[0].code, found[-1].code) if found else ("", "")
    return found, first if behind else "", last if ahead else ""
