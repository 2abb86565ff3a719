"""The character U+0000, which no text holds and PostgreSQL stores nowhere."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

_NUL = "\x00"


class RefuseNulMiddleware(MiddlewareMixin):
    """A page takes no NUL in its address or in a form: views compare and store what was sent.

    Files are read by their own parsers, and the API refuses it in its own form of error.
    """

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.path.startswith("/api/") or not any(_NUL in text for text in _sent(request)):
            return None
        reason = _("The address or the form contains an invalid character (U+0000).")
        return render(request, "400.html", {"reason": reason}, status=400)


def _sent(request: HttpRequest) -> Iterator[str]:
    yield request.path
    # The forms were read already, for their CSRF token.
    for query in (request.GET, request.POST):
        for name, values in query.lists():
            yield name
            yield from map(str, values)
