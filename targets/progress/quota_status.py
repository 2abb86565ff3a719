import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from agencies.models import Agency, SuccessionLink
from agencies.querysets import with_departments_and_predecessors
from counting.counter import counted
from counting.replay import Count, GroupBy, Part
from targets.choices import QuotaState
from targets.models import Quota

A_YEAR = 365


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """A quota with the people credited to its agency by the count's as-of day.

    ``last_year`` counts those first counted within the 365 days before, ``expected`` is what that
    pace comes to by the deadline.
    """

    quota: Quota
    due_on: dt.date
    persons: int
    last_year: int
    expected: int
    state: QuotaState

    @property
    def missing(self) -> int:
        return max(0, self.quota.minimum - self.persons)


def quota_statuses(quotas: Iterable[Quota], count: Count) -> list[QuotaStatus]:
    """The status of quotas that come with ``target`` and ``agency`` selected.

    Counts an agency's own people, those of its departments and of the agencies merged into it.
    """
    rows = list(quotas)
    agencies = agencies_of_quotas(rows, count)
    now = people_of_quotas(agencies, count)
    a_year_ago = count.as_of - dt.timedelta(days=A_YEAR)
    then = counted(
        a_year_ago, known_as_of=count.known_as_of, rule=count.rule, indicator=count.indicator
    )
    before = people_of_quotas(agencies, then)
    return [
        _status(quota, now[quota.pk], now[quota.pk] - before[quota.pk], count.as_of)
        for quota in rows
    ]


def agencies_of_quotas(quotas: Iterable[Quota], count: Count) -> dict[int, set[int]]:
    """Quota id → its agency, the departments and the merged predecessors, as known to the count."""
    parents = dict(Agency.objects.exclude(parent=None).values_list("id", "parent_id"))
    links = SuccessionLink.objects.believed(count.known_as_of).in_force_on(count.as_of)
    successors = links.successor_by_agency()
    return {
        quota.pk: with_departments_and_predecessors({quota.agency_id}, parents, successors)
        for quota in quotas
    }


def people_of_quotas(agencies: dict[int, set[int]], count: Count) -> dict[int, int]:
    """Quota id → people credited to its agencies by the count's as-of day."""
    parts = count.parts(GroupBy.AGENCY)
    return {quota: _people(found, parts) for quota, found in agencies.items()}


def worst(found: Iterable[QuotaStatus], most: int) -> list[QuotaStatus]:
    """Overdue quotas, then those at risk; within each, most people missing first."""
    order = {QuotaState.OVERDUE: 0, QuotaState.AT_RISK: 1}
    behind = [one for one in found if one.state in order]
    return sorted(behind, key=lambda one: (order[one.state], -one.missing))[:most]


def _people(agencies: set[int], parts: dict[Any, Part]) -> int:
    return sum(parts[agency].persons for agency in agencies if agency in parts)


def _status(quota: Quota, persons: int, last_year: int, today: dt.date) -> QuotaStatus:
    due_on = quota.due_on or quota.target.due_on
    days_left = max(0, (due_on - today).days)
    expected = persons + last_year * days_left // A_YEAR
    if persons >= quota.minimum:
        state = QuotaState.MET
    elif due_on < today:
        state = QuotaState.OVERDUE
    elif expected < quota.minimum:
        state = QuotaState.AT_RISK
    else:
        state = QuotaState.ON_TRACK
    return QuotaStatus(quota, due_on, persons, last_year, expected, state)
