"""What the office does with the outbox: on record, and with a way back."""

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from notices.errors import NoticeInputError
from notices.models import Notice, NoticeState, OutboxPause, UndeliverableAddress


@audited("messages_sent_again")
def send_again(*, by: Actor, notices: list[int] | None = None) -> int:
    """Put messages back into the outbox: those named, else all that failed; return how many."""
    unsent = Notice.objects.failed()
    if notices is not None:
        unsent = Notice.objects.not_sent().filter(pk__in=notices)
    # Two days begin anew with created_at, which says how long a message has been tried.
    again = unsent.update(
        state=NoticeState.PENDING, attempts=0, not_before=clock.now(), created_at=clock.now()
    )
    audit_details(messages=again)
    return again


@audited("outbox_paused")
def pause(*, by: Actor, reason: str) -> OutboxPause:
    """Nothing more is sent until ``resume``. Errors: ``already_paused``, ``reason_missing``."""
    reason = " ".join(reason.split())
    if not reason:
        raise NoticeInputError("reason_missing", _("Enter a reason."))
    if OutboxPause.objects.under_way().select_for_update().exists():
        raise NoticeInputError("already_paused", _("Sending is already paused."))
    audit_details(reason=reason)
    return OutboxPause.objects.create(paused_by=by.label, reason=reason)


@audited("outbox_resumed")
def resume(*, by: Actor) -> int:
    """Return how many messages are waiting. Error: ``not_paused``."""
    ended = OutboxPause.objects.under_way().update(resumed_at=clock.now(), resumed_by=by.label)
    if not ended:
        raise NoticeInputError("not_paused", _("Sending is not paused."))
    waiting = Notice.objects.filter(state=NoticeState.PENDING).count()
    audit_details(waiting=waiting)
    return waiting


@audited("address_tried_again")
def try_address_again(*, by: Actor, marked: UndeliverableAddress) -> None:
    """Messages are sent to the address again, until it sends one back."""
    UndeliverableAddress.objects.in_force().filter(pk=marked.pk).update(
        cleared_at=clock.now(), cleared_by=by.label
    )
    audit_details(address=marked.pk)
