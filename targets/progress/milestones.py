"""The number against the targets."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from counting.replay import Count
from targets.models import Target


class TargetTerms(NamedTuple):
    """A target's values, hashable: the key of what is memoized."""

    due_on: dt.date
    minimum: int
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A target and the number by its due day, or by the as-of day where that is earlier.

    ``met_on`` is the day on which the minimum was reached, even if too late; None if not reached
    by the count's as-of day.
    """

    due_on: dt.date
    minimum: int
    persons: int
    met: bool
    met_on: dt.date | None
    legal_basis: str


def target_terms(indicator: str, known_as_of: dt.datetime) -> tuple[TargetTerms, ...]:
    """The targets of an indicator as believed at an instant, in order of due day."""
    targets = Target.objects.of(indicator).believed(known_as_of)
    return tuple(TargetTerms(*row) for row in targets.values_list(*TargetTerms._fields))


def milestones(count: Count, targets: Sequence[TargetTerms] | None = None) -> list[Milestone]:
    """The indicator's targets in order of due day, all by the count's instant and rule."""
    if targets is None:
        targets = target_terms(count.indicator, count.known_as_of)
    persons_by = count.persons_by(target.due_on for target in targets)
    return [_milestone(target, persons_by[target.due_on], count) for target in targets]


def _milestone(target: TargetTerms, persons: int, count: Count) -> Milestone:
    return Milestone(
        due_on=target.due_on,
        minimum=target.minimum,
        persons=persons,
        met=persons >= target.minimum,
        met_on=count.reached_on(target.minimum),
        legal_basis=target.legal_basis,
    )
