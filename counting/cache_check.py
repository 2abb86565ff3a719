"""Whether the cached totals are what a replay gives."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from counting.choices import Span
from counting.models import CachedCompletion, CachedTotal
from counting.replay import Count, CountedPerson, QualifyingCompletion

EVER = dt.date(9999, 12, 30)


@dataclass(frozen=True, slots=True)
class Difference:
    """How many cached completions and totals differ from the replay."""

    completions: int
    parts: int

    def __bool__(self) -> bool:
        return bool(self.completions or self.parts)


def difference_from(replay: Count) -> Difference:
    firsts = {person.first.id for person in replay.people}
    found = {
        (one.id, one.person_id, one.completed_on, one.id in firsts)
        for one in replay.all_completions
    }
    cached = CachedCompletion.objects.values_list("pk", "person_id", "completed_on", "is_first")
    parts = _parts(replay.people, replay.all_completions)
    columns = ("span", "starts_on", "agency_id", "kind", "sector", "persons", "completions")
    cached_parts = {
        tuple(row) for row in CachedTotal.objects.values_list(*columns) if any(row[-2:])
    }
    return Difference(len(found ^ set(cached)), len(parts ^ cached_parts))


def _parts(
    people: Iterable[CountedPerson], completions: Iterable[QualifyingCompletion]
) -> set[tuple[Any, ...]]:
    """Every total as its row has it: span, start, agency, kind, sector, people, completions."""
    persons = Counter(cell for person in people for cell in _cells(person.first))
    numbers = Counter(cell for completion in completions for cell in _cells(completion))
    return {(*cell, persons[cell], number) for cell, number in numbers.items()}


def _cells(one: QualifyingCompletion) -> list[tuple[Any, ...]]:
    month = one.completed_on.replace(day=1)
    starts = {Span.DAY: one.completed_on, Span.MONTH: month, Span.YEAR: month.replace(month=1)}
    return [
        (span.value, start, agency_id, one.agency_kind, one.sector)
        for span, start in starts.items()
        for agency_id in (one.sending_agency_id, None)
    ]
