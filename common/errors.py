"""The one kind of error that a deed raises when a rule of the domain says no."""

from common.sentences import Sentence


class DomainError(Exception):
    """A refused deed: ``code`` for machines, ``sentence`` for people."""

    def __init__(self, code: str, message: str | Sentence) -> None:
        super().__init__(message)
        self.code = code
        self.sentence = message if isinstance(message, Sentence) else Sentence(message)

    @property
    def message(self) -> str:
        """The sentence as it is read now: one that came as a text is what it was."""
        return str(self.sentence)

    def __reduce__(self) -> tuple[type["DomainError"], tuple[str, Sentence]]:
        return type(self), (self.code, self.sentence)
