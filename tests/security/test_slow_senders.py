"""Who sends slowly holds no web thread: a server of two threads answers others all the while."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from lms.gunicorn_worker import is_there

LONG = 5_000_000
# The server gives a slow head or a short body three seconds, a long body one (slow_app).
SOON = 0.8


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "tests.security.slow_app", "--threads", "2"]
    command += ["--bind", f"127.0.0.1:{number}", "--no-control-socket", "--log-level", "error"]
    command += ["--worker-class", "lms.gunicorn_worker.GatheringWorker"]
    with subprocess.Popen(command) as server:
        try:
            wait_for(number)
            yield number
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    for _try in range(100):
        try:
            asked(port)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def sent(port: int, *pieces: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    for piece in pieces:
        connection.sendall(piece)
    return connection


def head(path: str = "/", length: int | None = None, extra: str = "") -> bytes:
    body = "" if length is None else f"Content-Length: {length}\r\n"
    return f"POST {path} HTTP/1.1\r\nHost: a\r\n{body}{extra}\r\n".encode()


def answer_on(connection: socket.socket) -> bytes:
    """The body of one answer."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(1000)
        if not piece:
            return read
        read += piece
    return read.partition(b"\r\n\r\n")[2] or connection.recv(1000)


def asked(port: int) -> float:
    """How long somebody waits who sends all at once."""
    started = time.monotonic()
    with sent(port, head(length=3), b"abc") as connection:
        assert answer_on(connection) == b"3"
    return time.monotonic() - started


BEGUN = {
    "nothing": b"",
    "half a head": b"POST / HTTP/1.1\r\nHost: a\r\n",
    "half a short body": head(length=100) + b"abc",
    "half a chunk": head(extra="Transfer-Encoding: chunked\r\n") + b"5\r\nab",
    "a long body that nobody reads": head("/unread", LONG) + b"abc",
}


@pytest.mark.parametrize("begun", BEGUN)
def test_others_are_answered_while_many_send_slowly(port, begun) -> None:
    slow = [sent(port, BEGUN[begun]) for _one in range(6)]
    try:
        assert asked(port) < SOON
    finally:
        for connection in slow:
            connection.close()


def test_a_long_body_that_comes_too_slowly_is_given_up(port) -> None:
    started = time.monotonic()
    with sent(port, head(length=LONG), b"abc") as connection:
        while time.monotonic() < started + 2:
            connection.sendall(b"a")  # each byte in time, the whole never
            time.sleep(0.05)
        assert answer_on(connection) == b"too slow"


def test_who_does_not_end_a_head_is_cut_off(port) -> None:
    with sent(port, BEGUN["half a head"]) as connection:
        assert connection.recv(100) == b""


def test_an_answer_given_before_the_body_is_read_arrives(port) -> None:
    """Else a browser that still sends shows a lost connection in place of the sentence."""
    with sent(port, head("/unread", LONG), bytes(LONG // 2)) as connection:
        time.sleep(0.3)
        connection.sendall(bytes(LONG // 2))
        assert answer_on(connection) == b"unread"


def test_several_requests_on_one_connection_are_answered_each(port) -> None:
    with sent(port, (head(length=2) + b"ab") * 2) as connection:
        read = b""
        while read.count(b"200 OK") < 2 or not read.endswith(b"2"):
            read += connection.recv(1000)
        connection.sendall(head(length=LONG))
        connection.sendall(bytes(LONG))
        assert answer_on(connection) == b"%d" % LONG
        connection.sendall(head(length=1))
        time.sleep(0.1)
        connection.sendall(b"a")
        assert answer_on(connection) == b"1"


@pytest.mark.parametrize(
    ("request_so_far", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r", False),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nCONTENT-LENGTH:  2\r\n\r\na", False),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", True),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", True),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n", False),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n", True),
        (b"G" * 300_000, True),  # gunicorn says that it is too long
    ],
)
def test_a_request_is_there_when_its_end_is(request_so_far, expected) -> None:
    assert is_there(request_so_far) is expected
