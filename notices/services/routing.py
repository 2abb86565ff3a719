"""Where a message goes: among its reader's notifications, and into the mail, at once or later.

Every message passes here, whoever wrote it: so no sender has to think of notifications, of an
account without a mailbox, or of what its reader has switched off.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts.choices import Role
from accounts.invalidation import Secret, state_of
from accounts.models import User, is_mailbox
from common.bulk import in_list
from common.mail_marks import MailMarks
from notices.kinds import is_optional
from notices.models import DigestReader, MutedKind, Notice, NoticeState


@dataclass(frozen=True, slots=True)
class Draft:
    notice: Notice
    marks: MailMarks

    @property
    def address(self) -> str:
        return self.notice.recipient.lower()


def route(drafts: Sequence[Draft]) -> list[Notice]:
    """The notices to store: those of readers who have neither mailbox nor account are left out."""
    _find_accounts(drafts)
    _bind_to_rights(drafts)
    muted, digest_readers = _muted(drafts), _digest_readers(drafts)
    return [one.notice for one in drafts if _has_way(one, muted, digest_readers)]


def _find_accounts(drafts: Sequence[Draft]) -> None:
    named = [one.marks.account for one in drafts if one.marks.account]
    by_address = [one.address for one in drafts if not one.marks.account]
    users = User.objects.filter(is_active=True)
    by_id = users.in_bulk(named) if named else {}
    # Django's managers lower every address that they store.
    found = users.filter(email__in=in_list(by_address)) if by_address else ()
    by_email = {user.email: user for user in found}
    for one in drafts:
        pk = one.marks.account
        user = by_id.get(pk) if pk else by_email.get(one.address)
        one.notice.account = user if one.marks.in_app else None
        if user and not one.notice.is_for_mailbox_alone:
            one.notice.path = one.marks.path or _first_path(one.notice.body)


def _first_path(text: str) -> str:
    """The first page of this site, other than its front page, that a text names."""
    for found in re.finditer(rf"{re.escape(settings.SITE_URL)}(/(?!/)[\w/?=&%.-]*)", text):
        if len(path := found[1].rstrip(".?&")) > 1:
            return path[:250]
    return ""


def _bind_to_rights(drafts: Sequence[Draft]) -> None:
    """What is about others stays readable while its reader may do what they may do now."""
    by_user = dict[int, str]()
    for one in drafts:
        user = one.notice.account
        if user is None or one.marks.is_personal:
            continue
        if user.pk not in by_user:
            is_officer = bool(user.roles - {Role.TRAINEE})
            by_user[user.pk] = state_of(user, Secret.NOTIFICATION) if is_officer else ""
        one.notice.rights = by_user[user.pk]


def _may_wait(draft: Draft) -> bool:
    return is_optional(draft.notice.kind) and not draft.marks.is_personal


def _muted(drafts: Sequence[Draft]) -> set[tuple[int | str, str]]:
    optional = [one for one in drafts if is_optional(one.notice.kind)]
    if not optional:
        return set()
    accounts = {one.notice.account_id for one in optional if one.notice.account_id}
    rows = MutedKind.objects.of_any(accounts, {one.address for one in optional})
    return {
        (account or address, kind)
        for account, address, kind in rows.values_list("account", "address", "kind")
    }


def _digest_readers(drafts: Sequence[Draft]) -> set[int]:
    waiting = (one.notice for one in drafts if _may_wait(one))
    accounts = {notice.account_id for notice in waiting if notice.account_id}
    if not accounts:
        return set()
    readers = DigestReader.objects.filter(account__in=in_list(accounts))
    return set(readers.values_list("account", flat=True))


def _has_way(draft: Draft, muted: set[tuple[int | str, str]], digest_readers: set[int]) -> bool:
    notice = draft.notice
    reader = notice.account_id or draft.address
    if not (draft.marks.in_mail and is_mailbox(notice.recipient)) or (reader, notice.kind) in muted:
        notice.state = NoticeState.UNMAILED
        return notice.account_id is not None or is_mailbox(notice.recipient)
    if notice.account_id in digest_readers and _may_wait(draft):
        notice.state = NoticeState.DIGEST
    return True
