"""The mailbox for bounces, read over IMAP."""

import email
import imaplib
import logging
from email import policy
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings

from notices.services import bounces

logger = logging.getLogger(__name__)

AT_ONCE = 200
# A report repeats at most the header of the message that it is about; attachments may follow.
LONGEST = 262_144
_SCHEMES = {"imaps": imaplib.IMAP4_SSL, "imap": imaplib.IMAP4}


class MailboxError(Exception):
    """The mailbox cannot be read."""


def read_bounces() -> int:
    """Take in the failures reported since the last time; return how many.

    What was read is marked as seen, whether it was a report or not. A mailbox read twice, or by two
    workers, changes nothing.
    """
    if not settings.BOUNCE_MAILBOX_URL:
        return 0
    address = urlsplit(settings.BOUNCE_MAILBOX_URL)
    connect = _SCHEMES[address.scheme]
    try:
        with connect(
            address.hostname or "", address.port or 0, timeout=settings.EMAIL_TIMEOUT
        ) as mailbox:
            return _read(mailbox, address)
    except imaplib.IMAP4.error as error:
        raise MailboxError(str(error)[:250]) from error


def _read(mailbox: imaplib.IMAP4, address: SplitResult) -> int:
    mailbox.login(unquote(address.username or ""), unquote(address.password or ""))
    _ok(mailbox.select(unquote(address.path.strip("/")) or "INBOX"))
    found = _ok(mailbox.uid("SEARCH", "UNSEEN"))[0] or b""
    taken_in = 0
    for uid in found.split()[:AT_ONCE]:
        parts = _ok(mailbox.uid("FETCH", uid.decode(), f"(BODY.PEEK[]<0.{LONGEST}>)"))
        taken_in += any(_take_in(part[1]) for part in parts if isinstance(part, tuple))
        _ok(mailbox.uid("STORE", uid.decode(), "+FLAGS", r"(\Seen)"))
    return taken_in


def _take_in(content: bytes) -> bool:
    try:
        report = email.message_from_bytes(content, policy=policy.compat32)
        return bounces.take_in_report(report) is not None
    except (RecursionError, ValueError, LookupError, TypeError):
        # Anybody can write to this mailbox: a mail that no parser takes must not stop the rest.
        logger.warning("a mail in the mailbox for bounces cannot be read", exc_info=True)
        return False


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise MailboxError(f"the mailbox answered {status}")
    return data
