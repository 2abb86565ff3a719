"""The road map of the decision: what each agency plans by when, and how far it is."""

import datetime as dt
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from competencies.matching import members
from competencies.models import Audience
from competencies.progress import rule_in_force
from counting.counter import counted
from counting.replay import Count
from targets.models import Quota, Step, Target
from targets.progress.quarters import quarters_between
from targets.progress.quota_status import Credit


@dataclass(frozen=True, slots=True)
class Year:
    """People by the end of a year: planned and actual; None where there is neither yet."""

    year: int
    planned: int | None
    actual: int | None


@dataclass(frozen=True)
class PlanStatus:
    """An agency's plan against what was reached by ``as_of``.

    ``planned`` is what the plan asks for by then, ``ahead`` how many more were reached (below
    0: how far behind). ``next_step`` is None once the deadline has passed.
    """

    quota: Quota
    plan: list[Step]
    as_of: dt.date
    persons: int
    years: tuple[Year, ...]

    @cached_property
    def planned(self) -> int:
        return planned_by(self.plan, self.as_of)

    @property
    def ahead(self) -> int:
        return self.persons - self.planned

    @property
    def missing(self) -> int:
        return max(0, self.quota.minimum - self.persons)

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.plan if step.day > self.as_of), None)

    @property
    def people_per_quarter(self) -> int:
        """What it takes up to the next step; without one, all that is missing, at once."""
        step = self.next_step
        if step is None:
            return self.missing
        missing = max(0, step.persons - self.persons)
        return math.ceil(missing / quarters_between(self.as_of, step.day))


def plans_of(target: Target, count: Count, user: Any = None) -> list[Quota]:
    """The quotas of a target as believed at the count's instant: those a user may see, or all."""
    rows = Quota.objects.believed(count.known_as_of).by_agency()
    if user is not None:
        rows = rows.visible_to(user)
    rows = rows.filter(target=target.replaced_by_id or target.pk)
    found = list(rows.select_related(None).select_related("agency"))
    for quota in found:
        quota.target = target  # with its day as believed then
    return found


def road_map(quotas: Iterable[Quota], count: Count) -> list[PlanStatus]:
    """Plan against actual of quotas that come with ``target`` and ``agency`` selected."""
    rows = list(quotas)
    plans = {quota.pk: quota.plan for quota in rows}
    ends = _ends_of_years(plans.values(), count)
    days = {min(day, count.as_of) for day in ends if day.year <= count.as_of.year} | {count.as_of}
    counts = {day: _count_on(count, day) for day in days}
    credit = Credit.believed(rows, count.known_as_of)
    people = {day: credit.people(one) for day, one in counts.items()}
    return [
        PlanStatus(
            quota,
            plans[quota.pk],
            count.as_of,
            people[count.as_of][quota.pk],
            tuple(_years(quota, plans[quota.pk], ends, count.as_of, people)),
        )
        for quota in rows
    ]


@dataclass(frozen=True, slots=True)
class AudiencePlanStatus:
    """Of an agency's plan the part of one audience, against those of it who are counted.

    Who belongs to the audience is asked of the day of the count.
    """

    quota: Quota
    audience: Audience
    plan: list[Step]
    planned: int
    persons: int


def road_map_by_audience(quotas: Iterable[Quota], count: Count) -> list[AudiencePlanStatus]:
    """Of quotas that come with ``agency`` selected, those that speak of audiences."""
    rows = [quota for quota in quotas if quota.audience_steps]
    slugs = {slug for quota in rows for slug in quota.audience_plan}
    credit = Credit.believed(rows, count.known_as_of) if rows else None
    found = []
    for audience in Audience.objects.filter(slug__in=slugs):
        rule = rule_in_force(audience.slug, count.as_of)
        ids = set(members(rule, count.as_of).values_list("pk", flat=True)) if rule else set()
        people = credit.people_among(count, ids) if credit else Counter[int]()
        for quota in rows:
            if steps := quota.audience_plan.get(audience.slug):
                planned = planned_by(steps, count.as_of)
                found.append(AudiencePlanStatus(quota, audience, steps, planned, people[quota.pk]))
    return found


def _count_on(count: Count, day: dt.date) -> Count:
    if day == count.as_of:
        return count
    return counted(day, known_as_of=count.known_as_of, rule=count.rule, indicator=count.indicator)


def _ends_of_years(plans: Collection[list[Step]], count: Count) -> list[dt.date]:
    """From the year before the present one, or the first step, to the last step."""
    if not plans:
        return []
    days = {step.day for plan in plans for step in plan}
    first = min(count.as_of.year - 1, *(day.year for day in days))
    return [dt.date(year, 12, 31) for year in range(first, max(days).year + 1)]


def _years(
    quota: Quota,
    plan: list[Step],
    ends: Sequence[dt.date],
    as_of: dt.date,
    people: dict[dt.date, Counter[int]],
) -> Iterator[Year]:
    for end in ends:
        planned = planned_by(plan, end) if plan[0].day <= end else None
        actual = people[min(end, as_of)][quota.pk] if end.year <= as_of.year else None
        yield Year(end.year, planned, actual)


def planned_by(plan: Sequence[Step], day: dt.date) -> int:
    """The last step that is due by a day; 0 before the first one."""
    return max([step.persons for step in plan if step.day <= day], default=0)


def added_up(statuses: Sequence[PlanStatus]) -> list[Year]:
    """The years of several agencies, added up; an agency without a step yet adds none."""
    found = []
    for years in zip(*(status.years for status in statuses), strict=True):
        planned = [year.planned for year in years if year.planned is not None]
        actual = [year.actual for year in years if year.actual is not None]
        found.append(
            Year(
                years[0].year,
                sum(planned) if planned else None,
                sum(actual) if actual else None,
            )
        )
    return found
