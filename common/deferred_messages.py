"""Messages that are stored before somebody reads them.

``gettext`` translates into the language of whoever runs the code. Findings in a roster are stored
for weeks and read by others, so they stay msgids with parameters and are translated when shown.
Modules with such messages import ``DeferredMessage as _``: their strings
are collected like all others, and ``%`` takes parameters as it does of a text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.utils.translation import gettext

Parameters: TypeAlias = "Mapping[str, str | int | DeferredMessage]"


@dataclass(frozen=True, slots=True)
class DeferredMessage:
    """A msgid with its parameters; ``str`` translates it into the language active then.

    Parameters may be deferred messages. A finished text is a msgid that nobody translates.
    """

    msgid: str
    parameters: Parameters = field(default_factory=dict, hash=False)

    def __mod__(self, parameters: Parameters) -> "DeferredMessage":
        return DeferredMessage(self.msgid, parameters)

    def __str__(self) -> str:
        words = gettext(self.msgid) if self.msgid else ""
        return words % self.parameters if self.parameters else words

    def as_json(self) -> list[Any]:
        plain = {
            name: value.as_json() if isinstance(value, DeferredMessage) else value
            for name, value in self.parameters.items()
        }
        return [self.msgid, plain] if plain else [self.msgid]


def message_from_json(plain: list[Any] | str) -> DeferredMessage:
    """Also takes a finished text."""
    if isinstance(plain, str):
        return DeferredMessage(plain)
    msgid, parameters = plain[0], plain[1] if len(plain) > 1 else {}
    return DeferredMessage(
        msgid,
        {
            name: message_from_json(value) if isinstance(value, list) else value
            for name, value in parameters.items()
        },
    )
