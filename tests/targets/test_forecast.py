"""The forecast, compared with histories whose future is plain."""

import datetime as dt

import pytest
from django.utils import translation

from common import clock
from counting.counter import counted
from targets.progress.forecast import Forecast, Quarter, forecast
from tests.counting.makers import make_indicator, make_rule
from tests.factories import make_completion, make_course, make_run, make_trainee

TODAY = dt.date(2026, 10, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def course():
    course = make_course("AI-1")
    make_indicator(d2030_12_31=20)
    make_rule([course])
    return course


def train(course, first: Quarter, *news: int, seats=10) -> None:
    """So many newly counted people in each quarter from the first on, a class in each."""
    quarter = first
    for new in news:
        day = quarter.first + dt.timedelta(days=30)
        run = make_run(course, starts_on=day, ends_on=day, capacity=seats)
        for _n in range(new):
            make_completion(make_trainee(), run)
        quarter = quarter.next


def of_target() -> Forecast:
    return forecast(counted(), make_indicator().targets.get())


def test_quarters_follow_each_other():
    quarter = Quarter.of(dt.date(2026, 12, 31))
    assert (quarter.first, quarter.last) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert quarter.next.label == "Quý I/2027"
    with translation.override("en"):
        assert quarter.next.label == "Q1/2027"


def test_a_steady_pace_reaches_the_target_when_it_must(course):
    train(course, Quarter.of(dt.date(2025, 1, 1)), *[2] * 7)
    found = of_target()
    assert (found.pace, found.error, found.missing) == (2, 0, 6)
    # Six are missing, two come in each quarter: at the end of the third from today.
    assert found.reached_on == found.earliest == found.latest == dt.date(2027, 6, 30)


def test_the_range_is_as_wide_as_the_method_was_off(course):
    train(course, Quarter.of(dt.date(2024, 10, 1)), 1, 2, 2, 2, 2, 4, 0, 2)
    found = of_target()
    assert [(test.forecast, test.actual) for test in found.tests] == [(2, 4), (2.5, 0), (2, 2)]
    assert found.error == pytest.approx(4.5 / 6.5)
    days = [found.earliest, found.reached_on, found.latest]
    assert len(set(days)) == 3
    assert days == sorted(filter(None, days))


def test_the_error_printed_is_that_of_the_method_seats_and_all(course):
    train(course, Quarter.of(dt.date(2025, 4, 1)), 1, 2, 2, 2, 2, 4)
    day = dt.date(2026, 8, 3)
    make_run(course, starts_on=day, ends_on=day, capacity=10)
    (test,) = of_target().tests
    # Four quarters brought 8 people on 40 seats; 20 seats bring 4, twice the pace.
    assert (test.quarter.label, test.forecast, test.actual) == ("Quý III/2026", 4, 4)


def test_a_class_that_stayed_a_draft_never_took_place(course):
    train(course, Quarter.of(dt.date(2025, 4, 1)), 1, 2, 2, 2, 2, 2)
    for day in (dt.date(2026, 8, 3), dt.date(2026, 11, 2)):
        make_run(course, starts_on=day, ends_on=day, capacity=20, state="draft")
    found = of_target()
    assert [test.forecast for test in found.tests] == [2]
    assert (found.gain, found.ahead[0].expected) == (8 / 40, 4)


def test_planned_classes_bring_what_their_seats_usually_bring(course):
    train(course, Quarter.of(dt.date(2025, 7, 1)), 1, 2, 2, 2, 2)
    day = dt.date(2027, 2, 1)
    make_run(course, starts_on=day, ends_on=day, capacity=40)
    found = of_target()
    assert found.gain == pytest.approx(8 / 40)
    planned = found.ahead[1]
    assert (planned.quarter.label, planned.runs, planned.seats) == ("Quý I/2027", 1, 40)
    assert planned.expected == pytest.approx(8)


def test_seats_and_classes_follow_from_what_is_missing(course):
    train(course, Quarter.of(dt.date(2025, 7, 1)), 1, 2, 2, 2, 2)
    found = of_target()
    assert found.missing == 11
    assert (found.people_per_quarter, found.seats_per_quarter, found.runs_per_quarter) == (1, 5, 1)


def test_without_a_past_there_is_no_forecast(course):
    found = of_target()
    assert (found.reached_on, found.error, found.tests) == (None, None, ())


def test_a_target_that_is_met_was_reached(course):
    train(course, Quarter.of(dt.date(2026, 4, 1)), 12, 9, seats=20)
    assert of_target().reached_on == TODAY
