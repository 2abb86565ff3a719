from common.errors import DomainError, InputError


class CertificateError(DomainError):
    """A refused deed about certificates."""


class CertificateInputError(InputError, CertificateError):
    pass
