"""Random histories: the counter against the definition, at any as-of and known-as-of."""

import datetime as dt
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from agencies.choices import Sector
from common import clock
from counting.cache import rebuild_cache
from counting.cache_check import EVER, difference_from
from counting.cached_count import CachedCount
from counting.counter import counted
from counting.explanation import explain
from counting.groups import UNRESOLVED, groups
from counting.replay import TRAINED_OFFICIALS, Count, GroupBy, replayed
from people.models import Trainee
from targets.models import PeriodReport
from targets.progress import milestones, reconcile
from targets.progress.adjustments import Adjustments, adjustments, by_the_rule_in_force
from targets.progress.signed_list import hash_of_list
from tests.counting.actions import MICROSECOND, MINIMUM_BY_DAY, Actions, a_person, any_of_them
from tests.counting.history import Completed, Signed


class Histories(Actions):
    """Questions between the actions."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[dt.date, dt.datetime, list[int]]] = []

    @precondition(lambda self: self.history.completed)
    @rule(
        event=any_of_them,
        days_later=st.one_of(st.integers(-1, 1), st.just(1000)),
        instant=any_of_them,
        later=st.sampled_from([-MICROSECOND, dt.timedelta(0), dt.timedelta(days=1)]),
        person=a_person,
    )
    def ask(
        self, event: int, days_later: int, instant: int, later: dt.timedelta, person: int
    ) -> None:
        """As of about the day of a completion, as known about the instant of an action, or now."""
        days = [one.completed_on for one in self.history.completed]
        as_of = days[event % len(days)] + dt.timedelta(days=days_later)
        instants = [*self.history.instants(), self.now]
        self._compare(as_of, instants[instant % len(instants)] + later, self.trainees[person])

    @rule(person=a_person)
    def ask_now(self, person: int) -> None:
        self._compare(self.now.date(), self.now, self.trainees[person])

    @rule()
    def rebuild_the_cache(self) -> None:
        rebuild_cache()

    @rule()
    def the_cache_is_what_a_replay_gives(self) -> None:
        answer = counted(EVER, known_as_of=self.now)
        assert isinstance(answer, CachedCount) or answer.rule is None
        if answer.rule:
            assert not difference_from(replayed(EVER, self.now, answer.rule, TRAINED_OFFICIALS))

    def _compare(self, as_of: dt.date, known: dt.datetime, trainee: Trainee) -> None:
        answer = counted(as_of, known_as_of=known)
        if known >= self.now:
            assert isinstance(answer, CachedCount) or answer.rule is None
        self._compare_with_the_replay(answer)
        people = self.history.people(as_of, known)
        found = {one.person_id: one.first.id for one in answer.people}
        assert found == {human: first.id for human, first in people.items()}
        assert answer.completions == len(self.history.qualifying(as_of, known))
        self._compare_groups(answer, people)
        self._compare_targets(answer)
        self._compare_explanation(answer, people, trainee)

    def _compare_with_the_replay(self, answer: Count) -> None:
        replay = replayed(answer.as_of, answer.known_as_of, answer.rule, TRAINED_OFFICIALS)
        assert answer.people == replay.people
        assert answer.completions == replay.completions
        for by in GroupBy:
            assert answer.parts(by) == replay.parts(by)
            assert groups(answer, by, as_it_is_today=True) == groups(
                replay, by, as_it_is_today=True
            )
        assert milestones(answer) == milestones(replay)

    @rule(days_ago=st.integers(-3, 200))
    def remember_an_answer(self, days_ago: int) -> None:
        as_of = self.now.date() - dt.timedelta(days=days_ago)
        answer = counted(as_of, known_as_of=self.now)
        self.answers.append((as_of, self.now, [one.person_id for one in answer.people]))
        self.now += MICROSECOND

    @precondition(lambda self: self.answers)
    @rule(which=any_of_them)
    def an_earlier_answer_comes_out_again(self, which: int) -> None:
        as_of, known, people = self.answers[which % len(self.answers)]
        again = counted(as_of, known_as_of=known)
        assert [one.person_id for one in again.people] == people

    @precondition(lambda self: self.history.signed)
    @rule(which=any_of_them)
    def what_was_signed_is_unchanged(self, which: int) -> None:
        record = self.history.signed[which % len(self.history.signed)]
        report = PeriodReport.objects.get(pk=record.id)
        assert (report.version, report.is_in_force) == (record.version, not record.is_open)
        assert {one["person"]: one["completion"] for one in report.names} == record.people
        assert {row["id"] for row in report.counted_completions()} == record.completions
        assert (report.persons, report.completions) == (
            len(record.people),
            len(record.completions),
        )
        assert report.names_sha256 == hash_of_list(report.names)
        with clock.set_to(self.now):
            self._compare_adjustments(adjustments(report), record)
            other = by_the_rule_in_force(report)
        in_force = self.history.rule(self.now)
        assert (other is None) == (in_force == record.rule)
        if other:
            assert other.persons == len(self.history.people(record.ends_on, self.now))

    def _compare_adjustments(self, found: Adjustments, record: Signed) -> None:
        now = self.history.people(record.ends_on, self.now, record.rule)
        signed = {self.history.human_behind(person, self.now) for person in record.people}
        codes = {trainee.pk: trainee.code for trainee in self.trainees}
        more = {one.code for one in found.people if one.persons > 0}
        assert more == {codes[human] for human in now.keys() - signed}
        less = sum(one.persons < 0 for one in found.people)
        assert less == len(record.people) - len(signed & now.keys())
        assert len(record.people) + found.persons == found.now.persons == len(now)
        assert all(one.detail and one.full_name for one in found.people)

    @rule()
    def every_difference_is_explained(self) -> None:
        with clock.set_to(self.now):
            assert reconcile().unexplained == []

    def _compare_groups(self, answer: Count, people: dict[int, Completed]) -> None:
        firsts = list(people.values())
        slugs = {agency.pk: agency.slug for agency in self.agencies}
        as_it_was = Counter(slugs[first.agency] for first in firsts)
        today = Counter(
            UNRESOLVED
            if (now := self.history.agency_today(first, answer.known_as_of)) is None
            else slugs[now]
            for first in firsts
        )
        months = Counter(first.completed_on.isoformat()[:7] for first in firsts)
        kinds = Counter(first.kind for first in firsts)
        courses = Counter(first.course for first in firsts)
        sectors = dict.fromkeys(map(str, Sector.values), 0) | Counter(
            first.sector for first in firsts
        )
        assert _persons(answer, GroupBy.AGENCY) == as_it_was
        assert _persons(answer, GroupBy.AGENCY, as_it_is_today=True) == today
        assert _persons(answer, GroupBy.MONTH) == months
        assert _persons(answer, GroupBy.KIND) == kinds
        assert _persons(answer, GroupBy.COURSE) == courses
        assert answer.by_sector == sectors

    def _compare_targets(self, answer: Count) -> None:
        known = answer.known_as_of
        for milestone in milestones(answer):
            day = min(answer.as_of, milestone.due_on)
            persons = len(self.history.people(day, known))
            reached = self.history.reached_on(milestone.minimum, answer.as_of, known)
            expected = (persons, persons >= MINIMUM_BY_DAY[milestone.due_on], reached)
            assert (milestone.persons, milestone.met, milestone.met_on) == expected

    def _compare_explanation(
        self, answer: Count, people: dict[int, Completed], trainee: Trainee
    ) -> None:
        explanation = explain(trainee.code, as_of=answer.as_of, known_as_of=answer.known_as_of)
        human = self.history.human_behind(trainee.pk, answer.known_as_of)
        first = people.get(human)
        assert explanation.person.pk == human
        assert (explanation.first and explanation.first.pk) == (first and first.id)
        assert bool(explanation.reasons) == (first is None)


def _persons(answer: Count, by: GroupBy, *, as_it_is_today: bool = False) -> dict[str, int]:
    """Persons by group, without groups that nobody was first counted in."""
    found = groups(answer, by, as_it_is_today=as_it_is_today)
    assert sum(group.completions for group in found) == answer.completions
    return {group.key: group.persons for group in found if group.persons}


def _play(*, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.both_engines
@pytest.mark.django_db
def test_any_history_counts_as_the_definition_says():
    _play(examples=100, steps=20)


@pytest.mark.full
@pytest.mark.both_engines
@pytest.mark.django_db
def test_ten_thousand_steps_of_history_count_as_the_definition_says():
    _play(examples=200, steps=50)
