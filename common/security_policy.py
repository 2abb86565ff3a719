"""The Content-Security-Policy of a page."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware as LibraryMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class CSPMiddleware(LibraryMiddleware):
    """The library's; the policy of the settings, which nearly every page has, is built once."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self._policy = build_policy()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if settings.DEBUG or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        if HEADER not in response:
            response[HEADER] = self._policy
        return response
