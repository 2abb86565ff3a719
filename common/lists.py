"""Long lists: columns that a page declares once, and cells ready to be written.

A template that writes fifty rows takes longer than everything else that a page does.
"""

from collections.abc import Callable
from functools import cache
from html import escape
from typing import NamedTuple
from urllib.parse import quote

from django.urls import reverse
from django.utils.safestring import SafeString


class Column(NamedTuple):
    """``sort``: its name for ``common.sorting``; ``kind``: classes of its cells."""

    label: object
    sort: str = ""
    kind: str = ""


def badge(label: object, tone: str = "") -> SafeString:
    return SafeString(f'<span class="badge badge-{tone or "calm"}">{escape(str(label))}</span>')


def linked(address: str, text: str, beneath: str = "") -> SafeString:
    below = f' <span class="beneath code">{escape(beneath)}</span>' if beneath else ""
    return SafeString(f'<a href="{escape(address)}">{escape(text)}</a>{below}')


def explained(address: str, shown: SafeString, of: str) -> SafeString:
    """A badge that leads to its reason; ``of``: whose, for who hears the link."""
    about = f'<span class="sr-only"> {escape(of)}</span>'
    return SafeString(f'<a class="badge-link" href="{escape(address)}">{shown}{about}</a>')


@cache
def address_of(route: str) -> Callable[[str], str]:
    """The address of each row by its key: the route is looked up once."""
    before, _key, after = reverse(route, args=["-key-"]).partition("-key-")
    return lambda key: f"{before}{quote(key)}{after}"
