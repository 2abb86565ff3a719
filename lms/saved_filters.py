"""The lists whose filter a user can save, and which part of an address is that filter."""

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import SavedFilter, User
from common.prepared import Given, Prepared, instances, stored_names
from lms.menu import MENUS, Page, may_open

Asked = dict[str, list[str]]
SORT = "sort"
_ROUTES = (
    "accounts", "agencies", "audit", "certificates", "courses", "effect", "evaluations",
    "message_outbox", "people", "people_accounts", "runs", "tasks", "training_matrix",
)  # fmt: skip
_PAGES: dict[str, Page] = {
    page.route: page for menu in MENUS.values() for job in menu for page in job.pages
}
LISTS: dict[str, Promise] = {
    **{route: _PAGES[route].label for route in _ROUTES},
    "run": _("People of a class"),  # one filter for the list of every class
}


@Prepared
def _saved() -> Any:
    saved = SavedFilter.objects.filter(user=Given("user"), page=Given("page"))
    return saved.values_list(*stored_names(SavedFilter))


def saved_by(user: User, route: str) -> list[SavedFilter]:
    """Their filters of a list, by name."""
    return instances(SavedFilter, _saved(user=user.pk, page=route))


def asked_in(given: QueryDict, fields: Iterable[str]) -> Asked:
    """What an address asks of a list with these fields, and the column sorted by."""
    found = {name: list(filter(None, given.getlist(name))) for name in (*fields, SORT)}
    return {name: values for name, values in found.items() if values}


def address_for(user: User, route: str, query: str) -> str:
    """Where the filter opens; empty for the list of no one class and what is closed to the user."""
    page = _PAGES.get(route)
    return f"{page.address}?{query}" if page and may_open(page, user.roles) else ""
