"""Delivering the outbox: claimed one by one, tried for two days, never twice."""

import datetime as dt
from contextlib import suppress
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, Q

from common import clock
from common.mail_links import LINK, Link
from common.personal_data import Subject
from notices.models import Notice, NoticeState
from notices.services.layout import laid_out

CLAIM = dt.timedelta(minutes=10)
LONGEST_PAUSE = dt.timedelta(hours=4)
TRIED_FOR = dt.timedelta(days=2)
LEAST_ATTEMPTS = 6


def deliver_pending(*, limit: int = 500) -> int:
    """Send what is due over one connection; return how many were sent.

    A server that does not answer ends the round: the others are not made to wait for it in turn.
    """
    due = Notice.objects.filter(state=NoticeState.PENDING, not_before__lte=clock.now())
    connection, sent = get_connection(settings.DELIVERY_EMAIL_BACKEND), 0
    try:
        for notice in due.order_by("not_before", "id")[:limit]:
            sent += _deliver(notice, connection)
    except OSError:
        pass  # postponed, with the reason on the notice
    finally:
        # Whatever a broken connection says to a farewell, the round is over.
        with suppress(OSError):
            connection.close()
    return sent


def _deliver(notice: Notice, connection: BaseEmailBackend) -> bool:
    """Claims the notice by postponing it, so that a crash while sending cannot send it twice.

    Error: OSError where the server, not this recipient, is the reason that it was not sent.
    """
    claimed = Notice.objects.filter(
        pk=notice.pk, state=NoticeState.PENDING, not_before=notice.not_before
    ).update(not_before=clock.now() + CLAIM, attempts=F("attempts") + 1)
    if not claimed:
        return False
    try:
        was_sent = _send(notice, connection)
    except OSError as error:
        _postpone(notice, error)
        if _is_about_this_message(error):
            return False
        raise
    if not was_sent:
        Notice.objects.filter(pk=notice.pk).update(state=NoticeState.DROPPED)
        return False
    Notice.objects.filter(pk=notice.pk).update(
        state=NoticeState.SENT, sent_at=clock.now(), last_error=""
    )
    return True


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


def _postpone(notice: Notice, error: OSError) -> None:
    attempts = notice.attempts + 1
    pause = min(dt.timedelta(minutes=2**attempts), LONGEST_PAUSE)
    was_tried_enough = attempts >= LEAST_ATTEMPTS and clock.now() - notice.created_at >= TRIED_FOR
    is_over = was_tried_enough or _is_refused_for_good(error)
    Notice.objects.filter(pk=notice.pk).update(
        state=NoticeState.FAILED if is_over else NoticeState.PENDING,
        not_before=clock.now() + pause,
        last_error=str(error)[:250],
    )


def _is_about_this_message(error: OSError) -> bool:
    # FileNotFoundError: an attachment.
    return isinstance(error, SMTPRecipientsRefused | SMTPDataError | FileNotFoundError)


def _is_refused_for_good(error: OSError) -> bool:
    """A code of 5xx (RFC 5321, 4.2.1): another try would have the same answer."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= 500


def erase(subject: Subject) -> int:
    """Delete messages to a person, and their name in messages to others.

    Pending messages, such as the answer to their request, are sent first.
    """
    own = Notice.objects.filter(recipient__in=subject.emails)
    connection = get_connection(settings.DELIVERY_EMAIL_BACKEND)
    for notice in own.filter(state=NoticeState.PENDING):
        with suppress(OSError):
            _deliver(notice, connection)
    gone, _by_model = own.delete()
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
