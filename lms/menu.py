"""The main menu: pages whose access rule lets the visitor in."""

from dataclasses import dataclass
from functools import cache

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import STAFF
from common.access import ANYBODY, SIGNED_IN


@dataclass(frozen=True)
class Entry:
    """``only`` restricts who is shown the entry, beyond who may open it; ``covers`` are further
    path prefixes under which it is the current one.
    """

    route: str
    label: Promise
    only: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()


ENTRIES = (
    Entry("home", _("Progress")),
    Entry("my", _("My page")),
    Entry("courses", _("Courses"), covers=("/runs/",)),
    Entry("people", _("People")),
    Entry("agencies", _("Agencies"), only=STAFF),
    Entry("rosters", _("Rosters")),
    Entry("certificates", _("Certificates"), only=STAFF),
    Entry("targets", _("Targets"), only=STAFF, covers=("/indicators/",)),
    Entry("reports", _("Reports")),
    Entry("audit", pgettext_lazy("menu", "Audit log")),
    Entry("accounts", _("Users"), covers=("/messages/",)),
    Entry("verify", _("Verification"), only=(ANYBODY,)),
)


def entries_for(request: HttpRequest) -> list[dict[str, object]]:
    shown = [(entry, reverse(entry.route)) for entry in ENTRIES]
    return [
        {"label": entry.label, "address": at, "is_current": _is_current(request, entry, at)}
        for entry, at in shown
        if _is_for(request, entry, at)
    ]


def _is_current(request: HttpRequest, entry: Entry, address: str) -> bool:
    if address == "/":
        return request.path == "/"
    return request.path.startswith((address, *entry.covers))


def _is_for(request: HttpRequest, entry: Entry, address: str) -> bool:
    rule, user = _access_rule(address), request.user
    if not user.is_authenticated:
        return ANYBODY in rule
    if entry.only and (ANYBODY in entry.only or not user.has_role(*entry.only)):
        return False
    return ANYBODY in rule or SIGNED_IN in rule or user.has_role(*rule)


@cache
def _access_rule(address: str) -> tuple[str, ...]:
    # Cached: access rules do not change while a process lives.
    visitors: tuple[str, ...] = vars(resolve(address).func)["allow"]
    return visitors
