import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from counting.counter import counted
from counting.replay import TRAINED_OFFICIALS, Count
from targets.errors import TargetInputError
from targets.models import Target
from targets.progress.forecast import Forecast, forecast
from targets.progress.quarters import Quarter
from targets.progress.ranges import Range

SHOWN = 24  # quarters ahead


def next_forecast(
    as_of: dt.date | None = None, known_as_of: dt.datetime | dt.date | None = None
) -> Forecast:
    """The forecast of the target due next, or the last; TargetError ``no_target``."""
    count = counted(as_of, known_as_of=known_as_of)
    target = next_target(count)
    if target is None:
        raise TargetInputError("no_target", _("No target had been set by then."))
    return forecast(count, target)


def next_target(count: Count) -> Target | None:
    """The target due next, as believed at the count's instant, or the last one."""
    believed = Target.objects.of(TRAINED_OFFICIALS).believed(count.known_as_of)
    return believed.filter(due_on__gte=count.as_of).first() or believed.last()


def forecast_as_json(found: Forecast) -> dict[str, Any]:
    return {
        "as_of": found.as_of.isoformat(),
        "due_on": found.target.due_on.isoformat(),
        "minimum": found.target.minimum,
        "persons": found.persons,
        "enough": found.is_enough,
        "quarters": max(0, found.quarters),
        "reached_on": _iso(found.reached_on),
        "earliest": _iso(found.earliest),
        "latest": _iso(found.latest),
        "people_per_quarter": found.people_per_quarter,
        "seats_per_quarter": found.seats_per_quarter,
        "runs_per_quarter": found.runs_per_quarter,
        "questions": len(found.tried),
        "held": found.held,
        "ahead": [_range(one.quarter, one.total) for one in found.ahead[:SHOWN]],
        "tried": [
            _range(one.quarter, one.total)
            | {"ahead": one.ahead, "truth": one.truth, "held": one.held}
            for one in found.tried
        ],
    }


def _range(quarter: Quarter, total: Range) -> dict[str, Any]:
    return {
        "quarter": quarter.last.isoformat(),
        "low": round(total.low, 1),
        "expected": round(total.expected, 1),
        "high": round(total.high, 1),
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
