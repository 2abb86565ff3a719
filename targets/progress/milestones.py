"""Where the number stands against what was promised."""

import datetime as dt
from dataclasses import dataclass

from targets.models import Target
from targets.progress.counting import Count


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
    # A first completion stays first whatever the as-of day, so an earlier count is the
    # beginning of a later one and the n-th person's day is the day the n was reached.
    days = [person.first.completed_on for person in count.people]
    targets = Target.objects.filter(indicator__slug=count.indicator).order_by("due_on")
    return [_milestone(target, days) for target in targets]


def _milestone(target: Target, days: list[dt.date]) -> Milestone:
    persons = sum(day <= target.due_on for day in days)
    reached = 0 < target.minimum <= len(days)
    return Milestone(
        due_on=target.due_on,
        minimum=target.minimum,
        persons=persons,
        met=persons >= target.minimum,
        met_on=days[target.minimum - 1] if reached else None,
        legal_basis=target.legal_basis,
    )
