"""The days and instants that a figure is asked for."""

import datetime as dt

from django.db import connection
from django.db.models import Max, Model
from django.utils.translation import gettext as _

from agencies.models import Succession
from common import clock, record_time
from common.dates import format_date
from counting.errors import CountingInputError
from counting.models import CountingRule
from enrollment.models import Completion, CompletionSplitAssignment
from people.models import Merge

# What the counter reads, with the fields that say from when, or until when, it is believed.
RECORD_TIMES: dict[type[Model], tuple[str, ...]] = {
    Completion: ("recorded_at", "voided_at"),
    Merge: ("recorded_at", "undone_at"),
    Succession: ("recorded_at", "voided_at"),
    CompletionSplitAssignment: ("recorded_at",),
    CountingRule: ("recorded_at",),
}
# No transaction of SQLite is open for so long: whoever waits to write gives up after 30 seconds.
_LONGEST_ON_SQLITE = dt.timedelta(hours=1)


def known_by(known_as_of: dt.date | dt.datetime | None) -> dt.datetime:
    """The instant up to which records are believed: a day means its end, None means now.

    Earlier where a record of before that may still be committed: the same figure must come out
    whenever this instant is asked for again.
    """
    now = clock.now()  # before looking: whoever begins to write afterwards has a later instant
    if connection.vendor == "postgresql":
        since = record_time.oldest_in_flight()
        settled = now if since is None else since - dt.timedelta(microseconds=1)
    elif record_time.is_anybody_writing():
        # Writers come one after the other: who writes now has an instant after all on record.
        settled = max([now - _LONGEST_ON_SQLITE, *_on_record()])
    else:
        settled = now
    if known_as_of is None:
        asked = now
    elif isinstance(known_as_of, dt.datetime):
        asked = known_as_of
    else:
        asked = clock.end_of_day(known_as_of)
    return min(asked, now, settled)


def _on_record() -> list[dt.datetime]:
    found = [
        instant
        for model, names in RECORD_TIMES.items()
        for instant in model._default_manager.aggregate(*map(Max, names)).values()
    ]
    return list(filter(None, found))


def asked_day(as_of: dt.date | None) -> dt.date | None:
    if as_of and as_of > clock.today():
        message = _("%(day)s is in the future: nothing can be counted as of that day yet.")
        raise CountingInputError("as_of_in_future", message % {"day": format_date(as_of)})
    return as_of


def asked_instant(known_as_of: dt.date | dt.datetime | None) -> dt.date | dt.datetime | None:
    if known_as_of is None:
        return None
    is_instant = isinstance(known_as_of, dt.datetime)
    if known_as_of > (clock.now() if is_instant else clock.today()):
        message = _("This date is in the future: choose today or earlier.")
        raise CountingInputError("known_as_of_in_future", message)
    return known_as_of
