from common.errors import DomainError, InputError


class AuditError(DomainError):
    """The audit log cannot be sealed, verified or exported as asked."""


class AuditInputError(InputError, AuditError):
    pass
