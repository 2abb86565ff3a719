"""What the office does with messages that could not be sent."""

from audit.services import Actor, audit_details, audited
from common import clock
from notices.models import Notice, NoticeState


@audited("messages_sent_again")
def send_again(*, by: Actor, notices: list[int] | None = None) -> int:
    """Put messages that failed back into the outbox: those named, else all; return how many."""
    failed = Notice.objects.failed()
    if notices is not None:
        failed = failed.filter(pk__in=notices)
    # Two days begin anew with created_at, which says how long a message has been tried.
    again = failed.update(
        state=NoticeState.PENDING, attempts=0, not_before=clock.now(), created_at=clock.now()
    )
    audit_details(messages=again)
    return again
