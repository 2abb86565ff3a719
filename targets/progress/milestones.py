"""Where the number stands against what was promised."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from counting.replay import Count
from targets.models import Target


class Promise(NamedTuple):
    """At least so many by a day."""

    due_on: dt.date
    minimum: int
    legal_basis: str


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


def promises(indicator: str, known_as_of: dt.datetime) -> tuple[Promise, ...]:
    """What was promised for an indicator at an instant, in order of due day."""
    targets = Target.objects.of(indicator).believed(known_as_of)
    return tuple(Promise(*row) for row in targets.values_list(*Promise._fields))


def milestones(count: Count, promised: Sequence[Promise] | None = None) -> list[Milestone]:
    """The indicator's targets in order of due day, all by one belief and one rule."""
    if promised is None:
        promised = promises(count.indicator, count.known_as_of)
    persons_by = count.persons_by(promise.due_on for promise in promised)
    return [_milestone(promise, persons_by[promise.due_on], count) for promise in promised]


def _milestone(promise: Promise, persons: int, count: Count) -> Milestone:
    return Milestone(
        due_on=promise.due_on,
        minimum=promise.minimum,
        persons=persons,
        met=persons >= promise.minimum,
        met_on=count.reached_on(promise.minimum),
        legal_basis=promise.legal_basis,
    )
