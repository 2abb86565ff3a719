"""The log of slow queries and the reports of errors."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import brotli  # type: ignore[import-untyped]  # has no stubs
import pytest
import sentry_sdk
from django.db import connection

from lms import watching
from tests.factories import make_trainee

SECRET = "Nguyễn Thị Bí Mật 001085012345"


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[str]]]:
    """The address of a server for error reports, and what was sent to it."""
    sent: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Encoding"] == "br"
            sent.append(brotli.decompress(body).decode())
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", sent
        server.shutdown()
    sentry_sdk.init()


def test_an_error_is_reported_with_its_place_and_without_anything_personal(sentry):
    address, sent = sentry
    watching.report_errors(address)
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("jobs").exception("the job of %s failed", SECRET)
    sentry_sdk.flush(5)
    (report,) = sent
    event = json.loads(report.splitlines()[-1])
    assert event["logentry"] == {"message": "the job of %s failed"}
    (raised,) = event["exception"]["values"]
    assert raised["type"] == "ValueError"
    assert raised["stacktrace"]["frames"][-1]["function"] == (
        "test_an_error_is_reported_with_its_place_and_without_anything_personal"
    )
    assert "001085012345" not in report
    assert "Nguy" not in report


@pytest.mark.parametrize(
    ("logger", "message", "reported"),
    [
        ("asyncio", f"exception was never retrieved: ValueError({SECRET!r})", None),
        ("django.security.Refused", ValueError(SECRET), None),
        ("jobs.services", "the queue has stopped", {"message": "the queue has stopped"}),
    ],
)
def test_what_other_code_wrote_into_its_message_is_not_reported(sentry, logger, message, reported):
    address, sent = sentry
    watching.report_errors(address)
    logging.getLogger(logger).error(message)
    sentry_sdk.flush(5)
    (report,) = sent
    assert json.loads(report.splitlines()[-1]).get("logentry") == reported
    assert "Nguy" not in report


def test_nothing_is_reported_unless_a_place_is_named():
    watching.start_watching({"SLOW_QUERY_SECONDS": 0, "SENTRY_DSN": ""})
    assert sentry_sdk.get_client().dsn is None


@pytest.mark.both_engines
@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "logged"), [(1e-9, True), (60, False)])
def test_a_slow_query_is_logged_without_its_values(caplog, seconds, logged):
    before = list(connection.execute_wrappers)
    try:
        for _opened in range(2):
            watching._watch(seconds)(connection)
        make_trainee(full_name=SECRET.rstrip("0123456789 "))
    finally:
        connection.execute_wrappers[:] = before
    text = caplog.text
    assert ('INSERT INTO "people_trainee"' in text) is logged
    assert "Bí Mật" not in text
