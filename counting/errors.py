from common.errors import DomainError


class CountingError(DomainError):
    """A refused question about the number, or a refused version of its rule."""
