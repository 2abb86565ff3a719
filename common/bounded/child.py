"""The work of one child: take the request, be limited, answer, end."""

import ctypes
import os
import signal
import socket
import tempfile
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from common.bounded.codec import decode, encode
from common.bounded.errors import CRASHED, TOO_LARGE
from common.bounded.limits import Lane, Limits
from common.bounded.protocol import ERROR, ITEM, RESULT, Channel, ClosedError
from common.bounded.registry import Parser
from common.errors import DomainError

_PR_SET_PDEATHSIG: Final = 1
EXIT_FAILED: Final = 70


def work(task: socket.socket, found: Parser) -> NoReturn:
    """Answer one request; this process ends in any case."""
    code = EXIT_FAILED
    try:
        os.setpgid(0, 0)  # so that programs which the parser starts are killed with it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        # What libraries say of a hostile file is nothing for the log.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        _answer(Channel(task), found)
        code = 0
    except ClosedError:
        pass  # nobody waits any more
    finally:
        os._exit(code)


def _answer(channel: Channel, found: Parser) -> None:
    _kind, content = channel.receive()
    request = decode(content)
    limits = Limits(**(request["limits"] | {"lane": Lane(request["limits"]["lane"])}))
    tempfile.tempdir = request["folder"]
    limits.apply()
    try:
        result = found.function(*request["args"])
        if isinstance(result, Iterator):
            for item in result:
                channel.send(ITEM, [item])
            result = None
        kind, answer = RESULT, encode(result)
    except DomainError as error:
        kind, answer = ERROR, encode(_plain(error))
    except MemoryError:
        kind, answer = ERROR, encode({"limit": TOO_LARGE})
    except Exception as error:  # noqa: BLE001 - a hostile file raises anything in a parser
        kind, answer = ERROR, encode({"limit": CRASHED, "about": repr(error)[:200]})
    channel.send(kind, answer)


def _plain(error: DomainError) -> dict[str, Any]:
    return {
        "type": type(error).__name__,
        "code": error.code,
        "sentence": error.sentence.as_json(),
    }
