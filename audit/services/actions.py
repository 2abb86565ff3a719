"""Recording deeds: one entry per outermost deed, in the deed's own transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from audit.models import AuditEntry
from common.encryption import keyed_digest
from common.savepoints import step

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Actor:
    """Who does a deed, as the record keeps it."""

    id: int | None
    label: str


PROGRAMME_OFFICE = Actor(None, "programme office (command line)")
SYSTEM = Actor(None, "system")

# The notes of the deeds under way, outermost first.
_under_way: ContextVar[tuple[dict[str, Any], ...]] = ContextVar("actions_under_way", default=())


@contextmanager
def _notes() -> Iterator[tuple[dict[str, Any], bool]]:
    outer = _under_way.get()
    notes: dict[str, Any] = {}
    token = _under_way.set((*outer, notes))
    try:
        yield notes, not outer
    finally:
        _under_way.reset(token)


def audited(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a service atomic and put one entry on record if it is the outermost deed.

    The service takes ``by: Actor`` as a keyword and calls ``note`` for the details.
    A batch is one deed: the services that it calls add no entries of their own.
    """

    def decorate(service: Callable[P, R]) -> Callable[P, R]:
        @wraps(service)
        def performed(*args: P.args, **kwargs: P.kwargs) -> R:
            actor = kwargs["by"]
            assert isinstance(actor, Actor)
            with _notes() as (notes, outermost), step():
                result = service(*args, **kwargs)
                if outermost:
                    AuditEntry.objects.create(
                        action=name, actor_id=actor.id, actor_label=actor.label, details=notes
                    )
            return result

        performed.action = name  # type: ignore[attr-defined]  # a mark put on the function
        return performed

    return decorate


def audit_details(**details: str | int | bool | list[Any] | None) -> None:
    """Add details to the entry of the deed under way; personal values only as digests."""
    if under_way := _under_way.get():
        under_way[-1].update(details)


def digest(value: str) -> str:
    """What stands in the record for a personal value: comparable, not readable."""
    return keyed_digest("audit", value)[:32]
