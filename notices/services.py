"""Delivering the outbox: claimed one by one, retried with growing pauses, never twice."""

import datetime as dt

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F, Q

from common import clock
from common.mail_links import Link, fill_in
from common.personal_data import Subject
from notices.models import Notice, NoticeState

LAST_ATTEMPT = 6
CLAIM = dt.timedelta(minutes=10)


def deliver_pending(*, limit: int = 50) -> int:
    due = Notice.objects.filter(state=NoticeState.PENDING, not_before__lte=clock.now())
    return sum(_deliver(notice) for notice in due.order_by("id")[:limit])


def _deliver(notice: Notice) -> bool:
    """Claims the notice by postponing it, so that a crash while sending cannot send it twice."""
    claimed = Notice.objects.filter(
        pk=notice.pk, state=NoticeState.PENDING, not_before=notice.not_before
    ).update(not_before=clock.now() + CLAIM, attempts=F("attempts") + 1)
    if not claimed:
        return False
    try:
        was_sent = _send(notice)
    except OSError as error:
        _postpone(notice, error)
        return False
    if not was_sent:
        Notice.objects.filter(pk=notice.pk).update(state=NoticeState.DROPPED)
        return False
    Notice.objects.filter(pk=notice.pk).update(
        state=NoticeState.SENT, sent_at=clock.now(), last_error=""
    )
    return True


def _send(notice: Notice) -> bool:
    message = EmailMultiAlternatives(
        notice.subject,
        notice.body,
        settings.DEFAULT_FROM_EMAIL,
        [notice.recipient],
        connection=get_connection(settings.DELIVERY_EMAIL_BACKEND),
    )
    if notice.html_body:
        message.attach_alternative(notice.html_body, "text/html")
    if notice.link_kind:
        address = Link(notice.link_kind, notice.link_params).make()
        if address is None:
            return False
        fill_in(message, address)
    message.send()
    return True


def _postpone(notice: Notice, error: OSError) -> None:
    attempts = notice.attempts + 1
    pause = dt.timedelta(minutes=2**attempts)
    Notice.objects.filter(pk=notice.pk).update(
        state=NoticeState.FAILED if attempts >= LAST_ATTEMPT else NoticeState.PENDING,
        not_before=clock.now() + pause,
        last_error=str(error)[:250],
    )


def erase(subject: Subject) -> int:
    """Delete messages to a person, and their name in messages to others.

    Pending messages, such as the answer to their request, are sent first.
    """
    own = Notice.objects.filter(recipient__in=subject.emails)
    for notice in own.filter(state=NoticeState.PENDING):
        _deliver(notice)
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
