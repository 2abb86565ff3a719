"""Where the number stands against what was promised."""

import datetime as dt
from dataclasses import dataclass

from targets.models import Target
from targets.progress.replay import Count


@dataclass(frozen=True, slots=True)
class Milestone:
    """A target and how it stood: ``persons`` by the due day at the latest.

    ``met_on`` is the day on which the minimum was reached, even if that was too late; None
    where it was not reached by the count's as-of day.
    """

    due_on: dt.date
    minimum: int
    persons: int
    met: bool
    met_on: dt.date | None
    legal_basis: str


def milestones(count: Count) -> list[Milestone]:
    """The indicator's targets in order of due day, all by one belief and one rule."""
    targets = list(Target.objects.filter(indicator__slug=count.indicator).order_by("due_on"))
    persons_by = count.persons_by(target.due_on for target in targets)
    return [_milestone(target, persons_by[target.due_on], count) for target in targets]


def _milestone(target: Target, persons: int, count: Count) -> Milestone:
    return Milestone(
        due_on=target.due_on,
        minimum=target.minimum,
        persons=persons,
        met=persons >= target.minimum,
        met_on=count.reached_on(target.minimum),
        legal_basis=target.legal_basis,
    )
