"""What has changed since a report was signed, by name and reason."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from agencies.models import Agency
from common import formats
from common.bulk import in_list
from common.ids import IdLists, IdSet
from counting.cached_count import CachedCount
from counting.counter import counted
from counting.replay import Count, CountedPerson, QualifyingCompletion
from enrollment.models import Completion
from people.models import Merge, Trainee
from targets.models import PeriodReport
from targets.progress.signed_list import SignedRows

CACHE_SIZE = 8  # reports
RECORDED_LATE, VOIDED, MERGED, UNMERGED, MOVED, RULE_IN, RULE_OUT = (
    "recorded_late", "voided", "merged", "unmerged", "moved", "rule_in", "rule_out",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Credit:
    """Where and since when a person or a completion counts; ``since`` is an ISO day."""

    since: str
    agency: str
    agency_name: str
    kind: str
    sector: str
    run: str


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One person who counts otherwise than was signed; ``persons`` is +1, 0 or −1.

    ``number`` is the person's number in the signed list, ``person`` the id of the row that counts
    now; each is None where the person is not in that list.
    """

    kind: str
    persons: int
    code: str
    full_name: str
    detail: str
    before: Credit | None = None
    after: Credit | None = None
    number: int | None = None
    person: int | None = None


@dataclass(frozen=True, slots=True)
class CompletionChange:
    """A completion (lượt) that counts otherwise than was signed; ``completions`` is +1 or −1."""

    kind: str
    completions: int
    code: str
    full_name: str
    detail: str
    credit: Credit
    number: int | None = None
    person: int | None = None


@dataclass(frozen=True)
class Adjustments:
    """A signed report against ``now``, a later count of the same day."""

    report: PeriodReport
    now: Count
    people: tuple[Adjustment, ...]
    changes: tuple[CompletionChange, ...]
    # Person who counts now or not → their numbers in the signed list: several after a merge.
    numbers_by_person: IdLists

    @property
    def persons(self) -> int:
        return sum(one.persons for one in self.people)

    @property
    def completions(self) -> int:
        return sum(one.completions for one in self.changes)

    def by_kind(self) -> list[tuple[str, int, int, int]]:
        """Kind, people named, and the change of people and of completions, for each kind."""
        found = []
        for kind in labels():
            people = [one for one in self.people if one.kind == kind]
            changes = [one for one in self.changes if one.kind == kind]
            if people or changes:
                persons = sum(one.persons for one in people)
                found.append((kind, len(people), persons, sum(c.completions for c in changes)))
        return found


def labels() -> dict[str, str]:
    return {
        RECORDED_LATE: _("recorded late"),
        VOIDED: _("voided"),
        MERGED: _("merged"),
        UNMERGED: _("merge undone"),
        MOVED: pgettext("kind of adjustment", "credited differently"),
        RULE_IN: _("counted under the new rule"),
        RULE_OUT: _("not counted under the new rule"),
    }


def adjustments(report: PeriodReport, now: Count | None = None) -> Adjustments:
    """Compare a signed report with a later count of its day.

    By default that is the count by the report's rule as believed now. People are matched by
    following the merges believed then, so that signed + adjustments = now.
    """
    now = now or counted(report.ends_on, rule=report.rule, indicator=report.indicator.slug)
    survivors = Merge.objects.believed(now.known_as_of).survivor_by_absorbed()
    signed = SignedRows(report, survivors)
    compared = _Comparison(report, now, signed)
    order = list(labels())
    return Adjustments(
        report,
        now,
        tuple(sorted(compared.people(), key=lambda one: (order.index(one.kind), one.code))),
        tuple(sorted(compared.changes(), key=lambda one: (order.index(one.kind), one.code))),
        signed.numbers,
    )


def in_readers_language(found: Adjustments) -> Adjustments:
    """With the agencies named as the reader's language names them; signed names are Vietnamese."""
    if get_language() != "en":
        return found
    names = {slug: name for _id, slug, name in Agency.objects.id_slug_names()}

    def named(credit: Credit) -> Credit:
        return replace(credit, agency_name=names.get(credit.agency, credit.agency_name))

    people = (
        replace(one, before=one.before and named(one.before), after=one.after and named(one.after))
        for one in found.people
    )
    changes = (replace(one, credit=named(one.credit)) for one in found.changes)
    return replace(found, people=tuple(people), changes=tuple(changes))


