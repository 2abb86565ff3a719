from common.errors import DomainError


class TargetError(DomainError):
    """A refused deed or question about targets, rules and the number."""
