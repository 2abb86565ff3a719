from common.errors import DomainError


class PeopleError(DomainError):
    pass
