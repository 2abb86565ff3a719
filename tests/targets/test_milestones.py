"""Targets: met, missed, reached late."""

import datetime as dt

import pytest

from counting.counter import counted
from targets.progress import milestones
from tests.counting.makers import make_indicator, make_rule
from tests.factories import make_completion, make_course, make_run

pytestmark = pytest.mark.django_db

DUE = dt.date(2024, 12, 31)


@pytest.fixture
def run():
    run = make_run(make_course(), sessions=0)
    make_rule([run.course])
    return run


def on(run, *days):
    for day in days:
        make_completion(run=run, completed_on=day)


def stand(as_of):
    return [(m.minimum, m.persons, m.met, m.met_on) for m in milestones(counted(as_of))]


def test_a_target_is_met_on_the_day_of_the_last_person_that_it_wanted(run):
    make_indicator(d2024_12_31=2)
    on(run, dt.date(2024, 6, 1), dt.date(2024, 7, 1), dt.date(2024, 8, 1))
    assert stand(DUE) == [(2, 3, True, dt.date(2024, 7, 1))]


def test_a_target_is_not_met_before_its_last_person(run):
    make_indicator(d2024_12_31=2)
    on(run, dt.date(2024, 6, 1), dt.date(2024, 7, 1))
    assert stand(dt.date(2024, 6, 30)) == [(2, 1, False, None)]


def test_a_target_reached_late_is_not_met_but_says_when_it_was_reached(run):
    make_indicator(d2024_12_31=2)
    on(run, dt.date(2024, 6, 1), dt.date(2025, 3, 1))
    assert stand(dt.date(2026, 1, 1)) == [(2, 1, False, dt.date(2025, 3, 1))]
    assert stand(dt.date(2025, 2, 1)) == [(2, 1, False, None)]


def test_people_after_the_due_day_count_for_the_next_target_only(run):
    make_indicator(d2030_12_31=3, d2024_12_31=1)
    on(run, dt.date(2024, 6, 1), dt.date(2025, 3, 1))
    assert stand(dt.date(2026, 1, 1)) == [
        (1, 1, True, dt.date(2024, 6, 1)),
        (3, 2, False, None),
    ]
