"""Which HTTP methods are answered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render

_OF_PAGES = ("GET", "HEAD", "POST")


class KnownMethodsMiddleware:
    """Pages and files know GET, HEAD and POST; TRACE and all others are refused before anything.

    The API says for each address which methods it knows, in its own form of error.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in _OF_PAGES or request.path.startswith("/api/v1/"):
            return self.get_response(request)
        return HttpResponseNotAllowed(_OF_PAGES)


class WrongMethodPageMiddleware:
    """Explains itself to whoever opens an address that only takes forms.

    Happens after signing in again, when the session ended before a form was sent.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
