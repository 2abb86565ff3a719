"""The one kind of error that a deed raises when a rule of the domain says no."""

from common.deferred_messages import DeferredMessage


class DomainError(Exception):
    """A refused deed: ``code`` for machines, ``sentence`` for people."""

    def __init__(self, code: str, message: str | DeferredMessage) -> None:
        super().__init__(message)
        self.code = code
        self.sentence = (
            message if isinstance(message, DeferredMessage) else DeferredMessage(message)
        )

    @property
    def message(self) -> str:
        """The sentence as it is read now: one that came as a text is what it was."""
        return str(self.sentence)

    def __reduce__(self) -> tuple[type["DomainError"], tuple[str, DeferredMessage]]:
        return type(self), (self.code, self.sentence)
