"""Which agency is today the successor of the one that sent somebody then."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from agencies.choices import SuccessionKind
from agencies.models import SuccessionLink
from common import clock
from common.prepared import Given, Prepared
from enrollment.models import CompletionSplitAssignment

NO_COMPLETION = 0  # asks for the agency as a whole, of which no part was assigned after a split


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    """An agency's end in a succession; after a split, humans choose the successor."""

    on: dt.date
    succession_id: int
    is_split: bool
    successor_id: int


@dataclass(frozen=True)
class Lineage:
    """Mergers, renamings and splits in force on a day, as believed at an instant."""

    steps_by_agency: dict[int, list[_Step]]
    # By the agency that was split, not by the succession: a split voided and recorded again keeps
    # what humans assigned.
    successors_by_completion_and_agency: dict[tuple[int, int], list[int]]
    assigned: QuerySet[CompletionSplitAssignment]

    @classmethod
    def believed(cls, known_as_of: dt.datetime) -> "Lineage":
        day = known_as_of.astimezone(clock.HANOI).date()
        steps: dict[int, list[_Step]] = defaultdict(list)
        for predecessor, on, succession, kind, successor in _links(known=known_as_of, day=day):
            is_split = kind == SuccessionKind.SPLIT
            steps[predecessor].append(_Step(on, succession, is_split, successor))
        assignments = CompletionSplitAssignment.objects.filter(recorded_at__lte=known_as_of)
        assigned: dict[tuple[int, int], list[int]] = defaultdict(list)
        for completion, agency, successor in _assignments(known=known_as_of):
            assigned[completion, agency].append(successor)
        return cls(
            {agency: sorted(of_agency) for agency, of_agency in steps.items()},
            dict(assigned),
            assignments,
        )

    def today_of(self, agency_id: int, completion_id: int) -> int | None:
        """Today's successor; None after a split that no human has settled for this completion."""
        current: int | None = agency_id
        last = (dt.date.min, 0)
        while current is not None and (step := self._next(current, last)):
            last = (step.on, step.succession_id)
            if step.is_split:
                current = self._assigned(current, completion_id, step)
            else:
                current = step.successor_id
        return current

    def _assigned(self, agency_id: int, completion_id: int, split: _Step) -> int | None:
        assigned = self.successors_by_completion_and_agency.get((completion_id, agency_id), ())
        steps = self.steps_by_agency[agency_id]
        possible = {one.successor_id for one in steps if one.succession_id == split.succession_id}
        return next((one for one in assigned if one in possible), None)

    def _next(self, agency_id: int, last: tuple[dt.date, int]) -> _Step | None:
        # Forward in time only, so that a name that comes back years later makes no cycle.
        steps = self.steps_by_agency.get(agency_id, ())
        return next((step for step in steps if (step.on, step.succession_id) > last), None)


@Prepared
def _links() -> Any:
    known: Any = Given("known")
    day: Any = Given("day")
    links = SuccessionLink.objects.believed(known).in_force_on(day)
    return links.values_list(
        "predecessor", "succession__on", "succession", "succession__kind", "successor"
    )


@Prepared
def _assignments() -> Any:
    rows = CompletionSplitAssignment.objects.filter(recorded_at__lte=Given("known"))
    latest = rows.order_by("-recorded_at", "-id")
    return latest.values_list("completion_id", "succession__links__predecessor_id", "agency_id")
