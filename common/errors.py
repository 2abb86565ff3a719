"""The one kind of error that a deed raises when a rule of the domain says no."""


class DomainError(Exception):
    """A refused deed: ``code`` for machines, ``message`` translated for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type["DomainError"], tuple[str, str]]:
        return type(self), (self.code, self.message)
