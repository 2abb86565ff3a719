"""Messages of a kind, in each reader's language, put into the outbox together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.mail import EmailMessage
from django.utils import translation

from accounts.mail import Recipient, send_all
from notices.kinds import MessageKind
from notices.services.texts import Wording, compose, wording_of

Values = Callable[[], Mapping[str, str]]


@dataclass(slots=True)
class Messages:
    _messages: list[EmailMessage] = field(default_factory=list)
    _wordings: dict[tuple[str, str], Wording] = field(default_factory=dict)

    def add(self, kind: MessageKind, to: Recipient, values: Values, **marks: Any) -> EmailMessage:
        """``values`` words what the text names, in the language that is active when it is called.

        ``marks`` are further ones of ``common.mail_marks``. Without an address the message is only
        returned, for a letter.
        """
        key = (kind.name, to.language)
        if key not in self._wordings:
            self._wordings[key] = wording_of(kind, to.language)
        with translation.override(to.language):
            named = values()
        wording = self._wordings[key]
        message = compose(kind, named, to=to.address, wording=wording, **to.marks(), **marks)
        if to.address:
            self._messages.append(message)
        return message

    def send(self) -> int:
        """How many. They leave only if the transaction commits."""
        send_all(self._messages)
        return len(self._messages)


def send_each(
    kind: MessageKind, recipients: Iterable[Recipient], values: Values, *, thread: str = ""
) -> int:
    messages = Messages()
    for recipient in recipients:
        messages.add(kind, recipient, values, thread=thread)
    return messages.send()
