import datetime as dt
from typing import Any

from counting.counter import counted
from targets.progress.forecast import Forecast, forecast
from targets.progress.forecast_output import next_target
from targets.progress.road_map import Way, plans_of, road_map


def asked_road_map(
    as_of: dt.date | None, known_as_of: dt.datetime | dt.date | None, *, visible_to: Any = None
) -> list[dict[str, Any]]:
    """Plan against actual for the target due next, furthest behind first; to a user, or whole."""
    count = counted(as_of, known_as_of=known_as_of)
    target = next_target(count)
    if target is None:
        return []
    plans = plans_of(target, count, visible_to)
    ways = sorted(road_map(plans, count), key=lambda way: way.ahead)
    found = forecast(count, target)
    return [_as_json(way, found) for way in ways]


def _as_json(way: Way, found: Forecast) -> dict[str, Any]:
    people, step = way.people_per_quarter, way.next_step
    return {
        "agency": way.quota.agency.slug,
        "target": way.quota.target.due_on.isoformat(),
        "as_of": way.as_of.isoformat(),
        "plan": [{"day": day.isoformat(), "persons": persons} for day, persons in way.quota.plan],
        "planned": way.planned,
        "persons": way.persons,
        "behind": max(0, -way.ahead),
        "next_step": step and {"day": step.day.isoformat(), "persons": step.persons},
        "people_per_quarter": people,
        "seats_per_quarter": found.seats_for(people),
        "runs_per_quarter": found.runs_for(people),
        "years": [
            {"year": one.year, "planned": one.planned, "actual": one.actual} for one in way.years
        ],
    }
