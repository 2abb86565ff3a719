"""Query parameters that a list does not declare are refused, never ignored and never guessed at."""

import re
from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

_LONGEST = 100


class RefuseLookupsMiddleware(MiddlewareMixin):
    """No page takes a look-up of the database (``?body__regex=``) from a visitor.

    Views that declare their own parameters, and say so with ``declares_lookups``, are asked
    themselves; so is the API, which refuses every unknown parameter in its own form.
    """

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.path.startswith("/api/") or getattr(view, "declares_lookups", False):
            return None
        names = [name for name in request.GET if "__" in name]
        return refused(request, names[0]) if names else None


def undeclared(request: HttpRequest, declared: Collection[str]) -> str:
    """The first query parameter that is not declared, repeated, or malformed; empty if none."""
    for name, values in request.GET.lists():
        if name not in declared or len(values) != 1 or not _is_plain(name, values[0]):
            return name
    return ""


def _is_plain(name: str, value: str) -> bool:
    if len(value) > _LONGEST or not value.isprintable():
        return False
    if name == "o":
        return bool(re.fullmatch(r"(-?[0-9]{1,2}(\.-?[0-9]{1,2}){0,5})?", value))
    # Parts of dates and numbers of pages; a number without end overflows in the database.
    is_number = name == "p" or name.endswith(("__year", "__month", "__day"))
    return not is_number or bool(re.fullmatch(r"[0-9]{1,6}", value))


def refused(request: HttpRequest, name: str) -> HttpResponse:
    reason = _("This page cannot be searched or sorted by “%(name)s”.") % {"name": name[:40]}
    return render(request, "400.html", {"reason": reason}, status=400)
