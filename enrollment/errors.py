from common.errors import DomainError, InputError


class EnrollmentError(DomainError):
    """A refused action on enrollments, attendance or results."""


class EnrollmentInputError(InputError, EnrollmentError):
    pass
