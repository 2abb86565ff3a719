"""For gunicorn: ``--worker-class lms.gunicorn_worker.GatheringWorker``.

gunicorn's own threads wait for what a visitor sends: eight visitors who send a byte a second hold
all of two processes with four threads. Here a thread gets a request when it is there; of a long
body it reads the rest itself, which must come at a modest speed (``_SLOWEST``).
"""

import math
import re
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any, Final

from gunicorn.http.unreader import SocketUnreader
from gunicorn.workers.gthread import TConn, ThreadWorker

from common.uploads import LONGEST_PLAIN_BODY

_LONGEST_HEAD: Final = 256 << 10  # more than gunicorn takes
_SECONDS_TO_GATHER: Final = 15
# A long body: so many seconds, and one more for each so many bytes that have come.
_SECONDS_TO_BEGIN: Final = 10
_SLOWEST: Final = 30_000
_SECONDS_TO_WRITE: Final = 60  # for whoever does not take what was asked for
# An answer to what was not read must arrive before the connection is cut.
_SECONDS_TO_LINGER: Final = 10
_MOST_LINGERING: Final = 200
_CHUNK: Final = 64 << 10

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


def is_there(sent: bytes) -> bool:
    """Whether a thread should have what was sent so far: all of a request, or a long one's head."""
    head, end, body = sent.partition(b"\r\n\r\n")
    if not end:
        return len(sent) > _LONGEST_HEAD
    lines = head + b"\r\n"
    length = _LENGTH.search(lines)
    if length is None:
        return not _CHUNKED.search(lines) or body.endswith(b"0\r\n\r\n") or _is_long(body)
    return int(length[1]) > LONGEST_PLAIN_BODY or len(body) >= int(length[1])


def _is_long(body: bytes) -> bool:
    return len(body) > LONGEST_PLAIN_BODY


class _PunctualUnreader(SocketUnreader):
    """Reads the rest of a long body; TimeoutError where it comes too slowly."""

    begun = 0.0
    received = 0

    def begin(self) -> None:
        self.begun, self.received = time.monotonic(), 0

    def end(self) -> None:
        self.begun = -math.inf

    def chunk(self, size_hint: int | None = None) -> bytes:
        last = self.begun + _SECONDS_TO_BEGIN + self.received / _SLOWEST
        left = last - time.monotonic()
        if left <= 0:
            raise TimeoutError("the body comes too slowly")
        before = self.sock.gettimeout()
        self.sock.settimeout(left)
        try:
            read: bytes = super().chunk(size_hint)
        finally:
            self.sock.settimeout(before)
        self.received += len(read)
        return read


class _Connection(TConn):
    """A connection with what has been gathered of its next request."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.gathered = bytearray()
        self.last = 0.0
        self.linger: Any = None

    def init(self) -> None:
        is_new = not self.initialized
        super().init()
        self.sock.settimeout(_SECONDS_TO_WRITE)
        if self.is_http2:
            return
        if is_new:
            self.parser.unreader = _PunctualUnreader(self.sock)
        self.parser.unreader.begin()
        self.parser.unreader.unread(bytes(self.gathered))
        self.gathered.clear()

    def close(self, graceful: bool = False) -> None:
        if not (graceful and self.linger and self.linger(self.sock)):
            super().close()


class GatheringWorker(ThreadWorker):
    """gthread, whose main loop gathers requests and sees connections off."""

    def __init__(self, *about: Any, **options: Any) -> None:
        super().__init__(*about, **options)
        self._gathering: list[_Connection] = []
        self._lingering: dict[socket.socket, float] = {}

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        conn = _Connection(self.cfg, client, address, listener.getsockname())
        if self.cfg.is_ssl:  # nobody can tell here what is in the records
            super().enqueue_req(conn)
            return
        conn.linger = self._linger
        self.enqueue_req(conn)

    def enqueue_req(self, conn: _Connection) -> None:
        """Gather a request, of which some may be there already, and only then have it handled."""
        if self.cfg.is_ssl:
            super().enqueue_req(conn)
            return
        if conn.parser is not None:
            conn.gathered += conn.parser.unreader.take_buffered()
        if is_there(bytes(conn.gathered)):
            self._hand_over(conn)
            return
        conn.sock.setblocking(False)
        conn.last = time.monotonic() + _SECONDS_TO_GATHER
        self._gathering.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._gather, conn))

    def _gather(self, conn: _Connection, _sock: socket.socket) -> None:
        try:
            sent = conn.sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            sent = b""
        conn.gathered += sent
        if not sent:
            self._give_up(conn)
        elif is_there(bytes(conn.gathered)):
            self._forget(conn)
            self._hand_over(conn)

    def _hand_over(self, conn: _Connection) -> None:
        conn.data_ready = True
        super().enqueue_req(conn)

    def _forget(self, conn: _Connection) -> None:
        self._gathering.remove(conn)
        self.poller.unregister(conn.sock)

    def _give_up(self, conn: _Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Close what has waited too long; of a stopping worker, also what has not begun."""
        super().murder_pending()
        now = time.monotonic()
        for conn in list(self._gathering):
            if conn.last < now or not (self.alive or conn.gathered):
                self._give_up(conn)
        for sock, last in list(self._lingering.items()):
            if last < now or not self.alive:
                self._cut(sock)

    def _keepalive_after(self, conn: _Connection, keepalive: bool) -> bool:
        # Whether the connection stays; no thread waits for a body that nobody wanted.
        if not keepalive:
            return False
        conn.parser.unreader.end()
        try:
            return bool(conn.parser.finish_body())
        except TimeoutError:
            return False

    # Seeing off ---------------------------------------------------------------------------

    def _linger(self, sock: socket.socket) -> bool:
        """Say that nothing more comes, and read on for a while: else the answer may be lost."""
        if len(self._lingering) >= _MOST_LINGERING:
            return False
        try:
            sock.setblocking(False)
            sock.shutdown(socket.SHUT_WR)
            self.poller.register(sock, selectors.EVENT_READ, self._drain)
        except (OSError, KeyError, ValueError):
            return False
        self._lingering[sock] = time.monotonic() + _SECONDS_TO_LINGER
        return True

    def _drain(self, sock: socket.socket) -> None:
        try:
            is_over = not sock.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            is_over = True
        if is_over:
            self._cut(sock)

    def _cut(self, sock: socket.socket) -> None:
        del self._lingering[sock]
        with suppress(OSError, KeyError, ValueError):
            self.poller.unregister(sock)
        sock.close()
