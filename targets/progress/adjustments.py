"""What has changed since a report was signed, by name and reason."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from common import formats
from counting.cached_count import CachedCount
from counting.counter import counted
from counting.replay import Count, CountedPerson
from enrollment.models import Completion
from people.models import Merge, Trainee
from people.querysets import resolved
from targets.models import PeriodReport

CACHE_SIZE = 8  # reports
RECORDED_LATE, VOIDED, MERGED, UNMERGED, MOVED = (
    "recorded_late", "voided", "merged", "unmerged", "moved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One person who counts otherwise than was signed; ``persons`` is +1, 0 or −1."""

    kind: str
    persons: int
    code: str
    full_name: str
    detail: str


@dataclass(frozen=True)
class Adjustments:
    """``now`` is the count of the report's day and rule as believed today."""

    report: PeriodReport
    now: Count
    people: tuple[Adjustment, ...]

    @property
    def persons(self) -> int:
        return sum(one.persons for one in self.people)

    @property
    def completions(self) -> int:
        """The change in completions (lượt)."""
        return self.now.completions - self.report.completions


def labels() -> dict[str, str]:
    """The kinds of adjustments in the order in which they are listed."""
    return {
        RECORDED_LATE: _("recorded late"),
        VOIDED: _("voided"),
        MERGED: _("merged"),
        UNMERGED: _("merge undone"),
        MOVED: _("transferred"),
    }


def adjustments(report: PeriodReport) -> Adjustments:
    """Compare a signed report with the count of the same day and rule, as believed now.

    People are matched by following the merges believed now, so that signed + adjustments = now.
    """
    now = counted(report.ends_on, rule=report.rule, indicator=report.indicator.slug)
    survivors = Merge.objects.believed(now.known_as_of).survivor_by_absorbed()
    signed_by_person: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in report.names:
        signed_by_person[resolved(one["person"], survivors)].append(one)
    counting = {person.person_id: person for person in now.people}
    compared = _Comparison(report, counting, signed_by_person, _signed_completions(report))
    order = list(labels())
    found = sorted(compared.all(), key=lambda one: (order.index(one.kind), one.code))
    return Adjustments(report, now, tuple(found))


def summary_by_kind(report: PeriodReport, count: Count) -> list[tuple[str, int, int]]:
    """Kind, number of people, and change of the figure, for each kind of adjustment.

    ``count`` is any current count: while its cached totals have the same version, nothing can have
    changed, so the answer is memoized.
    """
    version = count.version if isinstance(count, CachedCount) else None
    return list(_cached_summary(report.pk, version) if version else _summary(report.pk))


def _summary(report_id: int) -> tuple[tuple[str, int, int], ...]:
    report = PeriodReport.objects.select_related("rule", "indicator").get(pk=report_id)
    found = adjustments(report).people
    return tuple(
        (kind, len(of_kind), sum(one.persons for one in of_kind))
        for kind in labels()
        if (of_kind := [one for one in found if one.kind == kind])
    )


@lru_cache(maxsize=CACHE_SIZE)
def _cached_summary(report_id: int, _version: int) -> tuple[tuple[str, int, int], ...]:
    return _summary(report_id)


def by_the_rule_in_force(report: PeriodReport) -> Count | None:
    """The report's day counted by the rule in force now; None if it is still the report's rule."""
    now = counted(report.ends_on, indicator=report.indicator.slug)
    return None if now.rule == report.rule else now


def _signed_completions(report: PeriodReport) -> set[int]:
    return {row["id"] for row in report.content.get("completions", ())}


@dataclass(frozen=True)
class _Comparison:
    report: PeriodReport
    counting: dict[int, CountedPerson]
    signed_by_person: dict[int, list[dict[str, Any]]]
    completions: set[int]

    def all(self) -> Iterator[Adjustment]:
        gone = [
            one
            for person, signed in self.signed_by_person.items()
            if person not in self.counting
            for one in signed
        ]
        new = [one for person, one in self.counting.items() if person not in self.signed_by_person]
        yield from self._added(new)
        yield from self._dropped(gone)
        for person, signed in self.signed_by_person.items():
            if person in self.counting:
                yield from self._remaining(self.counting[person], signed)

    def _added(self, new: list[CountedPerson]) -> Iterator[Adjustment]:
        people = Trainee.objects.in_bulk([one.person_id for one in new])
        for one in new:
            who = people[one.person_id]
            if one.first.id in self.completions:
                detail = _("merge undone: counted as a separate person")
                yield Adjustment(UNMERGED, 1, who.code, who.full_name, detail)
                continue
            detail = _("completed on %(day)s, recorded on %(recorded)s")
            yield Adjustment(RECORDED_LATE, 1, who.code, who.full_name, _when(detail, one))

    def _dropped(self, gone: list[dict[str, Any]]) -> Iterator[Adjustment]:
        """Signed people who no longer count: their completions are void, or were another's."""
        numbers = {one["number"] for one in gone}
        ids = defaultdict(list)
        for row in self.report.content.get("completions", ()):
            if row["person"] in numbers:
                ids[row["person"]].append(row["id"])
        every = [pk for part in ids.values() for pk in part]
        void = dict(
            Completion.objects.filter(~Q(voided_at=None), pk__in=every).values_list(
                "pk", "void_reason"
            )
        )
        for one in gone:
            reasons = [void[pk] for pk in ids[one["number"]] if pk in void]
            if reasons:
                detail = _("completion voided: %(reason)s") % {"reason": reasons[0]}
                yield Adjustment(VOIDED, -1, one["code"], one["full_name"], detail)
            else:
                detail = _("merge undone: the completion belongs to another person")
                yield Adjustment(UNMERGED, -1, one["code"], one["full_name"], detail)

    def _remaining(self, now: CountedPerson, signed: list[dict[str, Any]]) -> Iterator[Adjustment]:
        """Of signed people who turned out to be one person, one stays."""
        stays = min(signed, key=lambda one: (one["person"] != now.person_id, one["number"]))
        for one in signed:
            if one is not stays:
                detail = _("same person as %(code)s") % {"code": stays["code"]}
                yield Adjustment(MERGED, -1, one["code"], one["full_name"], detail)
        if all(one["completion"] != now.first.id for one in signed):
            detail = _(
                "counted since %(day)s because of another completion, recorded on %(recorded)s"
            )
            yield Adjustment(MOVED, 0, stays["code"], stays["full_name"], _when(detail, now))


def _when(text: str, person: CountedPerson) -> str:
    first = person.first
    recorded = formats.day(formats.local_day(first.recorded_at))
    return text % {"day": formats.day(first.completed_on), "recorded": recorded}
