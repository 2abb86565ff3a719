"""The errors that an action raises when a rule of the domain says no."""

from typing import ClassVar

from common.deferred_messages import DeferredMessage


class DomainError(Exception):
    """A refused action: ``code`` for machines, ``sentence`` for people.

    ``status`` is what the API answers: 409, what was sent contradicts stored data.
    """

    status: ClassVar[int] = 409

    def __init__(self, code: str, message: str | DeferredMessage) -> None:
        super().__init__(message)
        self.code = code
        self.sentence = (
            message if isinstance(message, DeferredMessage) else DeferredMessage(message)
        )

    @property
    def message(self) -> str:
        """In the language active now; a finished text stays as it is."""
        return str(self.sentence)

    def __reduce__(self) -> tuple[type["DomainError"], tuple[str, DeferredMessage]]:
        return type(self), (self.code, self.sentence)


class InputError(DomainError):
    """What was sent could never be right, whatever is stored."""

    status = 400
