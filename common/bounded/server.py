"""The fork server: ``python -m common.bounded.server FD``, started by ``client``.

One thread; a child for each task. It ends when its owner's end of the socket is closed.
"""

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from typing import Final

from common.bounded import child
from common.bounded.protocol import ENDED, HEAD, STARTED
from common.bounded.registry import parser_named

_NICENESS: Final = 5
_LARGEST_TASK: Final = 4096
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38


def main() -> None:
    from django.conf import settings

    # Parsers may use Django's templates and translation marks, never this site's settings.
    settings.configure(USE_I18N=False, USE_TZ=True, TIME_ZONE="Asia/Ho_Chi_Minh")
    _drop_privileges()
    Server(socket.socket(fileno=int(sys.argv[1]))).serve()


def _drop_privileges() -> None:
    # A parser needs neither priority, nor new privileges, nor the network.
    os.nice(_NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the owner's
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    # Where the kernel lets us; parsers that keep to their declared work open no connection anyway.
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


class Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, socket.socket] = {}
        self._wake, waker = socket.socketpair()
        for end in (self._wake, waker):
            end.setblocking(False)
        self._waker = waker
        signal.signal(signal.SIGCHLD, lambda *_about: None)
        signal.set_wakeup_fd(waker.fileno())

    def serve(self) -> None:
        while True:
            ready, _out, _other = select.select([self._control, self._wake], [], [])
            if self._wake in ready:
                with suppress(BlockingIOError):
                    self._wake.recv(_LARGEST_TASK)
                self._reap()
            if self._control in ready and not self._take_task():
                break
        for pid in self._children:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)

    def _take_task(self) -> bool:
        message, descriptors, _flags, _from = socket.recv_fds(self._control, _LARGEST_TASK, 1)
        if not message or not descriptors:
            return False
        task = socket.socket(fileno=descriptors[0])
        found = parser_named(message.decode())
        for library in found.preload:
            import_module(library)
        # Objects of the libraries stay shared with the children, also when those tidy up.
        gc.collect()
        gc.freeze()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            for inherited in (self._control, self._wake, self._waker, *self._children.values()):
                inherited.close()
            child.work(task, found)
        self._announce(task, pid)
        return True

    def _announce(self, task: socket.socket, pid: int) -> None:
        self._children[pid] = task
        process = os.pidfd_open(pid)
        with suppress(OSError):
            socket.send_fds(task, [HEAD.pack(STARTED, 0)], [process])
        os.close(process)

    def _reap(self) -> None:
        while self._children:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)  # programs that the child has started
            task = self._children.pop(pid)
            about = {
                "code": os.waitstatus_to_exitcode(status),
                "cpu": used.ru_utime + used.ru_stime,
                "peak": used.ru_maxrss,
            }
            text = json.dumps(about).encode()
            with suppress(OSError):
                task.send(HEAD.pack(ENDED, len(text)) + text, socket.MSG_DONTWAIT)
            task.close()


if __name__ == "__main__":
    main()
