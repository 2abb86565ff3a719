from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.mail import EmailMessage, get_connection
from django.utils import translation

from accounts.models import is_mailbox


@dataclass(frozen=True, slots=True)
class Recipient:
    address: str
    language: str


def mail_each(recipients: Sequence[Recipient], words: Callable[[], tuple[str, str]]) -> None:
    """Mail each recipient subject and body, which ``words`` gives in the active language.

    The mail backend is the outbox: messages leave only if the transaction commits. Accounts of
    single sign-on may have an address that is no mailbox; these are passed over.
    """
    reachable = [one for one in recipients if is_mailbox(one.address)]
    for language in sorted({one.language for one in reachable}):
        with translation.override(language):
            subject, body = words()
            get_connection().send_messages(
                [
                    EmailMessage(subject, body, to=[one.address])
                    for one in reachable
                    if one.language == language
                ]
            )
