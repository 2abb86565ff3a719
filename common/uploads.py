"""How much may be sent, and how many of the web threads may be busy with what was sent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from common.bounded import SECONDS_UNTIL_RETRY, noting_busy

_MULTIPART: Final = "multipart/form-data"
_CODES: Final = {408: "too_slow", 413: "too_large", 503: "busy"}
# What a view answers to a file that it does not take.
_REFUSED: Final = (400, 409, 422)
# A form of text alone; the server has all of it before a thread begins (lms/gunicorn_worker.py).
LONGEST_PLAIN_BODY: Final = 256 << 10


class UploadLimitsMiddleware:
    """Refuses oversized requests before reading them, and uploads beyond half the threads.

    Whoever sends slowly, or sends what takes long to read, delays other uploads and nothing else;
    anonymous visitors can take only half of those threads.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        most = max(1, settings.WEB_THREADS // 2)
        self._free = threading.BoundedSemaphore(most)
        self._free_for_anybody = threading.BoundedSemaphore(max(1, most // 2))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_upload(request):
            return self.get_response(request)
        if _length(request) > _most(request):
            return _refusal(request, 413, _("Your upload is too large."))
        with self._thread(request) as is_free:
            if not is_free:
                return _busy(request)
            return _answered(request, self.get_response)

    @contextmanager
    def _thread(self, request: HttpRequest) -> Iterator[bool]:
        needed = [self._free]
        if not request.user.is_authenticated:
            needed.insert(0, self._free_for_anybody)
        with ExitStack() as taken:
            for semaphore in needed:
                if not semaphore.acquire(blocking=False):
                    yield False
                    return
                taken.callback(semaphore.release)
            yield True


def _answered(
    request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]
) -> HttpResponse:
    """503 if no parser was free, 408 if the body came too slowly."""
    body: Any = _Body(request._stream)
    request._stream = body
    with noting_busy() as busy:
        answer = get_response(request)
    if body.came_too_slowly:
        return _refusal(request, 408, _("Your data arrived too slowly. Please send it again."))
    if busy and answer.status_code in _REFUSED:
        answer.status_code = 503
        answer["Retry-After"] = SECONDS_UNTIL_RETRY
    return answer


class _Body:
    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.came_too_slowly = False

    def read(self, *size: int) -> bytes:
        return self._noted(self._stream.read, *size)

    def readline(self, *size: int) -> bytes:
        return self._noted(self._stream.readline, *size)

    def close(self) -> None:
        self._stream.close()

    def _noted(self, read: Callable[..., bytes], *size: int) -> bytes:
        try:
            return read(*size)
        except TimeoutError:
            self.came_too_slowly = True
            raise


def _is_upload(request: HttpRequest) -> bool:
    kind = str(request.META.get("CONTENT_TYPE", "")).lower()
    return kind.startswith(_MULTIPART) or _length(request) > LONGEST_PLAIN_BODY


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _most(request: HttpRequest) -> int:
    if request.user.is_authenticated:
        return settings.UPLOAD_MAX_BYTES
    return settings.UPLOAD_MAX_BYTES_OF_ANYBODY


def _busy(request: HttpRequest) -> HttpResponse:
    refusal = _refusal(
        request,
        503,
        _("Many files are being uploaded at the moment. Wait a minute and send yours again."),
    )
    refusal["Retry-After"] = SECONDS_UNTIL_RETRY
    return refusal


def _refusal(request: HttpRequest, status: int, message: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"code": _CODES[status], "message": message, "fields": {}}, status=status
        )
    return render(request, "refused_upload.html", {"message": message}, status=status)
