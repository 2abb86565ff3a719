from common.errors import DomainError, InputError


class AccountError(DomainError):
    pass


class AccountInputError(InputError, AccountError):
    pass
