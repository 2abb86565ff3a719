from common.errors import DomainError, InputError


class RecordError(DomainError):
    """Something asked of the record that it cannot give."""


class RecordInputError(InputError, RecordError):
    pass
