from common.errors import DomainError


class PeopleError(DomainError):
    """A refused deed about people."""
