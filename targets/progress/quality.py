"""How good the number is: what stands behind it, and how far it could be wrong.

docs/the-number.md says what each figure means.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from common import formats
from common.bulk import batches, in_list
from common.ids import IdSet
from counting.output import instant_as_text, rule_as_json
from counting.replay import Count
from enrollment.choices import Evidence, TraineeKind
from enrollment.models import Completion
from people.models import CandidatePair, Merge, Trainee
from people.querysets import resolved

MINIMUM_PERIODS: Final = (8, 16, 24, 40)
LATE_AFTER: Final = dt.timedelta(days=30)
_BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class Figure:
    """People (người) and completions (lượt); None where the figure is only one of the two."""

    key: str
    label: str
    persons: int | None
    completions: int | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    count: Count
    doubles: list[Figure]
    evidence: list[Figure]
    trainee_kinds: list[Figure]
    minimum_periods: list[Figure]
    cautions: list[Figure]

    @property
    def parts(self) -> list[tuple[str, str, list[Figure]]]:
        """(key, title, figures) of each part."""
        return [
            ("doubles", _("Possible duplicates"), self.doubles),
            ("evidence", _("By kind of evidence"), self.evidence),
            ("trainee_kinds", _("Officials and experts"), self.trainee_kinds),
            ("minimum_periods", _("By minimum number of periods"), self.minimum_periods),
            ("cautions", _("To be read with caution"), self.cautions),
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "as_of": self.count.as_of.isoformat(),
            "known_as_of": instant_as_text(self.count.known_as_of),
            "rule": rule_as_json(self.count.rule),
            "persons": self.count.persons,
            "completions": self.count.completions,
            **{key: [asdict(figure) for figure in figures] for key, _title, figures in self.parts},
        }


def quality_shown(found: Quality) -> dict[str, Any]:
    count = found.count
    return {
        "number": formats.number(count.persons),
        "completions": formats.number(count.completions),
        "as_of": formats.day(count.as_of),
        "known": formats.exact(count.known_as_of),
        "rule": count.rule and {"version": count.rule.version, "sentence": count.rule.sentence},
        "parts": found.parts,
    }


class _Counted(NamedTuple):
    """What the quality figures read of one qualifying completion."""

    person_id: int
    is_first: bool
    evidence: str
    trainee_kind: str
    periods: int
    is_outside_class_days: bool
    is_late: bool


class _Sums:
    """People and completions by what stands behind them, of completions that come one by one."""

    def __init__(self) -> None:
        self.persons, self.completions = Counter[str | int](), Counter[str | int]()
        self._with_periods = {least: IdSet() for least in MINIMUM_PERIODS}
        self._of_known_kind = IdSet()

    def add(self, one: _Counted) -> None:
        self._add(one.evidence, one.is_first)
        # People as the first of their qualifying completions that says it.
        is_new = bool(one.trainee_kind) and self._of_known_kind.add(one.person_id)
        self._add(f"kind:{one.trainee_kind}", is_new)
        self.persons["kind:"] += one.is_first - is_new
        for least, met in self._with_periods.items():
            if one.periods >= least:
                self._add(least, met.add(one.person_id))
        if one.is_outside_class_days:
            self._add("outside_class_days", one.is_first)
        if one.is_late:
            self._add("late", one.is_first)

    def _add(self, key: str | int, is_person: bool) -> None:
        self.persons[key] += is_person
        self.completions[key] += 1

    def figure(self, of: str | int, label: str, key: str = "") -> Figure:
        return Figure(key or str(of), label, self.persons[of], self.completions[of])


def quality(count: Count) -> Quality:
    """The figures behind a count, from the completions and merges that it believed."""
    sums = _Sums()
    for one in _counted(count):
        sums.add(one)
    late = _("recorded more than %(days)s days after completion") % {"days": LATE_AFTER.days}
    people = IdSet(person.person_id for person in count.each_person())
    return Quality(
        count,
        doubles=_doubles(count, people),
        evidence=[sums.figure(kind.value, str(kind.label)) for kind in Evidence],
        trainee_kinds=_by_trainee_kind(sums),
        minimum_periods=[
            sums.figure(
                least, _("with a course of at least %(periods)s periods") % {"periods": least}
            )
            for least in MINIMUM_PERIODS
        ],
        cautions=[
            sums.figure("outside_class_days", _("completed outside the class's days")),
            sums.figure("late", late),
            Figure(
                "without_number", _("without a personal number"), _without_number(count, people)
            ),
        ],
    )


def _by_trainee_kind(sums: _Sums) -> list[Figure]:
    labels = {kind.value: str(kind.label) for kind in TraineeKind} | {"": _("not known")}
    return [
        sums.figure(f"kind:{kind}", label, key=kind or "not_known")
        for kind, label in labels.items()
    ]


def _counted(count: Count) -> Iterator[_Counted]:
    fields = ("evidence", "trainee_kind", "periods", "run__starts_on", "run__ends_on")
    for part in batches(count.with_firsts(), _BATCH):
        rows = Completion.objects.filter(pk__in=in_list([one.id for one, _first in part]))
        found = {id_: facts for id_, *facts in rows.order_by().values_list("id", *fields)}
        for one, is_first in part:
            evidence, trainee_kind, periods, starts_on, ends_on = found[one.id]
            yield _Counted(
                one.person_id,
                is_first,
                evidence,
                trainee_kind,
                periods,
                not starts_on <= one.completed_on <= ends_on,
                one.recorded_at.date() - one.completed_on > LATE_AFTER,
            )


# People ---------------------------------------------------------------------------------


def _doubles(count: Count, counted: IdSet) -> list[Figure]:
    """Counted people in pairs that were open then, and the number if each pair were one person."""
    survivors = Merge.objects.believed(count.known_as_of).survivor_by_absorbed()
    leader: dict[int, int] = {}
    paired: set[int] = set()
    for pair in CandidatePair.objects.open_at(count.known_as_of).values_list("first", "second"):
        one, other = (resolved(row, survivors) for row in pair)
        if one == other or one not in counted or other not in counted:
            continue
        paired |= {one, other}
        one, other = resolved(one, leader), resolved(other, leader)
        if one != other:
            leader[one] = other
    return [
        Figure(
            "in_open_pairs", _("people in unresolved pairs of possible duplicates"), len(paired)
        ),
        Figure(
            "if_all_were_one",
            _("people if every such pair were one"),
            count.persons - len(leader),
        ),
    ]


def _without_number(count: Count, counted: IdSet) -> int:
    survivors = Merge.objects.believed(count.known_as_of).survivor_by_absorbed()
    rows = Trainee.objects.exclude(personal_number_tail="").order_by().values_list("pk", flat=True)
    people = (resolved(row, survivors) for row in rows.iterator())
    met = IdSet()
    return count.persons - sum(met.add(person) for person in people if person in counted)
