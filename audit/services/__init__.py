"""One audit entry per outermost action, in the transaction of the action."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from audit.models import AuditEntry
from common.encryption import keyed_digest
from common.savepoints import savepoint_unless_batch

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Actor:
    id: int | None
    label: str


PROGRAMME_OFFICE = Actor(None, "programme office (command line)")
SYSTEM = Actor(None, "system")

# Details of the current actions, outermost first.
_current_details: ContextVar[tuple[dict[str, Any], ...]] = ContextVar(
    "actions_under_way", default=()
)


@contextmanager
def audited_action(name: str, *, by: Actor) -> Iterator[None]:
    """One transaction, with one audit entry if this is the outermost action.

    For services that do something slow first, which no open transaction should last; all others are
    decorated with ``audited``.
    """
    outer = _current_details.get()
    collected: dict[str, Any] = {}
    token = _current_details.set((*outer, collected))
    try:
        with savepoint_unless_batch():
            yield
            if not outer:
                AuditEntry.objects.create(
                    action=name, actor_id=by.id, actor_label=by.label, details=collected
                )
    finally:
        _current_details.reset(token)


def audited(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service an ``audited_action``.

    The service takes ``by: Actor`` as a keyword and calls ``audit_details``. A batch is one
    action: the services that it calls add no entries of their own.
    """

    def decorate(service: Callable[P, R]) -> Callable[P, R]:
        @wraps(service)
        def performed(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = kwargs["by"]
            assert isinstance(actor, Actor)
            with audited_action(name, by=actor):
                return service(*args, **kwargs)

        return performed

    return decorate


def audit_details(**details: str | int | bool | dt.date | list[Any] | None) -> None:
    """Add details to the entry of the current action; personal values only as digests."""
    if current := _current_details.get():
        for name, value in details.items():
            current[-1][name] = value.isoformat() if isinstance(value, dt.date) else value


def digest(value: str) -> str:
    """Stands for a personal value in the log: comparable, not readable."""
    return keyed_digest("audit", value)[:32]
