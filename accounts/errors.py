from common.errors import DomainError


class AccountError(DomainError):
    """Something about a sign-in that is not as the deed needs it."""
