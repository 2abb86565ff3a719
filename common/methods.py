"""Which HTTP methods are answered."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

_OF_PAGES = ("GET", "HEAD", "POST")


class KnownMethodsMiddleware(MiddlewareMixin):
    """Pages and files know GET, HEAD and POST; TRACE and all others are refused before anything.

    The API says for each address which methods it knows, in its own form of error.
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        is_known = request.method in _OF_PAGES or request.path.startswith("/api/v1/")
        return None if is_known else HttpResponseNotAllowed(_OF_PAGES)


class WrongMethodPageMiddleware(MiddlewareMixin):
    """Explains itself to whoever opens an address that only takes forms.

    Happens after signing in again, when the session ended before a form was sent.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not isinstance(response, HttpResponseNotAllowed) or request.method != "GET":
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
