from common.errors import DomainError, InputError


class RetentionError(DomainError):
    """A refused action on retention times, archive packages or their deletion."""


class RetentionInputError(InputError, RetentionError):
    pass
