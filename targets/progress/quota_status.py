import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from agencies.models import Agency
from common.prepared import Given, Prepared, given_ids
from counting.counter import counted
from counting.groups import parts_today
from counting.lineage import NO_COMPLETION, Lineage
from counting.replay import Count
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


def quota_statuses(
    quotas: Iterable[Quota], count: Count, credit: "Credit | None" = None
) -> list[QuotaStatus]:
    """The status of quotas that come with ``target`` and ``agency`` selected."""
    rows = list(quotas)
    credit = credit or Credit.believed(rows, count.known_as_of)
    now = credit.people(count)
    a_year_ago = count.as_of - dt.timedelta(days=A_YEAR)
    then = counted(
        a_year_ago, known_as_of=count.known_as_of, rule=count.rule, indicator=count.indicator
    )
    before = credit.people(then)
    return [
        _status(quota, now[quota.pk], now[quota.pk] - before[quota.pk], count.as_of)
        for quota in rows
    ]


@dataclass(frozen=True)
class Credit:
    """Which quota of a target somebody meets: at most one, so that quotas are parts of a whole.

    It is that of the agency credited with the person *as it is today*, else of the next one above
    it that has a quota. After a split nobody meets a quota until assigned.
    """

    quota_by_agency_by_target: dict[int, dict[int, int]]
    parents: dict[int, int]
    lineage: Lineage

    @classmethod
    def believed(cls, quotas: Iterable[Quota], known_as_of: dt.datetime) -> "Credit":
        """Of all quotas of the targets to which some belong."""
        found: dict[int, dict[int, int]] = defaultdict(dict)
        rows = _of_same_targets(quotas=[quota.pk for quota in quotas], known=known_as_of)
        for pk, target, agency in rows:
            found[target][agency] = pk
        return cls(found, dict(_parents()), Lineage.believed(known_as_of))

    def people(self, count: Count) -> Counter[int]:
        """Quota id → people by the count's as-of day."""
        people: Counter[int] = Counter()
        for agency, part in parts_today(count, self.lineage).items():
            for quota in self._met_by(agency):
                people[quota] += part.persons
        return people

    def people_among(self, count: Count, ids: Collection[int]) -> Counter[int]:
        """The same of these people alone."""
        people: Counter[int] = Counter()
        for person in count.each_person():
            if person.person_id in ids:
                first = person.first
                agency = self.lineage.today_of(first.sending_agency_id, first.id)
                people.update(self._met_by(agency))
        return people

    def _met_by(self, agency: int | None) -> list[int]:
        """The quota of each target that an agency's people meet; 0: none."""
        above = self._from_below(agency)
        return [
            next((quotas[one] for one in above if one in quotas), 0)
            for quotas in self.quota_by_agency_by_target.values()
        ]

    def _from_below(self, agency: int | None) -> list[int]:
        found: list[int] = []
        while agency is not None and agency not in found:
            found.append(agency)
            parent = self.parents.get(agency)
            agency = parent and self.lineage.today_of(parent, NO_COMPLETION)
        return found


@Prepared
def _of_same_targets() -> Any:
    known: Any = Given("known")
    targets = Quota.objects.filter(pk__in=given_ids("quotas")).order_by().values("target")
    rows = Quota.objects.believed(known).filter(target__in=targets).order_by()
    return rows.values_list("pk", "target", "agency")


@Prepared
def _parents() -> Any:
    return Agency.objects.exclude(parent=None).order_by().values_list("id", "parent_id")


def worst(found: Iterable[QuotaStatus], most: int) -> list[QuotaStatus]:
    """Overdue quotas, then those at risk; within each, most people missing first."""
    order = {QuotaState.OVERDUE: 0, QuotaState.AT_RISK: 1}
    behind = [one for one in found if one.state in order]
    return sorted(behind, key=lambda one: (order[one.state], -one.missing))[:most]


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
