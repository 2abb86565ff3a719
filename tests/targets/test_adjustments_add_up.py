"""Whatever happens after the signature: what was signed and its adjustments make today's figure."""

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from agencies.choices import SuccessionKind
from agencies.models import Succession
from common import clock
from counting.counter import counted
from counting.models import CountingRule
from enrollment.models import Completion
from people.models import Merge
from targets.progress.adjustments import adjustments, by_the_rule_in_force
from tests.counting.makers import make_letter, make_rule, sign
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_succession,
    make_trainee,
)
from tests.targets.packs import pack_of, recompute
from tests.targets.slow_adjustments import slowly_adjusted

PEOPLE, RUNS, AGENCIES = 4, 3, 3
people = st.integers(0, PEOPLE - 1)
runs = st.integers(0, RUNS - 1)
agencies = st.integers(0, AGENCIES - 1)
actions = st.lists(
    st.one_of(
        st.tuples(st.just("complete"), people, runs),
        st.tuples(st.just("void"), people, runs),
        st.tuples(st.just("merge"), people, people),
        st.tuples(st.just("undo"), people, st.just(0)),
        st.tuples(st.just("succeed"), agencies, agencies),
        st.tuples(st.just("adopt"), st.integers(1, RUNS), agencies),
    ),
    max_size=10,
)


class World:
    """Four people of three agencies, three classes of 2024; the clock's present is on record."""

    def __init__(self) -> None:
        self.courses = [make_course() for _n in range(RUNS)]
        self.agencies = [make_agency() for _n in range(AGENCIES)]
        days = [dt.date(2024, 5 + n, 10) for n in range(RUNS)]
        self.runs = [
            make_run(course, starts_on=day, ends_on=day, sessions=0)
            for course, day in zip(self.courses, days, strict=True)
        ]
        self.people = [make_trainee(self.agencies[n % AGENCIES]) for n in range(PEOPLE)]
        make_rule(self.courses)

    def do(self, action: str, first: int, second: int) -> None:
        getattr(self, action)(first, second)

    def complete(self, person: int, run: int) -> None:
        if not self._valid_completions(person, run).exists():
            make_completion(self.people[person], self.runs[run], recorded_at=clock.now())

    def void(self, person: int, run: int) -> None:
        self._valid_completions(person, run).update(voided_at=clock.now(), void_reason="x")

    def _valid_completions(self, person: int, run: int) -> Any:
        valid = Completion.objects.not_voided()
        return valid.filter(trainee=self.people[person], run=self.runs[run])

    def merge(self, survivor: int, absorbed: int) -> None:
        """Never in a cycle: the younger row goes into the older one, each once."""
        if survivor < absorbed:
            older, younger = self.people[survivor], self.people[absorbed]
            if not Merge.objects.filter(absorbed=younger, undone_at=None).exists():
                Merge.objects.create(
                    survivor=older, absorbed=younger, recorded_by="test", recorded_at=clock.now()
                )

    def undo(self, person: int, _nothing: int) -> None:
        merges = Merge.objects.filter(undone_at=None, absorbed=self.people[person])
        merges.update(undone_at=clock.now())

    def succeed(self, before: int, after: int) -> None:
        """The younger agency goes into the older one, once."""
        old, new = self.agencies[before], self.agencies[after]
        if before > after and not Succession.objects.filter(links__predecessor=old).exists():
            kind = SuccessionKind.MERGER
            make_succession(old, new, on=clock.today(), kind=kind, recorded_at=clock.now())

    def adopt(self, courses: int, left_out: int) -> None:
        """The next version of the rule: fewer courses, and an agency left out."""
        make_rule(
            self.courses[:courses],
            on=clock.today(),
            agencies_left_out=self.agencies[:left_out],
            reason="decided so",
        )


