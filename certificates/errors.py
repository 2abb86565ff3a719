from common.errors import DomainError, InputError


class CertificateError(DomainError):
    """An action on certificates was refused."""


class CertificateInputError(InputError, CertificateError):
    pass


class FileLostError(CertificateError):
    status = 404
