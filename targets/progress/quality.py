"""How good the number is: what stands behind it, and how far it could be wrong.

docs/the-number.md says what each figure means.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from common import formats
from common.bulk import batches, in_list
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


def _rests_on(kind: Evidence, one: _Counted) -> bool:
    return one.evidence == kind


def quality(count: Count) -> Quality:
    """The figures behind a count, from the completions and merges that it believed."""
    counted = list(_counted(count))

    def figure(key: str, label: str, fits: Callable[[_Counted], bool]) -> Figure:
        """People who count by such a completion, and such completions."""
        found = [one for one in counted if fits(one)]
        return Figure(key, label, sum(one.is_first for one in found), len(found))

    return Quality(
        count,
        doubles=_doubles(count),
        evidence=[
            figure(kind.value, str(kind.label), partial(_rests_on, kind)) for kind in Evidence
        ],
        trainee_kinds=_by_trainee_kind(count, counted),
        minimum_periods=[_with_periods(counted, least) for least in MINIMUM_PERIODS],
        cautions=[
            figure(
                "outside_class_days",
                _("completed outside the class's days"),
                lambda one: one.is_outside_class_days,
            ),
            figure(
                "late",
                _("recorded more than %(days)s days after completion") % {"days": LATE_AFTER.days},
                lambda one: one.is_late,
            ),
            Figure("without_number", _("without a personal number"), _without_number(count)),
        ],
    )


def _by_trainee_kind(count: Count, counted: Sequence[_Counted]) -> list[Figure]:
    """People as the first of their qualifying completions that says it, completions as they say."""
    by_person: dict[int, str] = {}
    for one in counted:
        if one.trainee_kind:
            by_person.setdefault(one.person_id, one.trainee_kind)
    persons = Counter(by_person.get(person.person_id, "") for person in count.people)
    completions = Counter(one.trainee_kind for one in counted)
    labels = {kind.value: str(kind.label) for kind in TraineeKind} | {"": _("not known")}
    return [
        Figure(kind or "not_known", label, persons[kind], completions[kind])
        for kind, label in labels.items()
    ]


def _with_periods(counted: Sequence[_Counted], least: int) -> Figure:
    """Who would count if the rule asked for so many periods in one course."""
    found = [one for one in counted if one.periods >= least]
    label = _("with a course of at least %(periods)s periods") % {"periods": least}
    return Figure(str(least), label, len({one.person_id for one in found}), len(found))


def _counted(count: Count) -> Iterator[_Counted]:
    firsts = {person.first.id for person in count.people}
    fields = ("evidence", "trainee_kind", "periods", "run__starts_on", "run__ends_on")
    for part in batches(count.each_completion(), _BATCH):
        rows = Completion.objects.filter(pk__in=in_list([one.id for one in part])).order_by()
        found = {id_: facts for id_, *facts in rows.values_list("id", *fields)}
        for one in part:
            evidence, trainee_kind, periods, starts_on, ends_on = found[one.id]
            yield _Counted(
                one.person_id,
                one.id in firsts,
                evidence,
                trainee_kind,
                periods,
                not starts_on <= one.completed_on <= ends_on,
                one.recorded_at.date() - one.completed_on > LATE_AFTER,
            )


# People ---------------------------------------------------------------------------------


def _doubles(count: Count) -> list[Figure]:
    """Counted people in pairs that were open then, and the number if each pair were one person."""
    counted = {person.person_id for person in count.people}
    survivors = Merge.objects.believed(count.known_as_of).survivor_by_absorbed()
    leader: dict[int, int] = {}
    paired: set[int] = set()
    for pair in CandidatePair.objects.open_at(count.known_as_of).values_list("first", "second"):
        one, other = (resolved(row, survivors) for row in pair)
        if one == other or not {one, other} <= counted:
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
            "if_all_were_one", _("people if every such pair were one"), len(counted - {*leader})
        ),
    ]


def _without_number(count: Count) -> int:
    survivors = Merge.objects.believed(count.known_as_of).survivor_by_absorbed()
    counted = {person.person_id for person in count.people}
    rows = counted | {row for row in survivors if resolved(row, survivors) in counted}
    found = Trainee.objects.filter(pk__in=in_list(rows)).exclude(personal_number_tail="").order_by()
    return len(counted - {resolved(row, survivors) for row in found.values_list("pk", flat=True)})
