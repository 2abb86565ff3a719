from common.errors import DomainError, InputError


class PeopleError(DomainError):
    pass


class PeopleInputError(InputError, PeopleError):
    pass
