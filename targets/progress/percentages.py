"""The indicators that are percentages, from the values that agencies reported."""

import datetime as dt
from dataclasses import dataclass

from agencies.models import SuccessionLink
from common import clock
from counting.asked import known_by
from counting.models import Indicator
from targets.models import IndicatorValue, Target


@dataclass(frozen=True)
class Measure:
    """The latest accepted value of each agency by ``as_of``, added up."""

    indicator: Indicator
    as_of: dt.date
    known_as_of: dt.datetime
    values: tuple[IndicatorValue, ...]

    @property
    def numerator(self) -> int:
        return sum(value.numerator for value in self.values)

    @property
    def denominator(self) -> int:
        return sum(value.denominator for value in self.values)

    @property
    def percent(self) -> float | None:
        return 100 * self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class PercentMilestone:
    due_on: dt.date
    minimum: int
    percent: float | None
    met: bool
    legal_basis: str


def measured(
    indicator: Indicator,
    as_of: dt.date | None = None,
    *,
    known_as_of: dt.date | dt.datetime | None = None,
) -> Measure:
    """The percentage as of a day, as believed at an instant (a day means its end).

    A value counts from its acceptance on; of two for one day, the one accepted later. An agency
    that has been succeeded by then is left out, since its successor reports for it.
    """
    known, as_of = known_by(known_as_of), as_of or clock.today()
    gone = SuccessionLink.objects.believed(known).in_force_on(as_of).values("predecessor")
    values = IndicatorValue.objects.accepted_by(known).filter(
        indicator=indicator, measured_on__lte=as_of
    )
    latest = {
        value.agency_id: value
        for value in values.exclude(agency__in=gone).order_by("measured_on", "decided_at", "pk")
    }
    return Measure(indicator, as_of, known, tuple(latest.values()))


def percent_milestones(measure: Measure) -> list[PercentMilestone]:
    """The targets of the indicator in order of due day, by the measure's instant."""
    return [
        _milestone(target, measure)
        for target in Target.objects.of(measure.indicator.slug).believed(measure.known_as_of)
    ]


def _milestone(target: Target, measure: Measure) -> PercentMilestone:
    by_then = measure
    if target.due_on < measure.as_of:
        by_then = measured(measure.indicator, target.due_on, known_as_of=measure.known_as_of)
    # Compared as whole numbers: 99.999 % is not 100 %.
    met = bool(by_then.denominator) and (
        100 * by_then.numerator >= target.minimum * by_then.denominator
    )
    return PercentMilestone(target.due_on, target.minimum, by_then.percent, met, target.legal_basis)
