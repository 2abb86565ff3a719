from common.errors import DomainError, InputError


class CourseError(DomainError):
    pass


class CourseInputError(InputError, CourseError):
    pass