def summary_by_kind(report: PeriodReport, count: Count) -> list[tuple[str, int, int]]:
    """Kind, number of people, and change of the figure, for each kind of adjustment.

    ``count`` is any current count: while its cached totals have the same version, nothing can have
    changed, so the answer is memoized.
    """
    version = count.version if isinstance(count, CachedCount) else None
    return list(_cached_summary(report.pk, version) if version else _summary(report.pk))


def _summary(report_id: int) -> tuple[tuple[str, int, int], ...]:
    report = PeriodReport.objects.select_related("rule", "indicator").get(pk=report_id)
    return tuple(found[:3] for found in adjustments(report).by_kind() if found[1])


@lru_cache(maxsize=CACHE_SIZE)
def _cached_summary(report_id: int, _version: int) -> tuple[tuple[str, int, int], ...]:
    return _summary(report_id)


def by_the_rule_in_force(report: PeriodReport) -> Count | None:
    """The report's day counted by the rule in force now; None if it is still the report's rule."""
    now = counted(report.ends_on, indicator=report.indicator.slug)
    return None if now.rule == report.rule else now


@dataclass(frozen=True)
class _Comparison:
    """Reads long lists row by row; what it keeps of unchanged ones is ids."""

    report: PeriodReport
    now: Count
    signed: SignedRows
    # Who counts now without being in the signed list, and whose row there says otherwise.
    new: list[CountedPerson] = field(default_factory=list)
    differing: list[CountedPerson] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)  # numbers
    # Completions that count now: all, and those that were not signed.
    still: IdSet = field(default_factory=IdSet)
    added: list[QualifyingCompletion] = field(default_factory=list)

    def __post_init__(self) -> None:
        counting = IdSet()
        for one in self.now.each_person():
            counting.add(one.person_id)
            numbers = self.signed.numbers[one.person_id]
            if not numbers:
                self.new.append(one)
            elif len(numbers) > 1 or self.signed.first[numbers[0]] != one.first.id:
                self.differing.append(one)
        for person in self.signed.numbers:
            if person not in counting:
                self.gone.extend(self.signed.numbers[person])
        for completion in self.now.each_completion():
            self.still.add(completion.id)
            if not self.signed.number[completion.id]:
                self.added.append(completion)

    @cached_property
    def lost(self) -> list[int]:
        """Signed completions that no longer count."""
        return [pk for pk in self.signed.number if pk not in self.still]

    @cached_property
    def rows(self) -> dict[int, Row]:
        """The rows of those people of the signed list who are named, by number."""
        wanted = {self.signed.number[pk] for pk in self.lost} | {*self.gone}
        for one in self.differing:
            wanted.update(self.signed.numbers[one.person_id])
        if not wanted:
            return {}
        return {row["number"]: row for row in self.report.people() if row["number"] in wanted}

    @cached_property
    def voids(self) -> dict[int, str]:
        """Signed completion that no longer counts → why it was voided by then."""
        if not self.lost:
            return {}
        void = Completion.objects.filter(voided_at__lte=self.now.known_as_of)
        return dict(void.filter(pk__in=in_list(self.lost)).values_list("pk", "void_reason"))

    def people(self) -> Iterator[Adjustment]:
        yield from self._added(self.new)
        yield from self._dropped([self.rows[number] for number in self.gone])
        yield from self._remaining()

    def _added(self, new: list[CountedPerson]) -> Iterator[Adjustment]:
        people = _people([one.person_id for one in new])
        credit = _credits([one.first.id for one in new])
        for one in new:
            who, after = people[one.person_id], credit[one.first.id]
            what = after.since, one.first.recorded_at
            if self.signed.number[one.first.id]:
                kind, detail = UNMERGED, _("merge undone: counted as a separate person")
            elif one.first.recorded_at <= self.report.known_as_of:
                kind, detail = RULE_IN, _completed(_("completed on %(day)s"), *what)
            else:
                text = _("completed on %(day)s, recorded on %(recorded)s")
                kind, detail = RECORDED_LATE, _completed(text, *what)
            yield Adjustment(kind, 1, who.code, who.full_name, detail, after=after, person=who.pk)

    def _dropped(self, gone: list[Row]) -> Iterator[Adjustment]:
        """Signed people who no longer count: their completions are void, or were another's."""
        ids = defaultdict[int, list[int]](list)
        numbers = {one["number"] for one in gone}
        for row in self.report.counted_completions() if gone else ():
            if row["person"] in numbers:
                ids[row["person"]].append(row["id"])
        for one in gone:
            own = ids[one["number"]]
            reasons = [self.voids[pk] for pk in own if pk in self.voids]
            if reasons:
                kind, detail = VOIDED, _("completion voided: %(reason)s") % {"reason": reasons[0]}
            elif any(pk in self.still for pk in own):
                kind = UNMERGED
                detail = _("merge undone: the completion belongs to another person")
            else:
                kind, detail = RULE_OUT, _("no completion qualifies under the new rule")
            yield self._signed_person(one, kind, detail)

    def _remaining(self) -> Iterator[Adjustment]:
        """Of signed people who turned out to be one person, one stays."""
        moved: list[tuple[CountedPerson, Row]] = []
        signed = self.signed
        for now in self.differing:
            numbers = signed.numbers[now.person_id]
            stays = min(numbers, key=lambda one: (signed.person[one] != now.person_id, one))
            for one in numbers:
                if one != stays:
                    detail = _("same person as %(code)s") % {"code": self.rows[stays]["code"]}
                    yield self._signed_person(self.rows[one], MERGED, detail)
            if signed.first[stays] != now.first.id:
                moved.append((now, self.rows[stays]))
        credit = _credits([now.first.id for now, _stays in moved])
        text = _("counted since %(day)s because of another completion, recorded on %(recorded)s")
        for now, row in moved:
            after = credit[now.first.id]
            yield Adjustment(
                MOVED, 0, row["code"], row["full_name"],
                _completed(text, after.since, now.first.recorded_at),
                signed_credit(row), after, row["number"], now.person_id,
            )  # fmt: skip

    def _signed_person(self, one: Row, kind: str, detail: str) -> Adjustment:
        return Adjustment(
            kind, -1, one["code"], one["full_name"], detail,
            before=signed_credit(one), number=one["number"],
        )  # fmt: skip

    # Completions (lượt) -------------------------------------------------------------------

    def changes(self) -> Iterator[CompletionChange]:
        if self.lost:
            agencies = {row["slug"]: row["name"] for row in self.report.content["agencies"]}
            for row in self.report.counted_completions():
                if row["id"] not in self.still:
                    yield self._lost(row, self.rows[row["person"]], agencies[row["agency"]])
        people = _people([one.person_id for one in self.added])
        credit = _credits([one.id for one in self.added])
        for completion in self.added:
            late = completion.recorded_at > self.report.known_as_of
            text = _("completed on %(day)s, recorded on %(recorded)s")
            who = people[completion.person_id]
            yield CompletionChange(
                RECORDED_LATE if late else RULE_IN, 1, who.code, who.full_name,
                _completed(text, credit[completion.id].since, completion.recorded_at),
                credit[completion.id], person=who.pk,
            )  # fmt: skip

    def _lost(self, row: Row, who: Row, agency_name: str) -> CompletionChange:
        kind, detail = RULE_OUT, _("does not qualify under the new rule")
        if row["id"] in self.voids:
            kind = VOIDED
            detail = _("completion voided: %(reason)s") % {"reason": self.voids[row["id"]]}
        credit = Credit(
            row["completed_on"], row["agency"], agency_name, row["kind"], row["sector"], row["run"]
        )
        return CompletionChange(
            kind, -1, who["code"], who["full_name"], detail, credit, number=who["number"]
        )


def signed_credit(one: Row) -> Credit:
    words = ("since", "agency", "agency_name", "kind", "sector", "run")
    return Credit(**{word: one[word] for word in words})


def _people(ids: list[int]) -> dict[int, Trainee]:
    rows = Trainee.objects.defer("personal_number")  # slow to decrypt
    return {one.pk: one for one in rows.filter(pk__in=in_list(ids))} if ids else {}


def _credits(ids: list[int]) -> dict[int, Credit]:
    if not ids:
        return {}
    rows = Completion.objects.filter(pk__in=in_list(ids)).select_related("run", "sending_agency")
    return {one.pk: _credit(one) for one in rows}


def _credit(one: Completion) -> Credit:
    agency = one.sending_agency
    return Credit(
        one.completed_on.isoformat(), agency.slug, agency.name_vi, one.agency_kind, one.sector,
        one.run.code,
    )  # fmt: skip


def _completed(text: str, since: str, recorded_at: dt.datetime) -> str:
    recorded = formats.day(formats.local_day(recorded_at))
    return text % {"day": formats.day(dt.date.fromisoformat(since)), "recorded": recorded}
