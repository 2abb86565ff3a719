"""The time-stamping authority is another's machine: its answers are bounded and tell nothing."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from common import time_stamps
from common.time_stamps import TimeStampError, request_token

DIGEST = b"\x01" * 32
REPLY = "application/timestamp-reply"


class _Handler(BaseHTTPRequestHandler):
    asked: list[str]
    behaviour: Callable[["_Handler"], None]

    def do_POST(self) -> None:
        type(self).asked.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        try:
            type(self).behaviour(self)
        except OSError:  # the client has left
            self.close_connection = True

    def do_GET(self) -> None:
        """Where a redirect would lead."""
        type(self).asked.append(self.path)

    def begin(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing to the terminal."""


Authority = Callable[[Callable[[_Handler], None]], str]


@pytest.fixture
def authority() -> Iterator[Authority]:
    """An authority that behaves as told."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    _Handler.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def behaving(behaviour: Callable[[_Handler], None]) -> str:
        _Handler.behaviour = behaviour
        return f"http://127.0.0.1:{server.server_port}/"

    yield behaving
    server.shutdown()
    server.server_close()


def _redirects(handler: _Handler) -> None:
    handler.begin(307, Location="/inner", Content_Length="0")


def _never_ends(handler: _Handler) -> None:
    handler.begin(200, Content_Type=REPLY)
    while True:
        handler.wfile.write(b"\x30" * 65_536)


def _trickles(handler: _Handler) -> None:
    handler.begin(200, Content_Type=REPLY)
    while True:
        handler.wfile.write(b"\x30")
        time.sleep(0.05)


def _answers_with_a_page(handler: _Handler) -> None:
    handler.begin(200, Content_Type="text/html")
    handler.wfile.write(b"<h1>inner secret</h1>")


def test_no_redirect_is_followed(authority: Authority) -> None:
    with pytest.raises(TimeStampError):
        request_token(authority(_redirects), DIGEST)
    assert _Handler.asked == ["/"]


def test_an_answer_without_end_is_cut(authority: Authority) -> None:
    with pytest.raises(TimeStampError) as refusal:
        request_token(authority(_never_ends), DIGEST)
    assert "too large" in str(refusal.value)


def test_an_answer_that_trickles_ends_after_some_seconds(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_stamps, "CALL_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(TimeStampError):
        request_token(authority(_trickles), DIGEST)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:9/secret-path",
        "http://[::1]:9/",
        "http://user:secret@127.0.0.1:9/",
    ],
)
def test_why_an_address_does_not_answer_names_no_machine(address: str) -> None:
    with pytest.raises(TimeStampError) as refusal:
        request_token(address, DIGEST)
    for told in ("127.0.0.1", "::1", "secret", "passwd"):
        assert told not in str(refusal.value)


def test_an_answer_that_is_no_time_stamp_is_not_shown(authority: Authority) -> None:
    with pytest.raises(TimeStampError) as refusal:
        request_token(authority(_answers_with_a_page), DIGEST)
    assert "inner" not in str(refusal.value)


def test_a_time_stamp_is_requested_also_where_an_event_loop_runs(authority: Authority) -> None:
    async def in_a_loop() -> None:
        request_token(authority(_answers_with_a_page), DIGEST)

    # A thread of its own: after a browser test the main thread has a loop that runs.
    with ThreadPoolExecutor(1) as thread, pytest.raises(TimeStampError, match="no time stamp"):
        thread.submit(lambda: asyncio.run(in_a_loop())).result()
