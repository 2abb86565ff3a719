from common.errors import DomainError, InputError


class RosterError(DomainError):
    """A roster that cannot be taken in as it is."""


class RosterInputError(InputError, RosterError):
    pass
