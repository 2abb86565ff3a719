"""Days, instants and numbers as pages and documents write them.

Filters of the same names call these from templates: Django's own ``date`` on every row of a list
costs more than the query, the rows and the page together.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.clock import HANOI
from common.dates import format_date


def day(date: dt.date | None) -> str:
    """``05/03/2026``, an instant's in Asia/Ho_Chi_Minh; nothing for no date."""
    if isinstance(date, dt.datetime):
        date = local_day(date)
    return format_date(date) if date else ""


def weekday(date: dt.date) -> str:
    """``Monday, 05/03/2026``."""
    return f"{capfirst(WEEKDAYS[date.weekday()])}, {day(date)}"


def short_day(moment: dt.datetime) -> str:
    """``05/03`` in Asia/Ho_Chi_Minh."""
    return f"{moment.astimezone(HANOI):%d/%m}"


def days(first: dt.date | None, last: dt.date | None) -> str:
    """``05/03/2026 – 07/03/2026``, or one day where both are the same."""
    if first == last or not last:
        return day(first)
    return f"{day(first)} – {day(last)}"


def term(first: dt.date | None, last: dt.date | None) -> str:
    """``from 05/03/2026``, ``until 07/03/2026`` or both days; nothing where neither is set."""
    if first and last:
        return days(first, last)
    if first:
        return _("from %(day)s") % {"day": day(first)}
    return _("until %(day)s") % {"day": day(last)} if last else ""


def instant(moment: dt.datetime | None) -> str:
    """``05/03/2026 14:30`` in Asia/Ho_Chi_Minh; nothing for no moment."""
    return f"{moment.astimezone(HANOI):%d/%m/%Y %H:%M}" if moment else ""


def exact(moment: dt.datetime) -> str:
    """``05/03/2026 14:30:12.345678``: an instant that can be asked for, in Asia/Ho_Chi_Minh."""
    return f"{moment.astimezone(HANOI):%d/%m/%Y %H:%M:%S.%f}"


def hours(first: dt.datetime, last: dt.datetime) -> str:
    """``08:00 – 11:30`` in Asia/Ho_Chi_Minh."""
    return f"{first.astimezone(HANOI):%H:%M} – {last.astimezone(HANOI):%H:%M}"


def time_of_day(moment: dt.datetime) -> str:
    """``14:30`` in Asia/Ho_Chi_Minh."""
    return f"{moment.astimezone(HANOI):%H:%M}"


def number(value: int) -> str:
    """Thousands apart as the reader's language writes them: ``1.000`` or ``1,000``."""
    return numbers((value,))[0]


def signed(difference: int) -> str:
    """A difference with its sign, ``+1.000`` or ``−3``; none is ``0``."""
    sign = "+" if difference > 0 else "−" if difference else ""
    return sign + number(abs(difference))


def decimal(value: Decimal) -> str:
    """As the reader's language writes it: ``7,50`` or ``7.50``."""
    return f"{value}" if get_language() == "en" else f"{value}".replace(".", ",")


def numbers(values: Iterable[int]) -> list[str]:
    grouped = [f"{value:,}" for value in values]
    return grouped if get_language() == "en" else [one.replace(",", ".") for one in grouped]


def local_day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(HANOI).date()
