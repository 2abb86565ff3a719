from common.errors import DomainError, InputError


class TargetError(DomainError):
    """A refused action or question about targets, reports and figures."""


class TargetInputError(InputError, TargetError):
    pass
