"""Who is counted, by the definition: slow and simple, and what the cache is checked against."""

import datetime as dt
import hashlib
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from agencies.choices import Sector
from common import clock
from common.ids import IdSet
from common.prepared import Given, Prepared
from counting.models import CountingRule, RuleCourse
from enrollment.choices import OWN_EVIDENCE
from enrollment.models import Completion
from enrollment.querysets import CompletionQuerySet
from people.models import Merge
from people.querysets import resolved

TRAINED_OFFICIALS = "trained_officials"


@dataclass(frozen=True, slots=True)
class QualifyingCompletion:
    """What the counter reads of a qualifying completion, and whose it is."""

    id: int
    trainee_id: int
    completed_on: dt.date
    recorded_at: dt.datetime
    sending_agency_id: int
    agency_kind: str
    sector: str
    course_code: str
    person_id: int


# As stored; whose a completion is follows from the merges.
STORED_FIELDS = tuple(field.name for field in fields(QualifyingCompletion))[:-1]


@dataclass(frozen=True, slots=True)
class CountedPerson:
    """A person who counts since ``first``; the id is that of the surviving row after merges."""

    person_id: int
    first: QualifyingCompletion


class GroupBy(StrEnum):
    AGENCY = "agency"
    SECTOR = "sector"
    KIND = "kind"
    COURSE = "course"
    MONTH = "month"


class Part(NamedTuple):
    persons: int
    completions: int


def added_up(parts: Iterable[tuple[Any, Part]]) -> dict[Any, Part]:
    """Parts added up by key; those that come to nothing are left out."""
    persons: Counter[Any] = Counter()
    completions: Counter[Any] = Counter()
    for key, part in parts:
        persons[key] += part.persons
        completions[key] += part.completions
    return {key: Part(persons[key], number) for key, number in completions.items() if number}


@dataclass(frozen=True)
class Count:
    """The answer to ``counted``: every person, the completion by which they count, the rule.

    This one is the replay: it reads every qualifying completion. ``all_completions`` and
    ``people`` are in the order of first completion.
    """

    indicator: str
    as_of: dt.date
    known_as_of: dt.datetime
    rule: CountingRule | None

    @cached_property
    def all_completions(self) -> tuple[QualifyingCompletion, ...]:
        return tuple(self._read())

    def each_completion(self) -> Iterator[QualifyingCompletion]:
        """The same one by one: of a long list nothing stays in memory."""
        return iter(self.all_completions) if "all_completions" in vars(self) else self._read()

    def by_id(self) -> Iterator[QualifyingCompletion]:
        return self._read("id")

    def _read(self, *order: str) -> Iterator[QualifyingCompletion]:
        believed = Completion.objects.believed(self.known_as_of)
        survivor_by_absorbed = Merge.objects.believed(self.known_as_of).survivor_by_absorbed()
        found = qualifying(believed.filter(completed_on__lte=self.as_of), self.rule)
        found = found.order_by(*order) if order else found.earliest_first()
        return read(found, survivor_by_absorbed)

    def with_firsts(self) -> Iterator[tuple[QualifyingCompletion, bool]]:
        """Each completion, and whether its person counts by it."""
        met = IdSet()
        return ((one, met.add(one.person_id)) for one in self.each_completion())

    @cached_property
    def people(self) -> tuple[CountedPerson, ...]:
        return tuple(self._each_person())

    def each_person(self) -> Iterator[CountedPerson]:
        """The same one by one, like ``each_completion``."""
        return iter(self.people) if "people" in vars(self) else self._each_person()

    def _each_person(self) -> Iterator[CountedPerson]:
        return (
            CountedPerson(one.person_id, one) for one, is_first in self.with_firsts() if is_first
        )

    @property
    def known_on(self) -> dt.date:
        """The day, in Asia/Ho_Chi_Minh, up to which records are believed."""
        return self.known_as_of.astimezone(clock.HANOI).date()

    @property
    def persons(self) -> int:
        return len(self.people)

    @property
    def completions(self) -> int:
        """The number of qualifying completions (lượt), repeated ones among them."""
        return len(self.all_completions)

    @property
    def by_sector(self) -> dict[str, int]:
        """People by the sector they are credited to; both sectors, always."""
        parts = self.parts(GroupBy.SECTOR)
        nobody = Part(0, 0)
        return {str(sector): parts.get(str(sector), nobody).persons for sector in Sector.values}

    def parts(self, by: GroupBy) -> dict[Any, Part]:
        """The count in parts, without empty ones.

        Keys: an agency's id, a sector, a kind of agency, a course's code, or a month as
        ``YYYY-MM``. A person belongs to the part of the first completion, each completion to its
        own.
        """
        key_of = _KEYS[by]
        firsts = ((key_of(one), is_first) for one, is_first in self.with_firsts())
        return added_up((key, Part(int(is_first), 1)) for key, is_first in firsts)

    def persons_by(self, days: Iterable[dt.date]) -> dict[dt.date, int]:
        since = [person.first.completed_on for person in self.people]
        return {day: bisect_right(since, day) for day in days}

    def reached_on(self, persons: int) -> dt.date | None:
        """The day on which so many people were counted; None: not yet."""
        # A first completion stays first whatever the as-of day, so the n-th person's day is it.
        reached = 0 < persons <= len(self.people)
        return self.people[persons - 1].first.completed_on if reached else None

    def contributions(self, completion_ids: QuerySet[Any, int]) -> list[tuple[int, int, Part]]:
        """What some completions, given by a query of ids, add to the number.

        For each that qualifies: its id, its sending agency's id, and people and completions.
        """
        wanted = set(completion_ids)
        return [
            (one.id, one.sending_agency_id, Part(int(is_first), 1))
            for one, is_first in self.with_firsts()
            if one.id in wanted
        ]


