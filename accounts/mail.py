import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from accounts.models import User, is_mailbox
from common import clock, formats
from common.mail_links import LINK, Link, send_with_link
from common.mail_marks import mark


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    language: str
    account: int | None = None  # where the address does not tell it
    # Mail to them is about themselves, not about others for whom they act.
    is_personal: bool = False

    def marks(self) -> dict[str, Any]:
        """For ``common.mail_marks``."""
        return {
            "language": self.language,
            "account": self.account,
            "is_personal": self.is_personal,
        }


def send_all(messages: Sequence[EmailMessage]) -> None:
    """Only the outbox takes messages to accounts without a mailbox; read in the product."""
    connection = get_connection()
    if not getattr(connection, "takes_notifications", False):
        messages = [one for one in messages if all(map(is_mailbox, one.to))]
    connection.send_messages(messages)


def mail_each(
    recipients: Sequence[Recipient],
    words: Callable[[], tuple[str, str]],
    *,
    kind: str = "",
    thread: str = "",
    calendar: Callable[[Recipient], str] = lambda _recipient: "",
) -> None:
    """Mail each recipient subject and body, which ``words`` gives in the active language.

    ``calendar`` gives the invitations (``common.calendars``) that a recipient's message carries.

    The mail backend is the outbox: messages leave only if the transaction commits.
    """
    reachable = [one for one in recipients if one.address]
    for language in sorted({one.language for one in reachable}):
        with translation.override(language):
            subject, body = words()
            send_all(
                [
                    mark(
                        EmailMessage(subject, body, to=[one.address]),
                        kind=kind,
                        thread=thread,
                        calendar=calendar(one),
                        **one.marks(),
                    )
                    for one in reachable
                    if one.language == language
                ]
            )


def mail_user(user: User, subject: Promise, template: str, *, to: str = "", **values: Any) -> None:
    """Tell an account's owner, or the former address ``to``, what happened a moment ago.

    ``template`` is one of ``account/email``.
    """
    address = to or user.email
    with translation.override(user.language):
        values |= {"name": user.full_name or address, "moment": formats.instant(clock.now())}
        body = render_to_string(f"account/email/{template}.txt", values)
        message = EmailMessage(str(subject), body, to=[address])
        send_all([mark(message, kind="security", account=user.pk, path=reverse("mfa_index"))])


def mail_link(
    user: User, subject: Promise, template: str, link: Link, *, to: str, until: dt.datetime
) -> str | None:
    """As ``send_with_link``, in the user's language."""
    with translation.override(user.language):
        values = {"name": str(user), "address": LINK, "until": formats.instant(until)}
        body = render_to_string(f"account/email/{template}.txt", values)
        return send_with_link(
            mark(EmailMessage(str(subject), body, to=[to]), kind="security", account=user.pk), link
        )
