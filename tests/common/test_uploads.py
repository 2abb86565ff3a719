"""Uploads take at most half of the web threads, and what is too large is not read at all."""

import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from common.uploads import UploadLimitsMiddleware


class Visitor:
    is_authenticated = False


def upload(path="/verify/", **extra):
    file = SimpleUploadedFile("a.pdf", b"x")
    request: Any = RequestFactory().post(path, {"file": file}, **extra)
    request.user = Visitor()
    return request


@pytest.mark.parametrize(("threads", "at_once"), [(1, 1), (4, 2), (8, 4)])
def test_uploads_take_half_of_the_threads_and_the_next_is_told_when_to_come_back(
    settings, threads, at_once
) -> None:
    settings.WEB_THREADS = threads
    entered, leave = threading.Semaphore(0), threading.Event()

    def view(request):
        if request.method == "POST":
            entered.release()
            leave.wait(10)
        return HttpResponse("done")

    limited = UploadLimitsMiddleware(view)
    busy = [threading.Thread(target=limited, args=(upload("/api/v1/x/"),)) for _n in range(at_once)]
    for one in busy:
        one.start()
    for _one in busy:
        assert entered.acquire(timeout=10)
    refused = limited(upload("/api/v1/x/"))
    plain: Any = RequestFactory().get("/")
    plain.user = Visitor()
    assert limited(plain).content == b"done"
    leave.set()
    for one in busy:
        one.join()
    assert (refused.status_code, refused["Retry-After"]) == (503, "60")
    assert limited(upload("/api/v1/x/")).status_code == 200


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
