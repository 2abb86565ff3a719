from common.errors import DomainError


class AgencyError(DomainError):
    """A refused deed about agencies."""
