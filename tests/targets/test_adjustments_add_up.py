"""Whatever happens after the signature: what was signed and its adjustments make today's figure."""

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common import clock
from enrollment.models import Completion
from people.models import Merge
from targets.progress.adjusting import adjustments
from tests.factories import make_agency, make_completion, make_course, make_run, make_trainee
from tests.targets.makers import make_rule, sign

PEOPLE, RUNS = 4, 3
people = st.integers(0, PEOPLE - 1)
deeds = st.lists(
    st.one_of(
        st.tuples(st.just("complete"), people, st.integers(0, RUNS - 1)),
        st.tuples(st.just("void"), people, st.integers(0, RUNS - 1)),
        st.tuples(st.just("merge"), people, people),
        st.tuples(st.just("undo"), people, st.just(0)),
    ),
    max_size=10,
)


class World:
    """Four people, three classes of 2024; deeds are recorded at the clock's present."""

    def __init__(self) -> None:
        course, agency = make_course(), make_agency()
        days = [dt.date(2024, 5 + n, 10) for n in range(RUNS)]
        self.runs = [make_run(course, starts_on=day, ends_on=day, sessions=0) for day in days]
        self.people = [make_trainee(agency) for _n in range(PEOPLE)]
        make_rule([course])

    def do(self, deed: str, first: int, second: int) -> None:
        person = self.people[first]
        standing = Completion.objects.standing().filter(trainee=person)
        merges = Merge.objects.filter(undone_at=None)
        if deed == "complete" and not standing.filter(run=self.runs[second]).exists():
            make_completion(person, self.runs[second], recorded_at=clock.now())
        elif deed == "void":
            standing.filter(run=self.runs[second]).update(voided_at=clock.now(), void_reason="x")
        elif deed == "merge":
            self.merge(first, second)
        elif deed == "undo":
            merges.filter(absorbed=person).update(undone_at=clock.now())

    def merge(self, survivor: int, absorbed: int) -> None:
        """Never in a circle: the younger row goes into the older one, each once."""
        if survivor < absorbed:
            kept, gone = self.people[survivor], self.people[absorbed]
            if not Merge.objects.filter(absorbed=gone, undone_at=None).exists():
                Merge.objects.create(
                    survivor=kept, absorbed=gone, recorded_by="test", recorded_at=clock.now()
                )


class AdjustmentsAddUp(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(before=deeds, after=deeds)
    def test_signed_and_adjusted_make_the_figure_of_today(self, before, after):
        world = World()
        for hour, deed in enumerate(before):
            with clock.set_to(dt.datetime(2024, 12, 1, hour, tzinfo=clock.HANOI)):
                world.do(*deed)
        report = sign()
        for hour, deed in enumerate(after):
            with clock.set_to(dt.datetime(2025, 2, 1, hour, tzinfo=clock.HANOI)):
                world.do(*deed)
        found = adjustments(report)
        assert found.report.persons + found.persons == found.now.persons
        assert all(one.detail and one.code for one in found.people)
