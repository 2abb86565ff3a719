"""One mail each morning with what waited for it since the one before."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import User
from common import clock, formats
from notices.kinds import DAILY_DIGEST, message_kinds
from notices.models import Notice, NoticeState
from notices.services.notifications import TextReader
from notices.services.texts import compose, wording_of


def send_digests() -> int:
    """How many mails were written. Safe at any time, in several workers, and after a kill.

    What was written before this morning's hour is due, and is marked in the transaction that
    writes the mail: so the day's later messages wait for tomorrow without any note of when the
    last digest was.
    """
    due = Notice.objects.filter(state=NoticeState.DIGEST, created_at__lt=this_morning())
    readers = due.order_by().values_list("account", flat=True).distinct()
    return sum(_send_to(reader) for reader in list(readers))


def this_morning() -> dt.datetime:
    """The latest ``DIGEST_HOUR`` that has passed."""
    now = timezone.localtime(clock.now())
    hour = now.replace(hour=settings.DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return hour if hour <= now else hour - dt.timedelta(days=1)


@transaction.atomic
def _send_to(reader_id: int) -> int:
    due = Notice.objects.filter(
        state=NoticeState.DIGEST, account=reader_id, created_at__lt=this_morning()
    )
    waiting = list(
        due.select_for_update(of=("self",), skip_locked=True).order_by("created_at", "pk")
    )
    reader = User.objects.filter(pk=reader_id, is_active=True).first()
    if not waiting:
        return 0
    rows = Notice.objects.filter(pk__in=[notice.pk for notice in waiting])
    if reader is None or not reader.has_mailbox:
        rows.update(state=NoticeState.UNMAILED)
        return 0
    _write(reader, waiting)
    rows.update(state=NoticeState.DIGESTED, sent_at=clock.now())
    return 1


def _write(reader: User, waiting: Sequence[Notice]) -> None:
    with translation.override(reader.language):
        texts = TextReader(reader)
        parts = [
            f"{texts.subject_of(notice)}\n{texts.text_of(notice)}".strip() for notice in waiting
        ]
        values = {
            "day": formats.day(clock.today()),
            "count": formats.number(len(waiting)),
            "lines": "\n\n".join(f"{number}. {part}" for number, part in enumerate(parts, 1)),
            "link": f"{settings.SITE_URL}{reverse('notifications')}",
        }
    kind = message_kinds[DAILY_DIGEST]
    message = compose(
        kind,
        values,
        to=reader.email,
        language=reader.language,
        wording=wording_of(kind, reader.language),
        in_app=False,
    )
    get_connection().send_messages([message])
