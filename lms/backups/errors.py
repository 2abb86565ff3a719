from common.errors import DomainError


class BackupError(DomainError):
    """A backup cannot be made, read or restored."""
