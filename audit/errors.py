from common.errors import DomainError


class RecordError(DomainError):
    """Something asked of the record that it cannot give."""
