from common.errors import DomainError, InputError


class LearningError(DomainError):
    pass


class LearningInputError(InputError, LearningError):
    pass
