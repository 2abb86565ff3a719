from common.errors import DomainError


class RosterError(DomainError):
    """A roster that cannot be taken in as it is."""
