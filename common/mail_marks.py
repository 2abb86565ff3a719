"""What a sender knows of a message beyond its words, for the outbox.

Another mail backend ignores it.
"""

from dataclasses import dataclass, fields
from typing import TypeVar

from django.core.mail import EmailMessage

Message = TypeVar("Message", bound=EmailMessage)


@dataclass(frozen=True, slots=True)
class MailMarks:
    kind: str = ""  # of notices.kinds
    language: str = ""
    account: int | None = None  # of the reader, where the address alone does not tell it
    # It concerns its reader in person: it stays readable whatever becomes of their rights.
    is_personal: bool = False
    path: str = ""  # the page that it is about; blank: the first of this site that it names
    in_mail: bool = True
    in_app: bool = True
    thread: str = ""  # the conversation to which it belongs
    calendar: str = ""  # invitations that it carries (common.calendars)


def mark(message: Message, **marks: object) -> Message:
    """``marks`` are named as in ``MailMarks``."""
    message.__dict__.update(marks)
    return message


def marks_of(message: EmailMessage) -> MailMarks:
    known = {one.name for one in fields(MailMarks)}
    return MailMarks(**{name: value for name, value in vars(message).items() if name in known})
