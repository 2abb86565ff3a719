"""What browsers and proxies may store: nothing, unless a view says why."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from common.access import View
from common.secret_paths import is_secret_path

_UNLISTED = "noindex, nofollow"
_STORED_FILE = (200, 206, 304)  # answers of the static files' own middleware


def storable(*, why: str) -> Callable[[View], View]:
    """Allow the responses of a view to be cached as its Cache-Control says.

    They must not depend on the visitor: no menu, no name, no message.
    """
    if not why:
        raise ValueError("say why the answers may be stored")

    def decorate(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            response = view(request, *args, **kwargs)
            if response.status_code in (200, 304):
                response.__dict__["may_be_stored"] = True
            return response

        marked.__dict__["storable"] = why
        return cast("View", marked)

    return decorate


def unlisted(view: View) -> View:
    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = _UNLISTED
        return response

    return cast("View", marked)


class NoStoreMiddleware(MiddlewareMixin):
    """Pages, files, redirects and errors are cached neither by proxies nor by browsers.

    Also for anonymous visitors, since addresses may let their reader in; search engines list no
    such address. Exceptions: static files, and views marked ``storable``.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if is_secret_path(request.path):
            response["X-Robots-Tag"] = _UNLISTED
        is_static = request.path.startswith(settings.STATIC_URL)
        if is_static and response.status_code in _STORED_FILE:
            return response
        if getattr(response, "may_be_stored", False):
            return response
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-store"
        for name in ("Expires", "Last-Modified", "Age"):
            response.headers.pop(name, None)
        return response
