from common.errors import DomainError, InputError


class EnrollmentError(DomainError):
    """A refused deed about places, attendance and completion."""


class EnrollmentInputError(InputError, EnrollmentError):
    pass
