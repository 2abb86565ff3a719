"""A message as it leaves: greeting, signature, text and HTML parts, headers, attachments."""

from email.header import Header
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from common.calendars import attach_invitations
from notices.kinds import message_kinds
from notices.models import Notice
from notices.services import bounces
from notices.services.mail_choices import link_to_stop

# What a line of a header may hold beside "Subject: " (RFC 5322, 2.1.1; RFC 2047, 2).
_LONGEST_WORD = 60
# How our own texts begin where they greet their reader by name.
_GREETINGS = ("Dear ", "Kính gửi")


class UnfoldedHeader(Header):
    """An address longer than a line: folded, it would begin with an empty one."""

    def encode(self, *args: Any, **kwargs: Any) -> str:
        return super().encode(maxlinelen=998, linesep=kwargs.get("linesep", "\n"))


class OutgoingMail(EmailMultiAlternatives):
    def message(self, *args: Any, **kwargs: Any) -> Any:
        """Fold the subject after its first word, where Django leaves the first line empty."""
        message = super().message(*args, **kwargs)
        subject = str(self.subject)
        is_plain = subject.isascii() and all(
            len(word) <= _LONGEST_WORD for word in subject.split(" ")
        )
        charset = "us-ascii" if is_plain else "utf-8"
        # Stored as it is: what Django assigns may have no line breaks, which ``super`` has checked.
        message.replace_header("Subject", Header(subject, charset, header_name="Subject"))
        if address := message["List-Unsubscribe"]:
            message.replace_header("List-Unsubscribe", UnfoldedHeader(address))
        return message


def laid_out(notice: Notice) -> OutgoingMail:
    """The mail of a notice, whose text has neither signature nor HTML, unless both are its own."""
    body, html = notice.body, notice.html_body
    if not html:
        with translation.override(notice.language):
            context = {
                "subject": notice.subject,
                "body": body,
                "is_greeted": body.startswith(_GREETINGS) or _greets(notice.kind),
                "takes_replies": bool(notice.reply_to),
                "unsubscribe": link_to_stop(notice),
                "site": settings.SITE_URL,
            }
            body = render_to_string("notices/message.txt", context)
            html = render_to_string("notices/message.html", context)
    message = OutgoingMail(
        notice.subject,
        body,
        bounces.return_path(notice),
        [notice.recipient],
        headers=_headers(notice),
        reply_to=[notice.reply_to] if notice.reply_to else None,
    )
    message.attach_alternative(html, "text/html")
    for shown, stored in (notice.attachments or {}).items():
        with default_storage.open(stored, "rb") as file:
            message.attach(shown, file.read())
    attach_invitations(message, notice.calendar)
    return message


def _greets(kind: str) -> bool:
    """Whether our own text does; the office may have found other words for it."""
    return kind in message_kinds and str(message_kinds[kind].body).startswith(_GREETINGS)


def _headers(notice: Notice) -> dict[str, str]:
    """The Message-ID is the same at each try, so that a mailbox can tell a repetition.

    All messages of a thread answer one that was never sent: mail programs show them together.
    """
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    headers = {
        "Message-ID": bounces.message_id(notice),
        "Auto-Submitted": "auto-generated",
        "Content-Language": notice.language,
    }
    if bounces.return_path(notice) != settings.DEFAULT_FROM_EMAIL:
        headers["From"] = settings.DEFAULT_FROM_EMAIL
    if address := link_to_stop(notice):
        # RFC 8058: mail programs offer to stop it, without opening a page.
        headers |= {
            "List-Unsubscribe": f"<{address}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    if notice.thread:
        root = f"<{notice.thread}@{host}>"
        headers |= {
            "In-Reply-To": root,
            "References": root,
            "List-Id": f"<{notice.thread}.{host}>",
        }
    return headers
