"""How much may be sent, and how many of the web threads may be busy with what was sent."""

import threading
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from common.bounded import SECONDS_UNTIL_RETRY

_MULTIPART: Final = "multipart/form-data"


class UploadLimitsMiddleware:
    """Refuses what is too large before a byte of it is read, and uploads beyond half the threads.

    Who sends slowly, or sends what takes long to read, holds up other uploads and nothing else.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._free = threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not str(request.META.get("CONTENT_TYPE", "")).lower().startswith(_MULTIPART):
            return self.get_response(request)
        if _length(request) > _most(request):
            return _refusal(request, 413, _("What you sent is too large."))
        if not self._free.acquire(blocking=False):
            refusal = _refusal(
                request,
                503,
                _("Many files are being sent at the moment. Wait a minute and send yours again."),
            )
            refusal["Retry-After"] = SECONDS_UNTIL_RETRY
            return refusal
        try:
            return self.get_response(request)
        finally:
            self._free.release()


def _length(request: HttpRequest) -> int:
    """What the request says that it holds: no more is ever read of it."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _most(request: HttpRequest) -> int:
    if request.user.is_authenticated:
        return settings.UPLOAD_MAX_BYTES
    return settings.UPLOAD_MAX_BYTES_OF_ANYBODY


def _refusal(request: HttpRequest, status: int, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        code = "too_large" if status == 413 else "busy"
        return JsonResponse({"code": code, "message": message, "fields": {}}, status=status)
    return render(request, "refused_upload.html", {"message": message}, status=status)
