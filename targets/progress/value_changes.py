"""What has become of reported values since a report was signed."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from counting.models import Indicator
from targets.models import IndicatorValue
from targets.querysets import IndicatorValueQuerySet

WITHDRAWN, REPLACED, ACCEPTED_LATE = "withdrawn", "replaced", "accepted_late"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """``replaced_by`` came in place of the value; it stands in no change of its own."""

    kind: str
    at: dt.datetime
    value: IndicatorValue
    reason: str = ""
    replaced_by: IndicatorValue | None = None


def value_changes(
    indicator: Indicator, until: dt.date, signed: dt.datetime, known_as_of: dt.datetime
) -> list[ValueChange]:
    """Changes between two instants of values for days ``until`` the end of a signed period."""
    values = IndicatorValue.objects.filter(indicator=indicator, measured_on__lte=until)
    rows = values.with_replacements()
    changes = [*_withdrawn(rows, signed, known_as_of), *_late(rows, signed, known_as_of)]
    return sorted(changes, key=attrgetter("at"))


def _withdrawn(
    rows: IndicatorValueQuerySet, signed: dt.datetime, known: dt.datetime
) -> Iterator[ValueChange]:
    for value in rows.accepted_by(signed).filter(withdrawn_at__lte=known):
        kind = REPLACED if value.replaced_by else WITHDRAWN
        assert value.withdrawn_at
        yield ValueChange(
            kind, value.withdrawn_at, value, value.withdrawal_reason, value.replaced_by
        )


def _late(
    rows: IndicatorValueQuerySet, signed: dt.datetime, known: dt.datetime
) -> Iterator[ValueChange]:
    late = rows.accepted_by(known).filter(decided_at__gt=signed)
    for value in late.exclude(replaces__decided_at__lte=signed):
        assert value.decided_at
        yield ValueChange(ACCEPTED_LATE, value.decided_at, value)
