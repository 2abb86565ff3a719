from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import template
from django.http import QueryDict
from django.template.loader import render_to_string

from accounts.models import SavedFilter
from common.sorting import Sorting
from lms.saved_filters import LISTS, SORT, Asked, asked_in, saved_by

register = template.Library()


@register.simple_tag(takes_context=True)
def saved_filters(context: template.Context, form: Any) -> str:
    """The user's filters of this list, each a link, and the field to save the present one."""
    request = context["request"]
    route = request.resolver_match.url_name if request.resolver_match else ""
    if route not in LISTS or not request.user.is_authenticated:
        return ""
    saved = saved_by(request.user, route)
    asked = asked_in(request.GET, form.fields)
    opened = next((one for one in saved if _is_open(one, request.GET, form.fields)), None)
    lost = _lost(opened.asked, form.fields, context.get("sorting")) if opened else []
    is_new = asked and not form.errors and (lost or not opened)
    if not saved and not is_new:
        return ""
    values = {
        "saved": saved,
        "opened": opened,
        "lost": ", ".join(lost),
        "query": urlencode(asked, doseq=True) if is_new else "",
        "page": route,
        "here": request.path,
        "csrf_token": context.get("csrf_token"),
    }
    return render_to_string("components/saved_filters.html", values)


def _is_open(saved: SavedFilter, given: QueryDict, fields: Iterable[str]) -> bool:
    asked: Asked = saved.asked
    return asked_in(given, {*fields, *asked}) == asked


def _lost(asked: Asked, fields: Iterable[str], sorting: Sorting | None) -> list[str]:
    """What the list cannot do any more, by its name in the address."""
    lost = set(asked) - {*fields, SORT}
    if SORT in asked and not (sorting and sorting.knows(asked[SORT][0])):
        lost.add(SORT)
    return sorted(lost)
