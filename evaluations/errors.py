from common.errors import DomainError, InputError


class EvaluationError(DomainError):
    """A refused action on evaluations or on the follow-up after training."""


class EvaluationInputError(InputError, EvaluationError):
    pass
