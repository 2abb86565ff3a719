from common.errors import DomainError


class CourseError(DomainError):
    """A refused deed about courses, runs and sessions."""
