import datetime as dt
from collections.abc import Iterable
from typing import Any

from counting.counter import counted
from targets.models import Step
from targets.progress.forecast import Forecast, forecast
from targets.progress.forecast_output import next_target
from targets.progress.road_map import (
    AudiencePlanStatus,
    PlanStatus,
    plans_of,
    road_map,
    road_map_by_audience,
)


def asked_road_map(
    as_of: dt.date | None, known_as_of: dt.datetime | dt.date | None, *, visible_to: Any = None
) -> list[dict[str, Any]]:
    """Plan against actual for the target due next, furthest behind first; to a user, or whole."""
    count = counted(as_of, known_as_of=known_as_of)
    target = next_target(count)
    if target is None:
        return []
    plans = plans_of(target, count, visible_to)
    statuses = sorted(road_map(plans, count), key=lambda status: status.ahead)
    found = forecast(count, target)
    by_audience: dict[int, list[dict[str, Any]]] = {}
    for part in road_map_by_audience(plans, count):
        by_audience.setdefault(part.quota.pk, []).append(_part_as_json(part))
    return [
        _as_json(status, found) | {"audiences": by_audience.get(status.quota.pk, [])}
        for status in statuses
    ]


def _part_as_json(part: AudiencePlanStatus) -> dict[str, Any]:
    return {
        "audience": part.audience.slug,
        "plan": _steps(part.plan),
        "planned": part.planned,
        "persons": part.persons,
    }


def _steps(plan: Iterable[Step]) -> list[dict[str, Any]]:
    return [{"day": day.isoformat(), "persons": persons} for day, persons in plan]


def _as_json(status: PlanStatus, found: Forecast) -> dict[str, Any]:
    people, step = status.people_per_quarter, status.next_step
    return {
        "agency": status.quota.agency.slug,
        "target": status.quota.target.due_on.isoformat(),
        "as_of": status.as_of.isoformat(),
        "plan": _steps(status.quota.plan),
        "planned": status.planned,
        "persons": status.persons,
        "behind": max(0, -status.ahead),
        "next_step": step and {"day": step.day.isoformat(), "persons": step.persons},
        "people_per_quarter": people,
        "seats_per_quarter": found.seats_for(people),
        "runs_per_quarter": found.runs_for(people),
        "years": [
            {"year": one.year, "planned": one.planned, "actual": one.actual} for one in status.years
        ],
    }