class AdjustmentsAddUp(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(before=actions, after=actions)
    def test_signed_and_adjusted_make_the_figure_of_today(self, before, after):
        world = World()
        for hour, action in enumerate(before):
            with clock.set_to(dt.datetime(2024, 12, 1, hour, tzinfo=clock.HANOI)):
                world.do(*action)
        report = sign()
        for hour, action in enumerate(after):
            with clock.set_to(dt.datetime(2025, 2, 1, hour, tzinfo=clock.HANOI)):
                world.do(*action)
        found = adjustments(report)
        assert found.report.persons + found.persons == found.now.persons
        assert found.now.rule == report.rule
        assert all(one.detail and one.code for one in found.people)
        self.assert_nobody_is_missed(report, found)
        self.assert_agencies_and_rules_adjust_nobody(report, after)

    def assert_nobody_is_missed(self, report, found):
        """It keeps ids alone; it finds what reading every row finds."""
        run_of = {None: None} | dict(Completion.objects.values_list("pk", "run__code"))
        people, completions = slowly_adjusted(report)
        assert sorted(
            (one.kind, one.code, one.before and one.before.run, one.after and one.after.run)
            for one in found.people
        ) == sorted((kind, code, run_of[then], run_of[now]) for kind, code, then, now in people)
        assert sorted((one.kind, one.code, one.credit.run) for one in found.changes) == sorted(
            (kind, code, run_of[pk]) for kind, code, pk in completions
        )

    def assert_agencies_and_rules_adjust_nobody(self, report, after):
        newest = CountingRule.objects.latest("version")
        now = by_the_rule_in_force(report)
        assert (now is None) == (newest == report.rule)
        if now:
            assert now.persons == counted(report.ends_on, rule=newest).persons
        if {name for name, *_whom in after} <= {"succeed", "adopt"}:
            assert adjustments(report).people == ()


class TheBridgeAddsUp(TestCase):
    """From one signed figure to the next, whatever happened in between."""

    FIRST: dict[str, Any] = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 5, 31)}
    # June 10 lies in no period.
    SECOND: dict[str, Any] = {"starts_on": dt.date(2024, 6, 15), "ends_on": dt.date(2024, 12, 31)}

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(before=actions, after=actions)
    def test_the_last_figure_adjusted_and_new_people_make_the_figure(self, before, after):
        world = World()
        for hour, action in enumerate(before):
            with clock.set_to(dt.datetime(2024, 12, 1, hour, tzinfo=clock.HANOI)):
                world.do(*action)
        first = sign(**self.FIRST)
        for hour, action in enumerate(after):
            with clock.set_to(dt.datetime(2025, 2, 1, hour, tzinfo=clock.HANOI)):
                world.do(*action)
        day = dt.date(2025, 3, 1)
        second = sign(day, make_letter("03/BC-BTTTT", day), **self.SECOND)
        opening = second.content["opening"]
        self.assert_adds_up(opening["persons"], first.persons, second.persons)
        self.assert_adds_up(opening["completions"], first.completions, second.completions)
        self.assert_changes_are_named(second)
        self.assert_a_stranger_agrees(second)

    def assert_adds_up(self, bridge, signed, now):
        parts = [bridge[part] for part in ("opening", "adjusted", "between", "new")]
        assert (bridge["opening"], bridge["closing"], sum(parts)) == (signed, now, now)

    def assert_changes_are_named(self, report):
        opening, content = report.content["opening"], report.content
        people, completions = content["adjustments"], content["completion_changes"]
        assert sum(one["persons"] for one in people) == opening["persons"]["adjusted"]
        changed = sum(one["completions"] for one in completions)
        assert changed == opening["completions"]["adjusted"]
        for one in people:
            sides = {1: ("after",), -1: ("before",), 0: ("before", "after")}[one["persons"]]
            assert all(one[f"{side}_agency"] and one[f"{side}_since"] for side in sides)

    def assert_a_stranger_agrees(self, report):
        with tempfile.TemporaryDirectory() as folder:
            pack = pack_of(report, in_clear=True)
            found = recompute(pack, Path(folder), "--printed", report.pack_sha256)
        assert (found.returncode, found.stderr) == (0, "")
