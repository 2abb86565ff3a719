from common.errors import DomainError


class ProgrammeError(DomainError):
    """A deed that joins all rooms (reference data, demo) was refused."""
