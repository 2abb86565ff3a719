"""Who is counted: the slow, obvious, correct way, and what every figure rests on."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from agencies.choices import Sector
from common import clock
from enrollment.models import Completion
from enrollment.querysets import CompletionQuerySet
from people.models import Merge
from people.querysets import resolved
from targets.models import CountingRule

TRAINED_OFFICIALS = "trained_officials"


@dataclass(frozen=True, slots=True)
class QualifyingCompletion:
    """What the counter reads of a completion that qualifies, and whose it is."""

    id: int
    trainee_id: int
    person_id: int
    completed_on: dt.date
    recorded_at: dt.datetime
    sending_agency_id: int
    agency_kind: str
    sector: str


@dataclass(frozen=True, slots=True)
class CountedPerson:
    """A human being who counts, by the id of the surviving row, since ``first``."""

    person_id: int
    first: QualifyingCompletion


@dataclass(frozen=True)
class Count:
    """The answer to ``counted``: every name, the completion by which it counts, the rule.

    ``all_completions`` and ``people`` stand in the order of first completion.
    """

    indicator: str
    as_of: dt.date
    known_as_of: dt.datetime
    rule: CountingRule | None
    all_completions: tuple[QualifyingCompletion, ...]

    @cached_property
    def people(self) -> tuple[CountedPerson, ...]:
        """Each person once, with the first qualifying completion of all their rows."""
        first_by_person: dict[int, QualifyingCompletion] = {}
        for completion in self.all_completions:
            first_by_person.setdefault(completion.person_id, completion)
        return tuple(CountedPerson(*pair) for pair in first_by_person.items())

    @property
    def known_on(self) -> dt.date:
        """The day, in Asia/Ho_Chi_Minh, up to which records are believed."""
        return self.known_as_of.astimezone(clock.HANOI).date()

    @property
    def persons(self) -> int:
        """The number of people (người)."""
        return len(self.people)

    @property
    def completions(self) -> int:
        """The number of qualifying completions (lượt), repeated ones among them."""
        return len(self.all_completions)

    @cached_property
    def by_sector(self) -> dict[str, int]:
        """People by the sector they are credited to: both sectors, always."""
        tally = dict.fromkeys((str(sector) for sector in Sector.values), 0)
        for person in self.people:
            tally[person.first.sector] += 1
        return tally


def known_by(known_as_of: dt.date | dt.datetime | None) -> dt.datetime:
    """The instant up to which records are believed: a day means its end, nothing means now."""
    if known_as_of is None:
        return clock.now()
    if isinstance(known_as_of, dt.datetime):
        return known_as_of
    return clock.end_of_day(known_as_of)


def counted(
    as_of: dt.date | None = None,
    *,
    known_as_of: dt.datetime | dt.date | None = None,
    rule: CountingRule | None = None,
    indicator: str = TRAINED_OFFICIALS,
) -> Count:
    """The distinct people trained by the end of ``as_of``, as believed at ``known_as_of``.

    The rule is the latest adopted by then unless one is given, and is applied whole; where
    there is none, nobody counts. ``as_of`` (by default today) may lie after ``known_as_of``.
    """
    known = known_by(known_as_of)
    as_of = as_of or clock.today()
    rule = rule or CountingRule.objects.of(indicator).in_force(known)
    believed = Completion.objects.believed(known).filter(completed_on__lte=as_of)
    survivor_by_absorbed = Merge.objects.believed(known).survivor_by_absorbed()
    completions = _read(qualifying(believed, rule), survivor_by_absorbed)
    return Count(indicator, as_of, known, rule, tuple(completions))


def _read(
    completions: CompletionQuerySet, survivor_by_absorbed: dict[int, int]
) -> Iterable[QualifyingCompletion]:
    rows = completions.earliest_first().values_list(
        "id",
        "trainee_id",
        "completed_on",
        "recorded_at",
        "sending_agency_id",
        "agency_kind",
        "sector",
    )
    for id_, trainee_id, completed_on, recorded_at, agency_id, kind, sector in rows.iterator():
        person_id = resolved(trainee_id, survivor_by_absorbed)
        yield QualifyingCompletion(
            id_, trainee_id, person_id, completed_on, recorded_at, agency_id, kind, sector
        )


def qualifying(completions: CompletionQuerySet, rule: CountingRule | None) -> CompletionQuerySet:
    """Those of the completions that the rule counts; without a rule, none.

    A completion is judged by what is frozen in it: course code, periods, evidence, sending
    agency with kind and sector. Agencies of no sector (kind *other*) count for no target. A
    rule names its courses; of its other lists, an empty one means: all.
    """
    if rule is None:
        return completions.none()
    found = completions.filter(_of_counted_course(rule), periods__gte=rule.minimum_periods)
    for field, allowed in (
        ("sector", rule.sectors or Sector.values),
        ("agency_kind", rule.kinds),
        ("evidence", rule.evidence_kinds),
    ):
        if allowed:
            found = found.filter(**{f"{field}__in": allowed})
    left_out = rule.agencies_left_out.values_list("id", flat=True)
    return found.exclude(sending_agency__in=list(left_out))


def _of_counted_course(rule: CountingRule) -> Q:
    """Completions of the rule's courses on the days on which each of them counts."""
    always, sometimes = [], Q(pk__in=())
    for term in rule.courses.select_related("course"):
        if term.counts_from is None and term.counts_to is None:
            always.append(term.course.code)
            continue
        sometimes |= Q(
            course_code=term.course.code,
            completed_on__gte=term.counts_from or dt.date.min,
            completed_on__lte=term.counts_to or dt.date.max,
        )
    return Q(course_code__in=always) | sometimes
