from common.errors import DomainError


class NoticeError(DomainError):
    """A text, or a message of the outbox, that cannot be changed so."""
