from common.errors import DomainError, InputError


class CompetencyError(DomainError):
    """A refused action on frameworks, competencies of courses, or audiences."""


class CompetencyInputError(InputError, CompetencyError):
    pass
