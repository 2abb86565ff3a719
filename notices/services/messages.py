"""Messages of a kind, in each reader's language, put into the outbox together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.core.mail import EmailMessage, get_connection
from django.utils import translation

from accounts.mail import Recipient
from accounts.models import is_mailbox
from notices.kinds import MessageKind
from notices.services.texts import Wording, compose, wording_of

Values = Callable[[], Mapping[str, str]]


@dataclass(slots=True)
class Messages:
    _messages: list[EmailMessage] = field(default_factory=list)
    _wordings: dict[tuple[str, str], Wording] = field(default_factory=dict)

    def add(self, kind: MessageKind, to: Recipient, values: Values, *, thread: str = "") -> None:
        """``values`` words what the text names, in the language that is active when it is called.

        Whoever has no mailbox is passed over.
        """
        if not is_mailbox(to.address):
            return
        key = (kind.name, to.language)
        if key not in self._wordings:
            self._wordings[key] = wording_of(kind, to.language)
        with translation.override(to.language):
            named = values()
        self._messages.append(
            compose(
                kind,
                named,
                to=to.address,
                language=to.language,
                wording=self._wordings[key],
                thread=thread,
            )
        )

    def send(self) -> int:
        """How many. They leave only if the transaction commits."""
        get_connection().send_messages(self._messages)
        return len(self._messages)


def send_each(
    kind: MessageKind, recipients: Iterable[Recipient], values: Values, *, thread: str = ""
) -> int:
    messages = Messages()
    for recipient in recipients:
        messages.add(kind, recipient, values, thread=thread)
    return messages.send()
