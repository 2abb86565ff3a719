"""What owner, server and child say to each other, over Unix sockets.

The owner sends the server a task: the parser's name, with one end of a socket pair. The server
forks, and sends a descriptor of the child's process back over that pair. Then the owner sends the
request, the child answers in messages, and when it has ended the server adds how it ended.
"""

import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEAD: Final = struct.Struct("!cQ")
STARTED, REQUEST, ITEM, RESULT, ERROR, ENDED = b"s", b"q", b"i", b"r", b"e", b"x"
_CHUNK: Final = 1 << 18


class ClosedError(Exception):
    pass


class OverdueError(Exception):
    pass


class OverflowingError(Exception):
    pass


@dataclass(slots=True)
class Channel:
    """``until`` is monotonic time; ``budget`` counts received bytes."""

    socket: socket.socket
    until: float | None = None
    budget: int | None = None

    def send(self, kind: bytes, parts: Sequence[bytes]) -> None:
        """Errors: ClosedError, OverdueError."""
        try:
            for part in (HEAD.pack(kind, sum(map(len, parts))), *parts):
                view = memoryview(part)
                for start in range(0, len(view), _CHUNK):
                    self._keep_time()
                    self.socket.sendall(view[start : start + _CHUNK])
        except TimeoutError:
            raise OverdueError from None
        except OSError:
            raise ClosedError from None

    def receive(self) -> tuple[bytes, bytes]:
        """Errors: ClosedError, OverdueError, OverflowingError."""
        kind, length = HEAD.unpack(self._exactly(HEAD.size))
        if self.budget is not None:
            self.budget -= length
            if self.budget < 0:
                raise OverflowingError
        return kind, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        content = bytearray()
        try:
            while len(content) < length:
                self._keep_time()
                chunk = self.socket.recv(min(_CHUNK, length - len(content)))
                if not chunk:
                    raise ClosedError
                content += chunk
        except TimeoutError:
            raise OverdueError from None
        except OSError:
            raise ClosedError from None
        return bytes(content)

    def _keep_time(self) -> None:
        if self.until is None:
            return
        left = self.until - time.monotonic()
        if left <= 0:
            raise OverdueError
        self.socket.settimeout(left)
