"""How long requests take and how they end, for ``/metrics``.

Of this process; of all on this machine where PROMETHEUS_MULTIPROC_DIR names a folder that they
share, which is emptied when the site starts.
"""

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_registry = CollectorRegistry()
_REQUESTS = Histogram(
    "lms_request_seconds",
    "Requests by view and kind of status; no view: a file, or a page drawn before.",
    ("view", "status"),
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
    registry=_registry,
)


class MetricsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self._get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else ""
        status = f"{response.status_code // 100}xx"
        _REQUESTS.labels(view, status).observe(time.perf_counter() - began)
        return response


def request_lines() -> str:
    registry = _registry
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry := CollectorRegistry())  # type: ignore[no-untyped-call]  # of the library
    return generate_latest(registry).decode()
