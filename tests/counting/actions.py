"""Random actions: whatever can change the number, really done and recorded beside it."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from agencies.choices import AgencyKind, Sector, SuccessionKind
from agencies.models import Agency, Succession
from audit.services import PROGRAMME_OFFICE
from common import clock
from counting.models import RuleCourse
from counting.services import adopt_rule
from courses.models import Course, CourseRun
from enrollment.choices import Evidence
from enrollment.models import Completion, CompletionSplitAssignment
from people.models import Merge, Trainee
from people.services.merges import merge, undo_merge
from targets.errors import TargetError
from targets.models import PeriodReport
from targets.services.reports import reopen, sign_off
from tests.counting.history import (
    Adopted,
    Assigned,
    Completed,
    History,
    Merged,
    Succeeded,
)
from tests.counting.makers import make_indicator, make_letter
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_succession,
    make_trainee,
)

MICROSECOND = dt.timedelta(microseconds=1)
BEGINNING = dt.datetime(2024, 5, 1, 20, tzinfo=clock.HANOI)
MINIMUM_BY_DAY = {dt.date(2024, 6, 30): 2, dt.date(2024, 12, 31): 3}
KINDS = (
    AgencyKind.MINISTRY,
    AgencyKind.PROVINCE,
    AgencyKind.STATE_CORPORATION,
    AgencyKind.STATE_GROUP,
    AgencyKind.OTHER,
)
EVIDENCE = (Evidence.SIGNED_SHEET, Evidence.PAPER)
a_person = st.integers(0, 4)
an_agency = st.integers(0, len(KINDS) - 1)
any_of_them = st.integers(0, 1000)
Result = tuple[int, int, int, int, str]
some_results = st.lists(
    st.tuples(
        a_person,
        st.integers(0, 3),
        an_agency,
        st.one_of(st.integers(0, 3), st.integers(0, 300)),
        st.sampled_from(EVIDENCE),
    ),
    min_size=1,
    max_size=6,
)


@dataclass(frozen=True)
class Terms:
    courses: int = 2
    sectors: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    minimum_periods: int = 0
    left_out: int = 0
    counts_from: dt.date | None = None
    counts_to: dt.date | None = None


some_terms = st.builds(
    Terms,
    courses=st.integers(1, 2),
    sectors=st.sampled_from([[], [Sector.STATE_AGENCY], list(Sector.values)]),
    kinds=st.sampled_from([[], [], [AgencyKind.MINISTRY, AgencyKind.STATE_GROUP]]),
    evidence=st.sampled_from([[], [], [Evidence.SIGNED_SHEET]]),
    minimum_periods=st.sampled_from([0, 0, 16]),
    left_out=st.sampled_from([0, 0, 1]),
    counts_from=st.sampled_from([None, None, dt.date(2024, 4, 1)]),
    counts_to=st.sampled_from([None, None, dt.date(2024, 9, 30)]),
)


class Actions(RuleBasedStateMachine):
    """Everything that changes who counts, in random order on a clock that goes forward.

    What was done is also recorded in ``history``, as plain records.
    """

    def __init__(self) -> None:
        super().__init__()
        self.undone_at_the_end = transaction.atomic()
        self.undone_at_the_end.__enter__()
        self.now = BEGINNING
        self.history = History()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone_at_the_end.__exit__(None, None, None)

    @initialize(terms=st.one_of(st.just(Terms()), some_terms, st.none()), results=some_results)
    def people_and_places(self, terms: Terms | None, results: list[Result]) -> None:
        days = {f"d{day:%Y_%m_%d}": minimum for day, minimum in MINIMUM_BY_DAY.items()}
        make_indicator(**days)
        self.agencies: list[Agency] = [make_agency(kind=kind) for kind in KINDS]
        self.trainees: list[Trainee] = [make_trainee(self.agencies[0]) for _ in range(5)]
        self.courses: list[Course] = [make_course(periods=8), make_course(periods=24)]
        self.runs: list[CourseRun] = [
            make_run(course, sessions=0) for course in self.courses for _ in range(2)
        ]
        if terms:
            self.adopt(terms)
        self.complete(results)

    # Actions ----------------------------------------------------------------------------

    @rule(hours=st.one_of(st.integers(1, 30), st.integers(24, 1500)))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)

    @rule(results=some_results)
    def complete(self, results: list[Result]) -> None:
        for person, run, agency, days_ago, evidence in results:
            trainee, of_run, sender = self.trainees[person], self.runs[run], self.agencies[agency]
            if not Completion.objects.not_voided().filter(trainee=trainee, run=of_run).exists():
                row = make_completion(
                    trainee,
                    of_run,
                    completed_on=self.now.date() - dt.timedelta(days=days_ago),
                    sending_agency=sender,
                    evidence=evidence,
                    recorded_at=self.now,
                )
                self._remember(row, sender)

    def _remember(self, row: Completion, sender: Agency) -> None:
        self.history.completed.append(
            Completed(
                id=row.pk,
                trainee=row.trainee_id,
                course=row.course_code,
                periods=row.periods,
                evidence=row.evidence,
                agency=sender.pk,
                kind=sender.kind,
                sector=sender.sector,
                completed_on=row.completed_on,
                recorded_at=self.now,
            )
        )

    @precondition(lambda self: self.history.completed)
    @rule(several=st.lists(any_of_them, min_size=1, max_size=4))
    def void(self, several: list[int]) -> None:
        for which in several:
            record = self.history.completed[which % len(self.history.completed)]
            if record.voided_at is None:
                record.voided_at = self.now
                row = Completion.objects.filter(pk=record.id)
                row.update(voided_at=self.now, void_reason="entered by mistake")

    @rule(rows=st.lists(a_person, min_size=2, max_size=4, unique=True))
    def rows_are_one_person(self, rows: list[int]) -> None:
        for absorbed, survivor in pairwise(rows):
            one, other = self.trainees[survivor].pk, self.trainees[absorbed].pk
            last = self.history.human_behind(one, self.now)
            if last != other and self.history.human_behind(other, self.now) == other:
                self._merge(self.trainees[survivor], self.trainees[absorbed])

    def _merge(self, one: Trainee, other: Trainee) -> None:
        with clock.set_to(self.now):
            row = merge(by=PROGRAMME_OFFICE, survivor=one, absorbed=other)
        self.history.merged.append(Merged(row.pk, one.pk, other.pk, self.now))

    @precondition(lambda self: self.history.merged)
    @rule(which=any_of_them)
    def they_are_two_after_all(self, which: int) -> None:
        record = self.history.merged[which % len(self.history.merged)]
        if record.undone_at is None:
            record.undone_at = self.now
            with clock.set_to(self.now):
                undo_merge(by=PROGRAMME_OFFICE, merge=Merge.objects.get(pk=record.id))

    @rule(
        agencies=st.lists(an_agency, min_size=2, max_size=4, unique=True),
        kinds=st.tuples(*[st.sampled_from(SuccessionKind.values)] * 3),
        in_days=st.tuples(*[st.integers(-200, 40)] * 3),
    )
    def succeed(self, agencies: list[int], kinds: tuple[str], in_days: tuple[int]) -> None:
        chain = pairwise(self.agencies[index] for index in agencies)
        for (before, after), kind, days in zip(chain, kinds, in_days, strict=False):
            ended = {one.predecessor for one in self.history.succeeded if not one.voided_at}
            if before.pk not in ended:
                self._succeed(before, after, kind, self.now.date() + dt.timedelta(days=days))

    def _succeed(self, before: Agency, after: Agency, kind: str, on: dt.date) -> None:
        is_split = kind == SuccessionKind.SPLIT
        new_agencies = [after, *(one for one in self.agencies[:2] if one not in (before, after))]
        new_agencies = new_agencies if is_split else [after]
        row = make_succession(before, *new_agencies, on=on, kind=kind, recorded_at=self.now)
        ids = [successor.pk for successor in new_agencies]
        self.history.succeeded.append(Succeeded(row.pk, is_split, on, before.pk, ids, self.now))

    @precondition(lambda self: self.history.succeeded)
    @rule(which=any_of_them)
    def void_a_succession(self, which: int) -> None:
        record = self.history.succeeded[which % len(self.history.succeeded)]
        if record.voided_at is None:
            record.voided_at = self.now
            Succession.objects.filter(pk=record.id).update(voided_at=self.now)

    @precondition(lambda self: any(one.is_split for one in self.history.succeeded))
    @precondition(lambda self: self.history.completed)
    @rule(which=any_of_them, split=any_of_them, successor=any_of_them)
    def assign_after_a_split(self, which: int, split: int, successor: int) -> None:
        splits = [one for one in self.history.succeeded if one.is_split]
        succession = splits[split % len(splits)]
        completion = self.history.completed[which % len(self.history.completed)]
        chosen = succession.successors[successor % len(succession.successors)]
        assigned = {(one.completion, one.succession) for one in self.history.assigned}
        if (completion.id, succession.id) not in assigned:
            CompletionSplitAssignment.objects.create(
                completion_id=completion.id,
                succession_id=succession.id,
                agency_id=chosen,
                recorded_at=self.now,
                recorded_by="test",
            )
            record = Assigned(completion.id, succession.id, chosen, self.now)
            self.history.assigned.append(record)

    @rule(terms=some_terms)
    def adopt(self, terms: Terms) -> None:
        courses = self.courses[: terms.courses]
        left_out = self.agencies[: terms.left_out]
        with clock.set_to(self.now):
            adopted = adopt_rule(
                by=PROGRAMME_OFFICE,
                courses=[
                    RuleCourse(course=one, counts_from=terms.counts_from, counts_to=terms.counts_to)
                    for one in courses
                ],
                sectors=terms.sectors,
                kinds=terms.kinds,
                evidence_kinds=terms.evidence,
                minimum_periods=terms.minimum_periods,
                agencies_left_out=left_out,
                sentence_vi="Quy tắc.",
                sentence_en="A rule.",
                reason="decided so",
            )
        days = (terms.counts_from or dt.date.min, terms.counts_to or dt.date.max)
        self.history.adopted.append(
            Adopted(
                version=adopted.version,
                adopted_at=self.now,
                days_by_course={course.code: days for course in courses},
                sectors=terms.sectors,
                kinds=terms.kinds,
                evidence=terms.evidence,
                minimum_periods=terms.minimum_periods,
                left_out=[agency.pk for agency in left_out],
            )
        )

    @rule(days_ago=st.integers(1, 300), days=st.integers(0, 200))
    def sign(self, days_ago: int, days: int) -> None:
        ends_on = self.now.date() - dt.timedelta(days=days_ago)
        starts_on = ends_on - dt.timedelta(days=days)
        if refusal := self.history.refusal_to_sign(starts_on, ends_on, self.now):
            with pytest.raises(TargetError, check=lambda error: error.code == refusal):
                self._sign(starts_on, ends_on)
            return
        row = self._sign(starts_on, ends_on)
        self.history.sign(row.pk, starts_on, ends_on, self.now)
        self.now += MICROSECOND

    def _sign(self, starts_on: dt.date, ends_on: dt.date) -> PeriodReport:
        letter = make_letter(f"{PeriodReport.objects.count() + 1}/BC-BTTTT", self.now.date())
        with clock.set_to(self.now):
            return sign_off(
                by=PROGRAMME_OFFICE, starts_on=starts_on, ends_on=ends_on, letter=letter
            )

    @precondition(lambda self: self.history.reports_in_force())
    @rule(which=any_of_them)
    def open_a_period_again(self, which: int) -> None:
        reports = self.history.reports_in_force()
        record = reports[which % len(reports)]
        record.is_open = True
        with clock.set_to(self.now):
            report = PeriodReport.objects.get(pk=record.id)
            reopen(by=PROGRAMME_OFFICE, report=report, reason="a mistake")
