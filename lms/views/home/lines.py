"""The work queue of a home page: a line per kind of work, with how much, how long and where to."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock, formats

LATE, SOON = "late", "soon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``tone``: LATE past its day, SOON by tomorrow, else nothing."""

    title: str
    href: str
    count: int
    more: str = ""
    age: str = ""
    tone: str = ""

    @property
    def number(self) -> str:
        return formats.number(self.count)


@dataclass(frozen=True, slots=True)
class Queue:
    """Lines in the order of their urgency; kinds with nothing are ``quiet``."""

    pressing: list[Line]
    waiting: list[Line]
    quiet: list[Line]

    @classmethod
    def of(cls, lines: Iterable[Line]) -> "Queue":
        found = list(lines)
        some = [line for line in found if line.count]
        return cls(
            pressing=[line for line in some if line.tone],
            waiting=[line for line in some if not line.tone],
            quiet=[line for line in found if not line.count],
        )


def due(day: dt.date, *, by: str = "") -> dict[str, str]:
    """Age and tone of what has a last day."""
    left = (day - clock.today()).days
    if left < 0:
        late = ngettext("overdue by %(days)s day", "overdue by %(days)s days", -left)
        return {"age": late % {"days": formats.number(-left)}, "tone": LATE}
    if left <= 1:
        return {"age": _("due tomorrow") if left else _("due today"), "tone": SOON}
    return {"age": by or _("due %(day)s") % {"day": formats.day(day)}, "tone": ""}


def waiting_since(moment: dt.datetime | None, count: int = 1) -> dict[str, str]:
    """Age of what has waited; of several that of the oldest."""
    if moment is None:
        return {}
    days = (clock.today() - formats.local_day(moment)).days
    if not days:
        return {"age": _("today")}
    if count == 1:
        text = ngettext("for %(days)s day", "for %(days)s days", days)
    else:
        text = ngettext("oldest: %(days)s day", "oldest: %(days)s days", days)
    return {"age": text % {"days": formats.number(days)}}


def named(names: Sequence[str], total: int, most: int = 2) -> str:
    """``A, B and 3 more``."""
    shown = ", ".join(names[:most])
    if (left := total - min(most, len(names))) <= 0:
        return shown
    more = ngettext("%(shown)s and %(left)s more", "%(shown)s and %(left)s more", left)
    return more % {"shown": shown, "left": formats.number(left)}
