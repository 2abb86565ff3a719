"""``counted`` is the only way to the number: from cached totals where possible, else replayed."""

import datetime as dt

from django.utils.translation import gettext as _

from common import clock
from common.dates import format_date
from counting.cache import updated_state
from counting.cached_count import CachedCount
from counting.errors import CountingInputError
from counting.models import CountingRule
from counting.replay import (
    TRAINED_OFFICIALS,
    Count,
    CountedPerson,
    QualifyingCompletion,
    qualifying,
    replayed,
)

__all__ = [
    "TRAINED_OFFICIALS",
    "Count",
    "CountedPerson",
    "QualifyingCompletion",
    "asked_day",
    "counted",
    "known_by",
    "qualifying",
]


def known_by(known_as_of: dt.date | dt.datetime | None) -> dt.datetime:
    """The instant up to which records are believed: a day means its end, None means now."""
    if known_as_of is None:
        return clock.now()
    if isinstance(known_as_of, dt.datetime):
        return known_as_of
    return clock.end_of_day(known_as_of)


def asked_day(as_of: dt.date | None) -> dt.date | None:
    """The as-of day asked for; CountingError ``as_of_in_future`` for a day to come."""
    if as_of and as_of > clock.today():
        message = _("%(day)s is in the future: nothing can be counted as of that day yet.")
        raise CountingInputError("as_of_in_future", message % {"day": format_date(as_of)})
    return as_of


def counted(
    as_of: dt.date | None = None,
    *,
    known_as_of: dt.datetime | dt.date | None = None,
    rule: CountingRule | None = None,
    indicator: str = TRAINED_OFFICIALS,
) -> Count:
    """The distinct people trained by the end of ``as_of``, as believed at ``known_as_of``.

    The rule is the latest adopted by then unless one is given, and is applied whole; where
    there is none, nobody counts. ``as_of`` (by default today) may lie after ``known_as_of``.
    """
    known = known_by(known_as_of)
    as_of = as_of or clock.today()
    rule = rule or CountingRule.objects.in_force(indicator, known)
    if rule and indicator == TRAINED_OFFICIALS and (state := updated_state(rule)):
        count = CachedCount(indicator, as_of, known, rule, state.version)
        if state.covers(known) and count.load():
            return count
    return replayed(as_of, known, rule, indicator)
