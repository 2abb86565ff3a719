"""The indicators that are percentages, from the values that agencies reported."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from common import clock
from common.prepared import Given, Prepared
from counting.asked import known_by
from counting.models import Indicator
from targets.models import IndicatorValue, ReportingDuty, Target
from targets.progress.reporting import Base, base_of, last_period, succeeded


class Accepted(NamedTuple):
    """What counts of a reported value."""

    pk: int
    agency_id: int
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Measure:
    """The latest accepted value of each agency by ``as_of``, added up.

    ``base`` says who has to report; None while nobody has determined it.
    """

    indicator: Indicator
    as_of: dt.date
    known_as_of: dt.datetime
    values: tuple[Accepted, ...]
    base: Base | None

    @property
    def numerator(self) -> int:
        return sum(value.numerator for value in self.values)

    @property
    def denominator(self) -> int:
        return sum(value.denominator for value in self.values)

    @property
    def percent(self) -> float | None:
        """The share among the agencies that reported."""
        return 100 * self.numerator / self.denominator if self.denominator else None

    @property
    def further(self) -> int:
        """Agencies that reported without having to."""
        return len(self.values) - len(self.base.reported) if self.base else 0

    @property
    def whole(self) -> int:
        """Agencies that reported or have to."""
        return len(self.base.agency_ids) + self.further if self.base else len(self.values)

    @property
    def percent_of_all(self) -> float | None:
        """The share among all who have to report, as if the others had nothing to show.

        The others are taken to be as large, on average, as those that reported.
        """
        if self.base is None or not self.denominator:
            return None
        return 100 * self.numerator * len(self.values) / (self.denominator * self.whole)

    def reaches(self, minimum: int) -> bool:
        """Among all, and in whole numbers: 99.999 % is not 100 %."""
        reported = 100 * self.numerator * len(self.values)
        return bool(self.denominator) and reported >= minimum * self.denominator * self.whole


@dataclass(frozen=True, slots=True)
class PercentMilestone:
    """A target against the measure by its due day, or by the as-of day where that is earlier.

    ``met`` is judged among all who have to report, ``met_by_reported`` among those who did.
    """

    due_on: dt.date
    minimum: int
    percent: float | None
    percent_of_all: float | None
    met: bool
    met_by_reported: bool
    legal_basis: str


def measured(
    indicator: Indicator,
    as_of: dt.date | None = None,
    *,
    known_as_of: dt.date | dt.datetime | None = None,
) -> Measure:
    """The percentage as of a day, as believed at an instant (a day means its end).

    A value counts from its acceptance on; of two for one day, the one accepted later. Where
    agencies have to report each period, values from before the last one that is over count no
    longer. An agency that has been succeeded by then is left out, since its successor reports
    for it.
    """
    known, as_of = known_by(known_as_of), as_of or clock.today()
    duty = ReportingDuty.objects.in_force(indicator, as_of, known)
    first = last_period(as_of, duty.months).first if duty else dt.date.min
    rows = _accepted(indicator=indicator.pk, first=first, last=as_of, known=known)
    latest = {value.agency_id: value for value in map(Accepted._make, rows)}
    base = base_of(duty, as_of, known, frozenset(latest)) if duty else None
    return Measure(indicator, as_of, known, tuple(latest.values()), base)


@Prepared
def _accepted() -> Any:
    last: Any = Given("last")
    known: Any = Given("known")
    values = IndicatorValue.objects.accepted_by(known).filter(
        indicator=Given("indicator"), measured_on__gte=Given("first"), measured_on__lte=last
    )
    ordered = values.exclude(agency__in=succeeded(last, known)).order_by(
        "measured_on", "decided_at", "pk"
    )
    return ordered.values_list(*Accepted._fields)


def percent_milestones(measure: Measure) -> list[PercentMilestone]:
    """The targets of the indicator in order of due day, by the measure's instant."""
    return [_milestone(target, measure) for target in _targets(measure)]


def next_milestone(measure: Measure) -> PercentMilestone | None:
    """The target due next, else the last one; those before it are not measured."""
    targets = _targets(measure)
    ahead = [target for target in targets if target.due_on >= measure.as_of]
    return next((_milestone(target, measure) for target in ahead or targets[-1:]), None)


def _targets(measure: Measure) -> list[Target]:
    return list(Target.objects.of(measure.indicator.slug).believed(measure.known_as_of))


def _milestone(target: Target, measure: Measure) -> PercentMilestone:
    by_then = measure
    if target.due_on < measure.as_of:
        by_then = measured(measure.indicator, target.due_on, known_as_of=measure.known_as_of)
    return PercentMilestone(
        due_on=target.due_on,
        minimum=target.minimum,
        percent=by_then.percent,
        percent_of_all=by_then.percent_of_all,
        met=by_then.reaches(target.minimum),
        met_by_reported=bool(by_then.denominator)
        and 100 * by_then.numerator >= target.minimum * by_then.denominator,
        legal_basis=target.legal_basis,
    )
