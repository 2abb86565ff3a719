"""Pages that every stranger gets alike, drawn once a second by each process however many ask."""

import re
import time
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Final, NamedTuple, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from common.access import View

SECONDS = 1.0
_MOST: Final = 64  # hosts, languages and pages
# Whoever sends one of them may be answered with another form of the page, or their own.
_OTHERS: Final = frozenset(
    {"HTTP_AUTHORIZATION", "HTTP_HX_REQUEST", "HTTP_RANGE", "HTTP_X_REQUESTED_WITH"}
)
_TOKEN: Final = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}(?=")')


def drawn_for_all(view: View) -> View:
    """Mark a view whose page, without a query, depends on nothing but language and database."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.__dict__["is_for_all"] = True
        return response

    return cast("View", marked)


class _Drawn(NamedTuple):
    until: float
    # What lies between the tokens of its forms: each visitor has another.
    parts: list[bytes]
    headers: dict[str, str]

    def answer(self, request: HttpRequest) -> HttpResponse:
        token = get_token(request).encode() if len(self.parts) > 1 else b""
        return HttpResponse(token.join(self.parts), headers=self.headers)


class DrawnPagesMiddleware:
    """Behind the middlewares of language and CSRF, before all that asks who the visitor is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._drawn: dict[tuple[str, ...], _Drawn] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not SECONDS or not _is_plain(request):
            return self._get_response(request)
        key = (request.get_host(), request.scheme or "", get_language() or "", request.path)
        drawn = self._drawn.get(key)
        if drawn and drawn.until > time.monotonic():
            return drawn.answer(request)
        response = self._get_response(request)
        if response.status_code == 200 and getattr(response, "is_for_all", False):
            self._keep(key, response)
        return response

    def _keep(self, key: tuple[str, ...], response: HttpResponse) -> None:
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if response.cookies or not is_page:
            return
        if len(self._drawn) >= _MOST:
            self._drawn.clear()
        parts = _TOKEN.split(response.content)
        self._drawn[key] = _Drawn(time.monotonic() + SECONDS, parts, dict(response.items()))


def _is_plain(request: HttpRequest) -> bool:
    return (
        request.method == "GET"
        and not request.META.get("QUERY_STRING")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and not _OTHERS & request.META.keys()
        and not request.content_type
        and _takes_pages(str(request.META.get("HTTP_ACCEPT", "*/*")))
    )


@lru_cache(maxsize=256)
def _takes_pages(accept: str) -> bool:
    asked = HttpRequest()
    asked.META["HTTP_ACCEPT"] = accept
    return asked.accepts("text/html")
