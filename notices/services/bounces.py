"""Mail that came back: whose address is marked, by a token that only our own message bore.

A report of a failed delivery is an ordinary mail that anybody can write. It is believed only where
it repeats the secret part of the Message-ID or of the return address of the message it is about,
and it marks the recipient of that message, whatever address it names itself.
"""

import re
from email.message import Message
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from notices.models import Notice, NoticeState, UndeliverableAddress

_TOKEN = re.compile(r"notice-(\d{1,18})-([0-9a-f]{20})", re.IGNORECASE)
# Enhanced status codes (RFC 3463): a full mailbox, a system or a policy says nothing against the
# address. The message has failed all the same.
_NOT_THE_ADDRESS = re.compile(r"5\.(2\.[2-4]|[3567]\.)")
_UNKNOWN = re.compile(r"\b5\.1\.\d{1,3}\b")


def token(notice: Notice) -> str:
    return f"notice-{notice.pk}-{_secret(notice.pk)}"


def _secret(pk: int) -> str:
    return salted_hmac("notices.bounces", str(pk), algorithm="sha256").hexdigest()[:20]


def message_id(notice: Notice) -> str:
    return f"<{token(notice)}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def provider() -> str:
    """The provider of anymail that mail goes out by, or nothing."""
    package, _dot, rest = str(settings.DELIVERY_EMAIL_BACKEND).partition(".backends.")
    return rest.split(".")[0] if package == "anymail" else ""


def return_path(notice: Notice) -> str:
    """Where servers send it back to: a variable address (VERP) of the mailbox for bounces.

    A provider has its own, and calls us.
    """
    local, at, host = settings.BOUNCE_ADDRESS.partition("@")
    has_own = bool(at) and not provider()
    return f"{local}+{token(notice)}@{host}" if has_own else settings.DEFAULT_FROM_EMAIL


def notice_of(*texts: str) -> Notice | None:
    """The message whose token stands in one of the texts."""
    for pk, secret in (found for text in texts for found in _TOKEN.findall(text)):
        if constant_time_compare(secret.lower(), _secret(int(pk))):
            return Notice.objects.filter(pk=pk).first()
    return None


def take_in(notice: Notice, *, status: str, reason: str) -> None:
    """A server has given up this message. Taken in twice, it changes nothing."""
    text = _in_one_line(f"{status} {reason}")
    Notice.objects.filter(pk=notice.pk).exclude(state=NoticeState.DROPPED).update(
        state=NoticeState.FAILED, last_error=text, claimed_at=None
    )
    if not _NOT_THE_ADDRESS.match(status):
        mark(notice.recipient, text)


def mark(address: str, reason: str) -> None:
    UndeliverableAddress.objects.get_or_create(
        address=address.lower(), cleared_at=None, defaults={"reason": _in_one_line(reason)}
    )


def _in_one_line(answer: str) -> str:
    """What a foreign server says may hold anything, U+0000 too, which PostgreSQL refuses."""
    printable = "".join(char if char.isprintable() else " " for char in answer)
    return " ".join(printable.split())[:250]


def mark_if_unknown(notice: Notice, answer: str) -> None:
    """The server itself says, at once, that the address does not exist."""
    if _UNKNOWN.search(answer):
        mark(notice.recipient, answer)


def take_in_report(report: Message) -> Notice | None:
    """Read a delivery status notification (RFC 3464); None where it is none of ours, or no failure.

    Only the recipient's fields of the report are read: text around them may be anything.
    """
    fields = [part for part in _status_fields(report) if part["Action"]]
    failed = next((one for one in fields if str(one["Action"]).strip().lower() == "failed"), None)
    notice = notice_of(*_token_sources(report))
    if failed is None or notice is None or str(failed["Status"]).strip()[:1] != "5":
        return None
    diagnostic = str(failed["Diagnostic-Code"] or "").partition(";")[2]
    take_in(notice, status=str(failed["Status"]).strip()[:12], reason=diagnostic)
    return notice


def _status_fields(report: Message) -> list[Message]:
    """The groups of fields of ``message/delivery-status``, which the parser gives as messages."""
    return [
        group
        for part in report.walk()
        if part.get_content_type() == "message/delivery-status"
        for group in part.get_payload()
        if isinstance(group, Message)
    ]


def _token_sources(report: Message) -> list[str]:
    """The address it came to, and the Message-ID of the message that it returns."""
    to = [
        parseaddr(str(value))[1]
        for name in ("Delivered-To", "X-Original-To", "To")
        for value in report.get_all(name, [])
    ]
    returned = [
        str(value)
        for part in report.walk()
        if part is not report
        for value in part.get_all("Message-ID", [])
    ]
    headers = [
        str(part.get_payload())
        for part in report.walk()
        if part.get_content_type() == "text/rfc822-headers"
    ]
    return [*to, *returned, *headers]
