"""Django's mail API leads here: sending a message means putting it into the outbox."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import get_language

from common.bulk import batches, insert_many
from common.mail_links import link_of
from common.mail_marks import marks_of
from notices.models import Notice
from notices.services.routing import Draft, route

BATCH = 1_000


class OutboxBackend(BaseEmailBackend):
    """Stores mail of lower apps and libraries in the outbox, through Django's mail API."""

    # Links that let their reader in are made when a message is delivered (common.mail_links).
    makes_links = True
    takes_notifications = True

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        store_messages(email_messages)
        return len(email_messages)


def store_messages(messages: Sequence[EmailMessage]) -> list[Notice]:
    """One notice for each recipient who can be reached, in order."""
    drafts = [
        Draft(_notice(message, recipient), marks_of(message))
        for message in messages
        for recipient in message.recipients()
    ]
    notices = route(drafts)
    for some in batches(notices, BATCH):
        insert_many(some)
    return notices


def _notice(message: EmailMessage, recipient: str) -> Notice:
    html = ""
    if isinstance(message, EmailMultiAlternatives) and message.alternatives:
        html = str(message.alternatives[0][0])
    link, marks = link_of(message), marks_of(message)
    return Notice(
        kind=marks.kind,
        recipient=recipient,
        language=(marks.language or get_language() or "vi")[:2],
        # In one line: no mail can be made of another, and one that cannot would hold up the rest.
        subject=" ".join(str(message.subject).split())[:250],
        body=str(message.body),
        html_body=html,
        calendar=marks.calendar,
        thread=marks.thread,
        reply_to=", ".join(message.reply_to)[:254],
        attachments=getattr(message, "stored_files", None),
        link_kind=link.kind if link else "",
        link_params=dict(link.params) if link else {},
    )
