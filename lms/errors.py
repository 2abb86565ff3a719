from common.errors import DomainError


class ProgrammeError(DomainError):
    """Reference data or demo cannot be made."""
