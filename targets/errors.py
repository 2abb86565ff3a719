from common.errors import DomainError, InputError


class TargetError(DomainError):
    """A refused deed or question about targets, rules and the number."""


class TargetInputError(InputError, TargetError):
    pass
