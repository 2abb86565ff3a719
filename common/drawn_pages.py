"""Pages that every stranger gets alike, drawn once a second by each process however many ask."""

import re
import secrets
import time
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Final, NamedTuple, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.utils.translation import get_language_from_request

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
        token = token_of(request).encode() if len(self.parts) > 1 else b""
        content = token.join(self.parts)
        return HttpResponse(content, headers=self.headers | {"Content-Length": str(len(content))})


def token_of(request: HttpRequest) -> str:
    """``get_token``; for a visitor without a secret the quick way.

    Django asks the system for each of the 64 letters of a new secret and its mask, and another
    thread runs at each question: a third of such an answer. The check also takes a secret without
    a mask, which hides one that stands in several answers; this one is new.
    """
    if "CSRF_COOKIE" not in request.META:
        secret = secrets.token_hex(16)
        request.META |= {"CSRF_COOKIE": secret, "CSRF_COOKIE_NEEDS_UPDATE": True}
        return secret
    return get_token(request)


class DrawnPagesMiddleware:
    """Behind the middleware of CSRF, before all whose headers are the same for every stranger."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._drawn: dict[tuple[str, ...], _Drawn] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not SECONDS or not _is_plain(request):
            return self._get_response(request)
        language = get_language_from_request(request)
        # As it was sent: whether it is one of ours is asked, and refused, behind.
        host = str(request.META.get("HTTP_HOST", ""))
        key = (host, request.scheme or "", language, request.path)
        drawn, now = self._drawn.get(key), time.monotonic()
        if drawn and drawn.until > now:
            return drawn.answer(request)
        if drawn:  # this thread draws it again; to the others it is good for one second more
            self._drawn[key] = drawn._replace(until=now + SECONDS)
        response = self._get_response(request)
        if response.status_code == 200 and getattr(response, "is_for_all", False):
            self._keep(key, response)
        else:  # there is no such page any more
            self._drawn.pop(key, None)
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
