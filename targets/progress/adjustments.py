"""What has changed since a report was signed: by name and reason, never as a silent new number."""

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

REMEMBERED = 8  # reports whose adjustments by kind are kept at hand
RECORDED_LATE, VOIDED, MERGED, UNMERGED, MOVED = (
    "recorded_late", "voided", "merged", "unmerged", "moved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One person whose counting differs from what was signed; ``persons`` is +1, 0 or −1."""

    kind: str
    persons: int
    code: str
    full_name: str
    detail: str


@dataclass(frozen=True)
class Adjustments:
    """The signed figure, what changed it, and the figure of the same day and rule today."""

    report: PeriodReport
    now: Count
    people: tuple[Adjustment, ...]

    @property
    def persons(self) -> int:
        """By how many people the figure has moved."""
        return sum(one.persons for one in self.people)

    @property
    def completions(self) -> int:
        """By how many completions (lượt) it has moved."""
        return self.now.completions - self.report.completions


def labels() -> dict[str, str]:
    """The kinds of adjustments in the order in which they are told."""
    return {
        RECORDED_LATE: _("recorded late"),
        VOIDED: _("voided"),
        MERGED: _("merged"),
        UNMERGED: _("merge undone"),
        MOVED: _("moved"),
    }


def adjustments(report: PeriodReport) -> Adjustments:
    """Compare a signed report with the count of the same day and rule, as believed now.

    Whoever was signed and whoever counts now is told apart by following the merges believed
    now, so that signed + adjustments = now, always.
    """
    now = counted(report.ends_on, rule=report.rule, indicator=report.indicator.slug)
    survivors = Merge.objects.believed(now.known_as_of).survivor_by_absorbed()
    signed_by_human: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in report.names:
        signed_by_human[resolved(one["person"], survivors)].append(one)
    counting = {person.person_id: person for person in now.people}
    compared = _Compared(report, counting, signed_by_human, _rested_on(report))
    order = list(labels())
    found = sorted(compared.all(), key=lambda one: (order.index(one.kind), one.code))
    return Adjustments(report, now, tuple(found))


def in_short(report: PeriodReport, count: Count) -> list[tuple[str, int, int]]:
    """The adjustments of a report by kind: how many, and by how many people they move the figure.

    ``count`` is any count of now: as long as its kept figures stand, nothing has changed.
    """
    version = count.version if isinstance(count, CachedCount) else None
    return list(_in_short(report.pk, version) if version else _told_in_short(report.pk))


def _told_in_short(report_id: int) -> tuple[tuple[str, int, int], ...]:
    report = PeriodReport.objects.select_related("rule", "indicator").get(pk=report_id)
    found = adjustments(report).people
    return tuple(
        (kind, len(of_kind), sum(one.persons for one in of_kind))
        for kind in labels()
        if (of_kind := [one for one in found if one.kind == kind])
    )


@lru_cache(maxsize=REMEMBERED)
def _in_short(report_id: int, _version: int) -> tuple[tuple[str, int, int], ...]:
    return _told_in_short(report_id)


def by_the_rule_in_force(report: PeriodReport) -> Count | None:
    """The report's day counted by the rule in force now; None where that is the report's own."""
    now = counted(report.ends_on, indicator=report.indicator.slug)
    return None if now.rule == report.rule else now


def _rested_on(report: PeriodReport) -> set[int]:
    """The completions that the signed figure rested on."""
    return {row["id"] for row in report.content.get("completions", ())}


@dataclass(frozen=True)
class _Compared:
    report: PeriodReport
    counting: dict[int, CountedPerson]
    signed_by_human: dict[int, list[dict[str, Any]]]
    rested_on: set[int]

    def all(self) -> Iterator[Adjustment]:
        gone = [
            one
            for human, signed in self.signed_by_human.items()
            if human not in self.counting
            for one in signed
        ]
        new = [one for human, one in self.counting.items() if human not in self.signed_by_human]
        yield from self._added(new)
        yield from self._dropped(gone)
        for human, signed in self.signed_by_human.items():
            if human in self.counting:
                yield from self._kept(self.counting[human], signed)

    def _added(self, new: list[CountedPerson]) -> Iterator[Adjustment]:
        people = Trainee.objects.in_bulk([one.person_id for one in new])
        for one in new:
            who = people[one.person_id]
            if one.first.id in self.rested_on:
                detail = _("a merge was undone: counts as a person of their own")
                yield Adjustment(UNMERGED, 1, who.code, who.full_name, detail)
                continue
            detail = _("completed on %(day)s, recorded on %(recorded)s")
            yield Adjustment(RECORDED_LATE, 1, who.code, who.full_name, _when(detail, one))

    def _dropped(self, gone: list[dict[str, Any]]) -> Iterator[Adjustment]:
        """Nobody counts for them any more: their completions are void, or were another's."""
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
                detail = _("a merge was undone: the completion is another person's")
                yield Adjustment(UNMERGED, -1, one["code"], one["full_name"], detail)

    def _kept(self, now: CountedPerson, signed: list[dict[str, Any]]) -> Iterator[Adjustment]:
        """One of them stays; the others turned out to be the same human being."""
        stays = min(signed, key=lambda one: (one["person"] != now.person_id, one["number"]))
        for one in signed:
            if one is not stays:
                detail = _("the same person as %(code)s") % {"code": stays["code"]}
                yield Adjustment(MERGED, -1, one["code"], one["full_name"], detail)
        if all(one["completion"] != now.first.id for one in signed):
            detail = _("counts since %(day)s by another completion, recorded on %(recorded)s")
            yield Adjustment(MOVED, 0, stays["code"], stays["full_name"], _when(detail, now))


def _when(text: str, person: CountedPerson) -> str:
    first = person.first
    recorded = formats.day(formats.local_day(first.recorded_at))
    return text % {"day": formats.day(first.completed_on), "recorded": recorded}
