"""Why a file was not read, though its parser found no fault with it: one sentence each."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError

TOO_LONG: Final = "too_long"
TOO_LARGE: Final = "too_large"
CRASHED: Final = "crashed"
BUSY: Final = "busy"
SECONDS_UNTIL_RETRY: Final = "60"

_SENTENCES = {
    TOO_LONG: _(
        "The file takes too long to read: it is damaged or far more complex than it "
        "needs to be. Save it again with the program that created it, or send a simpler "
        "one."
    ),
    TOO_LARGE: _(
        "The file needs too much memory to open: it is damaged or far larger than it "
        "needs to be. Save it again with the program that created it, or send a smaller "
        "one."
    ),
    CRASHED: _(
        "The file is damaged and cannot be read. Save it again with the program that "
        "created it, and send that file."
    ),
    BUSY: _("Too many files are being read at the moment. Wait a minute and send the file again."),
}


_noted: ContextVar[list[str] | None] = ContextVar("busy", default=None)


@contextmanager
def noting_busy() -> Iterator[list[str]]:
    """Collects whether a file was refused as ``busy``, however the caller answers that."""
    noted: list[str] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


class BoundedError(DomainError):
    """A file that was given up: ``too_long``, ``too_large``, ``crashed``; or ``busy``."""

    def __init__(self, code: str, message: object = None) -> None:
        super().__init__(code, _SENTENCES[code])
        if code == BUSY and (noted := _noted.get()) is not None:
            noted.append(code)

    @property
    def is_busy(self) -> bool:
        return self.code == BUSY
