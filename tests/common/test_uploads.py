"""Uploads take at most half of the web threads, and what is too large is not read at all."""

import json
import threading
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse, UnreadablePostError
from django.test import Client, RequestFactory
from django.urls import reverse

from common.bounded import BoundedError
from common.bounded.errors import BUSY, TOO_LONG
from common.uploads import UploadLimitsMiddleware


class Visitor:
    def __init__(self, *, is_authenticated: bool) -> None:
        self.is_authenticated = is_authenticated


def upload(path="/api/v1/x/", *, signed_in=True, data: Any = None, **extra):
    file = SimpleUploadedFile("a.pdf", b"x")
    request: Any = RequestFactory().post(path, data or {"file": file}, **extra)
    request.user = Visitor(is_authenticated=signed_in)
    return request


class BusySite:
    """A site on which the uploads that it was given stay until it is left."""

    def __init__(self) -> None:
        self.entered, self.leave = threading.Semaphore(0), threading.Event()
        self.limited = UploadLimitsMiddleware(self.view)
        self.busy: list[threading.Thread] = []

    def view(self, request: Any) -> HttpResponse:
        if request.method == "POST":
            self.entered.release()
            self.leave.wait(10)
        return HttpResponse("done")

    def begin(self, request: Any) -> None:
        self.busy.append(threading.Thread(target=self.limited, args=(request,)))
        self.busy[-1].start()
        assert self.entered.acquire(timeout=10)

    def __enter__(self) -> "BusySite":
        return self

    def __exit__(self, *_about: object) -> None:
        self.leave.set()
        for one in self.busy:
            one.join()


@pytest.mark.parametrize(("threads", "at_once"), [(1, 1), (4, 2), (8, 4)])
def test_uploads_take_half_of_the_threads_and_the_next_gets_a_retry_after(
    settings, threads, at_once
) -> None:
    settings.WEB_THREADS = threads
    with BusySite() as site:
        for _one in range(at_once):
            site.begin(upload())
        refused = site.limited(upload())
        plain: Any = RequestFactory().get("/")
        plain.user = Visitor(is_authenticated=False)
        assert site.limited(plain).content == b"done"
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert site.limited(upload()).status_code == 200


@pytest.mark.parametrize(("threads", "of_anybody"), [(4, 1), (8, 2)])
def test_visitors_without_an_account_leave_threads_to_those_who_have_one(
    settings, threads, of_anybody
) -> None:
    settings.WEB_THREADS = threads
    with BusySite() as site:
        for _one in range(of_anybody):
            site.begin(upload(signed_in=False))
        assert site.limited(upload(signed_in=False)).status_code == 503
        site.begin(upload())
    assert site.limited(upload(signed_in=False)).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "a/b"])
def test_a_long_body_of_any_kind_counts_as_an_upload(settings, kind) -> None:
    settings.WEB_THREADS = 1
    with BusySite() as site:
        site.begin(upload(data="a" * 300_000, content_type=kind))
        assert site.limited(upload(data="a" * 300_000, content_type=kind)).status_code == 503
        site.begin(upload(data="a=1", content_type=kind))


def test_a_body_that_comes_too_slowly_is_answered_with_a_sentence() -> None:
    class Slow:
        def read(self, *_size: int) -> bytes:
            raise TimeoutError

        readline = read

    def view(request):
        with suppress(UnreadablePostError):  # as Django's own check of forms does
            request.read()
        return HttpResponse("no token", status=403)

    request = upload()
    request._stream = Slow()
    answer = UploadLimitsMiddleware(view)(request)
    assert answer.status_code == 408
    assert json.loads(answer.content)["code"] == "too_slow"


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_view_that_refuses_since_no_parser_is_free_says_when_to_come_back(status) -> None:
    def view(_request):
        with suppress(BoundedError):
            raise BoundedError(BUSY)
        return HttpResponse("a sentence", status=status)

    answer = UploadLimitsMiddleware(view)(upload())
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")


def test_a_view_that_refuses_for_another_reason_answers_as_it_likes() -> None:
    def view(_request):
        with suppress(BoundedError):
            raise BoundedError(TOO_LONG)
        return HttpResponse("a sentence", status=400)

    assert UploadLimitsMiddleware(view)(upload()).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_too_large_is_refused_with_a_sentence_before_it_is_read(
    client: Client, settings, language
) -> None:
    settings.UPLOAD_MAX_BYTES_OF_ANYBODY = 1_000
    file = SimpleUploadedFile("a.pdf", bytes(2_000))
    answer = client.post(reverse("verify"), {"file": file}, headers={"Accept-Language": language})
    assert answer.status_code == 413
    said = {"vi": "quá lớn", "en": "too large"}[language]
    assert said in answer.content.decode()
    request: Any = answer.wsgi_request
    assert not request._read_started
