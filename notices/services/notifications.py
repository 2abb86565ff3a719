"""What a reader sees of their messages in the product."""

import datetime as dt
from collections.abc import Collection

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.invalidation import Secret, is_state_current
from accounts.models import User
from common import clock
from notices.kinds import message_kinds
from notices.models import Notice, NoticeState

PRUNED_AT_ONCE = 1_000
MOST_COUNTED = 100


def mark_read(*, reader: User, notices: Collection[int] | None = None) -> int:
    """Those named, else all; how many were unread."""
    unread = Notice.objects.visible_to(reader).unread()
    if notices is not None:
        unread = unread.filter(pk__in=notices)
    return unread.update(read_at=clock.now())


def count_unread(reader: User) -> int:
    """At most ``MOST_COUNTED``."""
    return Notice.objects.count_unread_of(reader.pk, MOST_COUNTED)


class TextReader:
    """What of a message its reader sees in the product, outside their mailbox."""

    def __init__(self, reader: User) -> None:
        self._reader = reader
        self._is_current: dict[str, bool] = {"": True}

    def subject_of(self, notice: Notice) -> str:
        """What kind of message it was, where its reader lost the rights: a subject names people."""
        if notice.kind not in message_kinds or self._has_rights_to(notice):
            return notice.subject
        return str(message_kinds[notice.kind].label)

    def text_of(self, notice: Notice) -> str:
        """Blank for what is for the mailbox alone; a sentence where its reader lost the rights."""
        if notice.is_for_mailbox_alone:
            return ""
        if not self._has_rights_to(notice):
            return _("Your permissions have changed since; the text is not shown.")
        return notice.body.strip()

    def _has_rights_to(self, notice: Notice) -> bool:
        if notice.rights not in self._is_current:
            self._is_current[notice.rights] = is_state_current(
                self._reader, Secret.NOTIFICATION, notice.rights
            )
        return self._is_current[notice.rights]


def prune() -> int:
    """Delete messages that are older than ``NOTICE_RETENTION_DAYS``; how many."""
    before = clock.now() - dt.timedelta(days=settings.NOTICE_RETENTION_DAYS)
    waiting = (NoticeState.PENDING, NoticeState.DIGEST)
    old = Notice.objects.filter(created_at__lt=before).exclude(state__in=waiting)
    pruned = 0
    while some := list(old.order_by("pk").values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        pruned += Notice.objects.filter(pk__in=some).delete()[0]
    return pruned
