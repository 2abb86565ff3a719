from common.errors import DomainError, InputError


class AgencyError(DomainError):
    pass


class AgencyInputError(InputError, AgencyError):
    pass
