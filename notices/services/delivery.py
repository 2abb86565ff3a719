"""Delivering the outbox: claimed one by one, tried for two days."""

import datetime as dt
import logging
import time
from contextlib import suppress
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import Case, Exists, F, Q, When

from common import clock
from common.mail_links import LINK, Link
from common.personal_data import Subject
from jobs.services import stopping
from notices.kinds import Importance, kinds_of
from notices.models import Notice, NoticeState, OutboxPause, UndeliverableAddress
from notices.services import bounces
from notices.services.layout import laid_out

logger = logging.getLogger(__name__)

CLAIM = dt.timedelta(minutes=10)
LONGEST_PAUSE = dt.timedelta(hours=4)
TRIED_FOR = dt.timedelta(days=2)
LEAST_ATTEMPTS = 6
ROUND = 100
# A task that works longer than this counts as overdue.
SECONDS_AT_ONCE = 120


def deliver_all() -> int:
    """Send what is due at the server's pace; return how many were sent."""
    total, until = 0, time.monotonic() + SECONDS_AT_ONCE
    while (sent := deliver_pending()) and not stopping.is_set() and time.monotonic() < until:
        total += sent
    return total + sent


def deliver_pending(*, limit: int = ROUND) -> int:
    """Send what is due over one connection, reminders last; return how many were sent.

    A server that does not answer ends the round: the others are not made to wait for it in turn.
    """
    due = Notice.objects.filter(state=NoticeState.PENDING, not_before__lte=clock.now())
    is_reminder = Case(When(kind__in=kinds_of(Importance.REMINDER), then=1), default=0)
    connection, sent = get_connection(settings.DELIVERY_EMAIL_BACKEND), 0
    try:
        for notice in due.order_by(is_reminder, "not_before", "id")[:limit]:
            sent += _deliver(notice, connection)
    except OSError:
        pass  # postponed, with the reason on the notice
    finally:
        # Whatever a broken connection says to a farewell, the round is over.
        with suppress(OSError):
            connection.close()
    return sent


def _deliver(notice: Notice, connection: BaseEmailBackend, *, even_if_paused: bool = False) -> bool:
    """Claims the notice by postponing it, so that no other worker sends it meanwhile.

    Error: OSError where the server, not this recipient, is the reason that it was not sent.
    """
    if not _claim(notice, even_if_paused=even_if_paused) or not _is_still_to_be_sent(notice):
        return False
    try:
        was_sent = _send(notice, connection)
    except Exception as error:
        # A provider's library raises errors of its own.
        if not isinstance(error, OSError):
            logger.exception("notice %s could not be sent", notice.pk)
        _postpone(notice, error)
        if _is_about_this_message(error):
            return False
        raise
    if was_sent:
        _end(notice, NoticeState.SENT, sent_at=clock.now())
    else:
        _end(notice, NoticeState.DROPPED)
    return was_sent


def _claim(notice: Notice, *, even_if_paused: bool) -> bool:
    unclaimed = Notice.objects.filter(
        pk=notice.pk, state=NoticeState.PENDING, not_before=notice.not_before
    )
    if not even_if_paused:
        unclaimed = unclaimed.exclude(Exists(OutboxPause.objects.under_way()))
    now = clock.now()
    claimed = unclaimed.update(not_before=now + CLAIM, claimed_at=now, attempts=F("attempts") + 1)
    return bool(claimed)


def _is_still_to_be_sent(notice: Notice) -> bool:
    """A message whose worker died may have left: a decision is sent again, a reminder is not."""
    if notice.claimed_at:
        if notice.kind in kinds_of(Importance.REMINDER):
            _end(notice, NoticeState.UNCERTAIN)
            return False
        Notice.objects.filter(pk=notice.pk).update(may_be_double=True)
    marked = UndeliverableAddress.objects.of(notice.recipient)
    if marked:
        _end(notice, NoticeState.FAILED, last_error=f"undeliverable address: {marked.reason}"[:250])
    return not marked


def _end(
    notice: Notice,
    state: NoticeState,
    *,
    sent_at: dt.datetime | None = None,
    last_error: str = "",
) -> None:
    Notice.objects.filter(pk=notice.pk).update(
        state=state, sent_at=sent_at, last_error=last_error, claimed_at=None
    )


def _send(notice: Notice, connection: BaseEmailBackend) -> bool:
    if notice.link_kind:
        address = Link(notice.link_kind, notice.link_params).make()
        if address is None:
            return False
        # In memory alone: no link that lets its reader in is stored.
        notice.body = notice.body.replace(LINK, address)
        notice.html_body = notice.html_body.replace(LINK, address)
    message = laid_out(notice)
    message.connection = connection
    connection.open()
    message.send()
    return True


def _postpone(notice: Notice, error: Exception) -> None:
    attempts = notice.attempts + 1
    pause = min(dt.timedelta(minutes=2**attempts), LONGEST_PAUSE)
    was_tried_enough = attempts >= LEAST_ATTEMPTS and clock.now() - notice.created_at >= TRIED_FOR
    is_over = was_tried_enough or _is_refused_for_good(error)
    Notice.objects.filter(pk=notice.pk).update(
        state=NoticeState.FAILED if is_over else NoticeState.PENDING,
        not_before=clock.now() + pause,
        claimed_at=None,
        last_error=str(error)[:250],
    )
    if isinstance(error, SMTPRecipientsRefused):
        for _code, answer in error.recipients.values():
            bounces.mark_if_unknown(notice, answer.decode(errors="replace"))


def _is_about_this_message(error: Exception) -> bool:
    # FileNotFoundError: an attachment.
    if isinstance(error, SMTPRecipientsRefused | SMTPDataError | FileNotFoundError):
        return True
    return not isinstance(error, OSError) or _status_code(error) in (400, 422)


def _is_refused_for_good(error: Exception) -> bool:
    """Another try would have the same answer: 5xx (RFC 5321, 4.2.1), or a broken message."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= 500
    is_broken = isinstance(error, ValueError) and not isinstance(error, OSError)
    return is_broken or _status_code(error) in (400, 422)


def _status_code(error: Exception) -> int | None:
    """Of a provider's HTTP API (anymail)."""
    code = getattr(error, "status_code", None)
    return code if isinstance(code, int) else None


def erase(subject: Subject) -> int:
    """Delete messages to a person, and their name in messages to others.

    Pending messages, such as the answer to their request, are sent first, even while the outbox is
    paused.
    """
    own = Notice.objects.filter(Q(recipient__in=subject.emails) | Q(account__in=subject.user_ids))
    connection = get_connection(settings.DELIVERY_EMAIL_BACKEND)
    for notice in own.filter(state=NoticeState.PENDING):
        with suppress(OSError):
            _deliver(notice, connection, even_if_paused=True)
    gone, _by_model = own.delete()
    addresses = [address.lower() for address in subject.emails]
    UndeliverableAddress.objects.filter(address__in=addresses).delete()
    return int(gone) + sum(_without_names(subject, name) for name in subject.names)


def _without_names(subject: Subject, name: str) -> int:
    named = Notice.objects.filter(
        Q(subject__contains=name) | Q(body__contains=name) | Q(html_body__contains=name)
    )
    for notice in named:
        for part in ("subject", "body", "html_body"):
            setattr(notice, part, subject.without_names(getattr(notice, part)))
        notice.save(update_fields=["subject", "body", "html_body"])
    return len(named)
