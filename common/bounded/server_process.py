"""The owner's fork server: started when it is first needed, replaced when it has died."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from common.bounded.errors import BUSY, CRASHED, BoundedError
from common.bounded.protocol import HEAD, ClosedError

_HOME: Final = Path(__file__).resolve().parents[2]
# No key, no address of a database: whatever else the environment holds stays here.
_PASSED_ON: Final = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "XDG_CACHE_HOME")


class Child:
    def __init__(self, task: socket.socket, process: int) -> None:
        self.task, self._process = task, process

    def end(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        os.close(self._process)
        self.task.close()


class _Server:
    """Started when first needed, and again if it dies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def send_task(self, name: str, task: socket.socket) -> socket.socket:
        """Returns the socket used. Error: ClosedError, if it was closed."""
        with self._lock:
            if self._control is None:
                self._begin()
            assert self._control is not None
            control = self._control
        try:
            socket.send_fds(control, [name.encode()], [task.fileno()])
        except OSError:
            self.forget(control)
            raise ClosedError from None
        return control

    def forget(self, control: socket.socket) -> None:
        """The next task starts another server, unless one was started since."""
        with self._lock:
            if self._control is not control:
                return
            control.close()
            self._control = None
            if self._process is not None:
                self._process.kill()
                self._process.wait()

    def close(self) -> None:
        if self._control is not None:
            self._control.close()

    def _begin(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        # Each thread of a library would reserve 64 MB of addresses, which the limit counts:
        # GLib then aborts now and then where nothing is wrong.
        environment["MALLOC_ARENA_MAX"] = "1"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "common.bounded.server", str(theirs.fileno())],
                cwd=_HOME,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )


_server = _Server()


def server_pid() -> int | None:
    return _server.pid


def _renew() -> None:
    # A forked process gets a server of its own.
    global _server  # noqa: PLW0603 - one server per process
    _server.close()
    _server = _Server()


os.register_at_fork(after_in_child=_renew)


def start_child(name: str, until: float) -> Child:
    with suppress(ClosedError):
        return _started(name, until)
    try:
        return _started(name, until)
    except ClosedError:
        raise BoundedError(CRASHED) from None


def _started(name: str, until: float) -> Child:
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            control = _server.send_task(name, theirs)
        try:
            return Child(ours, _process(ours, until))
        except (ClosedError, BoundedError):  # it is dead, or has stopped answering
            _server.forget(control)
            raise
    except BaseException:
        ours.close()
        raise


def _process(task: socket.socket, until: float) -> int:
    task.settimeout(max(0.1, until - time.monotonic()))
    try:
        _message, descriptors, _flags, _from = socket.recv_fds(task, HEAD.size, 1)
    except TimeoutError:
        raise BoundedError(BUSY) from None  # the machine's fault, not the file's
    except OSError:
        raise ClosedError from None
    if not descriptors:
        raise ClosedError
    return descriptors[0]
