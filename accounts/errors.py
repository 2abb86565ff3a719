from common.errors import DomainError, InputError


class AccountError(DomainError):
    """Something about a sign-in that is not as the deed needs it."""


class AccountInputError(InputError, AccountError):
    pass
