from common.errors import DomainError


class EnrollmentError(DomainError):
    """A refused deed about places, attendance and completion."""
