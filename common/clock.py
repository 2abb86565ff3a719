"""The clock of all records; the demo and the tests may set it.

A replay years later asks "what was recorded by then?", so nothing in the domain reads the machine's
time by itself.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.utils import timezone

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
UTC = dt.UTC

_set_to: ContextVar[dt.datetime | None] = ContextVar("clock_set_to", default=None)


def now() -> dt.datetime:
    return _set_to.get() or timezone.now()


def today() -> dt.date:
    return now().astimezone(HANOI).date()


def start_of_day(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, tzinfo=HANOI)


def end_of_day(day: dt.date) -> dt.datetime:
    """What an as-of date means."""
    return dt.datetime.combine(day, dt.time.max, tzinfo=HANOI)


@contextmanager
def set_to(moment: dt.datetime | dt.date) -> Iterator[None]:
    """A date means its noon."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time(12), tzinfo=HANOI)
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)
