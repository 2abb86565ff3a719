from common.errors import DomainError


class CertificateError(DomainError):
    """A refused deed about certificates."""