_KEYS: dict[GroupBy, Callable[[QualifyingCompletion], Any]] = {
    GroupBy.AGENCY: lambda completion: completion.sending_agency_id,
    GroupBy.SECTOR: lambda completion: completion.sector,
    GroupBy.KIND: lambda completion: completion.agency_kind,
    GroupBy.COURSE: lambda completion: completion.course_code,
    GroupBy.MONTH: lambda completion: f"{completion.completed_on:%Y-%m}",
}


def replayed(
    as_of: dt.date, known_as_of: dt.datetime, rule: CountingRule | None, indicator: str
) -> Count:
    count = Count(indicator, as_of, known_as_of, rule)
    _ = count.all_completions  # read now: later records are no part of this count
    return count


def read(
    completions: CompletionQuerySet, survivor_by_absorbed: dict[int, int]
) -> Iterator[QualifyingCompletion]:
    for row in completions.values_list(*STORED_FIELDS).iterator():
        yield qualifying_completion((*row, resolved(row[1], survivor_by_absorbed)))


def qualifying_completion(row: tuple[Any, ...]) -> QualifyingCompletion:
    """From ``STORED_FIELDS`` and the person; rows share one copy of what they have in common."""
    return QualifyingCompletion(*row[:4], *_shared(*row[4:-1]), *row[-1:])


@lru_cache(maxsize=4096)
def _shared(*facts: Any) -> tuple[Any, ...]:
    return facts


@Prepared
def _courses_of_rule() -> Any:
    rows = RuleCourse.objects.filter(rule=Given("rule"))
    return rows.values_list("course__code", "counts_from", "counts_to")


@Prepared
def _left_out_by_rule() -> Any:
    rows = CountingRule.agencies_left_out.through.objects.filter(countingrule=Given("rule"))
    return rows.values_list("agency_id")


_LISTS = ("sectors", "kinds", "evidence_kinds", "agencies_left_out")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a counting rule says, adopted or still a draft.

    Each course with the first and last day on which it counts. Other empty lists mean all, that of
    evidence all kinds but results from elsewhere.
    """

    courses: Sequence[tuple[str, dt.date | None, dt.date | None]]
    sectors: Sequence[str] = ()
    kinds: Sequence[str] = ()
    evidence_kinds: Sequence[str] = ()
    minimum_periods: int = 0
    agencies_left_out: Sequence[int] = ()

    @classmethod
    def of(cls, rule: CountingRule) -> "Terms":
        return cls(
            tuple(_courses_of_rule(rule=rule.pk)),
            tuple(rule.sectors),
            tuple(rule.kinds),
            tuple(rule.evidence_kinds),
            rule.minimum_periods,
            tuple(agency for (agency,) in _left_out_by_rule(rule=rule.pk)),
        )

    def as_json(self) -> dict[str, Any]:
        """Equal for drafts that say the same, in whatever order."""
        lists = {name: sorted(getattr(self, name)) for name in _LISTS}
        days = (
            (code, first and first.isoformat(), last and last.isoformat())
            for code, first, last in self.courses
        )
        return {"courses": sorted(days), "minimum_periods": self.minimum_periods, **lists}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Terms":
        day = dt.date.fromisoformat
        courses = [
            (code, day(first) if first else None, day(last) if last else None)
            for code, first, last in plain["courses"]
        ]
        return cls(**plain | {"courses": courses})

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()


def qualifying(
    completions: CompletionQuerySet, rule: CountingRule | Terms | None
) -> CompletionQuerySet:
    """Those of the completions that the rule counts; without a rule, none.

    A completion is judged by what is frozen in it: course code, periods, evidence, sending agency
    with kind and sector. Agencies of no sector (kind *other*) count for no target.
    """
    if rule is None:
        return completions.none()
    terms = Terms.of(rule) if isinstance(rule, CountingRule) else rule
    found = completions.filter(_of_counted_course(terms), periods__gte=terms.minimum_periods)
    for field, allowed in (
        ("sector", terms.sectors or Sector.values),
        ("agency_kind", terms.kinds),
        ("evidence", terms.evidence_kinds or OWN_EVIDENCE),
    ):
        if allowed:
            found = found.filter(**{f"{field}__in": allowed})
    return found.exclude(sending_agency__in=terms.agencies_left_out)


def _of_counted_course(terms: Terms) -> Q:
    always, sometimes = [], Q(pk__in=())
    for code, first, last in terms.courses:
        if first is None and last is None:
            always.append(code)
            continue
        sometimes |= Q(
            course_code=code,
            completed_on__gte=first or dt.date.min,
            completed_on__lte=last or dt.date.max,
        )
    return Q(course_code__in=always) | sometimes
