"""Links in messages that sign their reader in: made at delivery, never stored.

A message is written with ``LINK`` where the link belongs, and says which kind of link it wants. The
outbox stores it like that. Each delivery makes a new link, so that the database holds nothing that
lets anybody in; the link of an earlier try stops working.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from common.registries import Registry

# What stands in a text for the link. No template engine and no gettext gives it a meaning.
LINK = "[[link]]"


@dataclass(frozen=True)
class Link:
    kind: str
    params: Mapping[str, Any]  # ids, in what JSON can hold; nothing secret

    def make(self) -> str | None:
        """None where the recipient may no longer have it."""
        return link_makers[self.kind](self.params)


# A maker takes ``Link.params`` and returns an address, or None where the message is out of date.
link_makers: Registry[Callable[[Mapping[str, Any]], str | None]] = Registry("links in messages")


def send_with_link(message: EmailMessage, link: Link) -> str | None:
    """The outbox makes the link only at delivery: then None, else the link."""
    connection = message.connection or get_connection()
    if getattr(connection, "makes_links", False):
        message.__dict__["link"] = link  # a mark for the outbox
        message.send()
        return None
    address = link.make()
    if address:
        fill_in(message, address)
        message.send()
    return address


def link_of(message: EmailMessage) -> Link | None:
    return getattr(message, "link", None)


def fill_in(message: EmailMessage, address: str) -> None:
    message.body = str(message.body).replace(LINK, address)
    if isinstance(message, EmailMultiAlternatives):
        html = [(str(one[0]).replace(LINK, address), str(one[1])) for one in message.alternatives]
        message.alternatives = []
        for content, kind in html:
            message.attach_alternative(content, kind)
