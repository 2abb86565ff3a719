from common.errors import DomainError


class AgencyError(DomainError):
    pass
