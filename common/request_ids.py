"""A name for each request, so that the lines of a log that belong together can be found."""

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
# As nginx makes them; anything else that a visitor sends is not repeated into the log.
_GIVEN = re.compile(r"[0-9a-f]{32}")

_request: ContextVar[tuple[str, HttpRequest] | None] = ContextVar("request", default=None)


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = str(request.META.get("HTTP_X_REQUEST_ID", ""))
        request_id = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
        token = _request.set((request_id, request))
        try:
            response = self.get_response(request)
        finally:
            _request.reset(token)
        response[HEADER] = request_id
        return response


def request_and_user() -> dict[str, str | int]:
    """Of the request under way: its id, and the number of its user where that is known."""
    if (found := _request.get()) is None:
        return {}
    request_id, request = found
    # Asking for request.user would query the database, and log that, and so on.
    user = request.__dict__.get("_cached_user")
    return {"request": request_id} | ({"user": user.pk} if user and user.pk else {})
