from common.errors import DomainError


class CourseError(DomainError):
    pass
