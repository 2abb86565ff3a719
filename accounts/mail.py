import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage, get_connection, send_mail
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise

from accounts.models import User, is_mailbox
from common import clock, formats
from common.mail_links import LINK, Link, send_with_link


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    language: str


def mail_each(
    recipients: Sequence[Recipient],
    words: Callable[[], tuple[str, str]],
    *,
    thread: str = "",
    calendar: Callable[[Recipient], str] = lambda _recipient: "",
) -> None:
    """Mail each recipient subject and body, which ``words`` gives in the active language.

    ``calendar`` gives the invitations (``common.calendars``) that a recipient's message carries.

    The mail backend is the outbox: messages leave only if the transaction commits. Accounts of
    single sign-on may have an address that is no mailbox; these are passed over.
    """
    reachable = [one for one in recipients if is_mailbox(one.address)]
    for language in sorted({one.language for one in reachable}):
        with translation.override(language):
            subject, body = words()
            messages = []
            for one in reachable:
                if one.language == language:
                    message = EmailMessage(subject, body, to=[one.address])
                    # Marks for the outbox.
                    message.__dict__.update(thread=thread, calendar=calendar(one))
                    messages.append(message)
            get_connection().send_messages(messages)


def mail_user(user: User, subject: Promise, template: str, *, to: str = "", **values: Any) -> None:
    """Tell an account's owner, or the former address ``to``, what happened a moment ago.

    ``template`` is one of ``account/email``. Whoever has no mailbox is passed over.
    """
    address = to or user.email
    if not is_mailbox(address):
        return
    with translation.override(user.language):
        values |= {"name": user.full_name or address, "moment": formats.instant(clock.now())}
        body = render_to_string(f"account/email/{template}.txt", values)
        send_mail(str(subject), body, None, [address])


def mail_link(
    user: User, subject: Promise, template: str, link: Link, *, to: str, until: dt.datetime
) -> str | None:
    """As ``send_with_link``, in the user's language."""
    with translation.override(user.language):
        values = {"name": str(user), "address": LINK, "until": formats.instant(until)}
        body = render_to_string(f"account/email/{template}.txt", values)
        return send_with_link(EmailMessage(str(subject), body, to=[to]), link)
