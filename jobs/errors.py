from common.errors import DomainError


class JobError(DomainError):
    pass


class Cancelled(Exception):  # noqa: N818 - what happened, not a mistake
    """The owner asked to stop; raised inside the work, at its next sign of progress."""


class Interrupted(Exception):  # noqa: N818
    """The worker is being stopped; the job goes back into the queue."""


class LeaseLost(Exception):  # noqa: N818
    """Another worker took the job over: whatever this one still does no longer counts."""
