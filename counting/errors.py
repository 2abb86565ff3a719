from common.errors import DomainError, InputError


class CountingError(DomainError):
    """A refused question about the number, or a refused version of its rule."""


class CountingInputError(InputError, CountingError):
    pass
