"""The forecast, compared with histories whose future is plain."""

import datetime as dt
import json
import random

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from bench import forecast as bench
from common import clock
from counting.counter import counted
from targets.models import QuarterSnapshot
from targets.progress.forecast import Forecast, forecast
from targets.progress.quarters import Quarter
from targets.progress.ranges import back_test, ranges
from targets.progress.snapshots import snapshot_quarters
from tests.counting.makers import make_indicator, make_rule
from tests.factories import (
    make_completion,
    make_course,
    make_run,
    make_trainee,
    make_user,
)

TODAY = dt.date(2026, 10, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today():
    with clock.set_to(TODAY):
        yield


@pytest.fixture
def course():
    course = make_course("AI-1")
    make_indicator(d2030_12_31=40)
    make_rule([course])
    return course


def train(course, first: Quarter, *news: int, seats=10, **fields) -> None:
    """So many newly counted people in each quarter from the first on, a class in each."""
    quarter = first
    for new in news:
        day = quarter.first + dt.timedelta(days=30)
        run = make_run(course, starts_on=day, ends_on=day, capacity=seats)
        for _n in range(new):
            make_completion(make_trainee(), run, **fields)
        quarter = quarter.next


def of_target(day: dt.date = TODAY) -> Forecast:
    return forecast(counted(day, known_as_of=day), make_indicator().targets.get())


@pytest.fixture
def office_client(client):
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_quarters_follow_each_other():
    quarter = Quarter.of(dt.date(2026, 12, 31))
    assert (quarter.first, quarter.last) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert quarter.next.previous == quarter
    assert quarter.next.label == "Quý I/2027"
    with translation.override("en"):
        assert quarter.next.label == "Q1/2027"


def test_a_steady_pace_reaches_the_target_when_it_must(course):
    train(course, Quarter.of(dt.date(2024, 7, 1)), 1, *[4] * 8)
    found = of_target()
    assert (found.pace, found.missing) == (4, 7)
    # Seven are missing, four come in each quarter: near the end of the second from today.
    assert found.reached_on == dt.date(2027, 3, 9)
    assert found.earliest
    assert found.latest
    assert found.earliest < found.reached_on < found.latest


def test_ranges_hold_the_truth_of_eighty_to_ninety_five_in_a_hundred_past_questions():
    held = [
        question.held
        for _name, news in bench.histories(random.Random(16), 4)
        for late in (1.0, 0.7, 0.4)
        for question in back_test(list(bench.known(random.Random(16), news, late)))
    ]
    assert len(held) > 5_000
    assert 0.80 <= sum(held) / len(held) <= 0.95


@given(st.lists(st.integers(0, 60), min_size=6, max_size=20), st.data())
def test_what_becomes_known_later_changes_no_past_forecast(news, data):
    known = [tuple(news[:end]) for end in range(1, len(news) + 1)]
    later = [*known, tuple(data.draw(st.lists(st.integers(0, 60), min_size=20, max_size=20)))]
    before = {(one.origin, one.ahead): one.range for one in back_test(known)}
    after = {(one.origin, one.ahead): one.range for one in back_test(later)}
    assert before.items() <= after.items()


@given(st.lists(st.integers(0, 60), min_size=6, max_size=20))
def test_a_range_lies_around_what_is_expected_and_never_below_none(news):
    for one in ranges([tuple(news)], 8):
        assert 0 <= one.low <= one.expected <= one.high


def test_the_forecast_of_a_past_day_is_the_one_made_on_that_day(course):
    train(course, Quarter.of(dt.date(2024, 1, 1)), 1, 3, 5, 2, 6, 4)
    day = dt.date(2025, 7, 1)
    with clock.set_to(day):
        then = of_target(day)
    QuarterSnapshot.objects.all().delete()
    # Entered a year later, of classes that were over by then.
    train(course, Quarter.of(dt.date(2025, 1, 1)), 9, recorded_at=clock.start_of_day(TODAY))
    again = of_target(day)
    assert then.ahead
    assert (again.ahead, again.reached_on, again.tried) == (
        then.ahead,
        then.reached_on,
        then.tried,
    )


def test_people_entered_late_are_tested_as_they_were_known_then(course):
    train(course, Quarter.of(dt.date(2024, 1, 1)), 1, *[3] * 9)
    train(course, Quarter.of(dt.date(2026, 7, 1)), 3, recorded_at=clock.start_of_day(TODAY))
    known_by_then = [one for one in of_target().tried if one.quarter.last == dt.date(2026, 9, 30)]
    assert known_by_then
    assert all(one.truth == 31 for one in known_by_then)


@pytest.mark.both_engines
def test_what_was_known_at_a_quarters_end_is_counted_once(course):
    train(course, Quarter.of(dt.date(2024, 7, 1)), 1, *[2] * 8)
    assert (snapshot_quarters(), snapshot_quarters()) == (8, 0)
    QuarterSnapshot.objects.update(new_by_quarter={})
    assert of_target().tried == ()


def test_planned_classes_are_shown_and_change_no_range(course):
    train(course, Quarter.of(dt.date(2024, 7, 1)), 1, *[2] * 8)
    before = of_target()
    day = dt.date(2027, 2, 1)
    make_run(course, starts_on=day, ends_on=day, capacity=40)
    planned = of_target().ahead[1]
    assert (planned.quarter.label, planned.runs, planned.seats) == ("Quý I/2027", 1, 40)
    assert planned.total == before.ahead[1].total


def test_a_class_that_stayed_a_draft_never_took_place(course):
    train(course, Quarter.of(dt.date(2025, 7, 1)), 1, 2, 2, 2, 2)
    for day in (dt.date(2026, 8, 3), dt.date(2026, 11, 2)):
        make_run(course, starts_on=day, ends_on=day, capacity=20, state="draft")
    found = of_target()
    assert (found.gain, found.ahead[0].seats) == (8 / 40, 20)


def test_seats_and_classes_follow_from_what_is_missing(course):
    train(course, Quarter.of(dt.date(2025, 7, 1)), 1, 2, 2, 2, 2)
    found = of_target()
    assert found.missing == 31
    assert (found.people_per_quarter, found.seats_per_quarter, found.runs_per_quarter) == (2, 10, 1)


def test_no_class_of_one_seat_is_ever_asked_for(course, office_client):
    assert of_target().runs_per_quarter is None
    train(course, Quarter.of(dt.date(2025, 7, 1)), 1, 1, 1, 1, 1, seats=1)
    found = of_target()
    assert (found.seats_per_quarter, found.runs_per_quarter) == (3, None)
    assert "<dt>classes per quarter" not in office_client.get(reverse("forecast")).content.decode()


@pytest.mark.parametrize("whole_quarters", [0, 1, 3])
def test_under_four_whole_quarters_there_is_not_enough_data(course, office_client, whole_quarters):
    news = [2] * (whole_quarters + 1)
    first = Quarter.of(TODAY)
    for _one in news:
        first = first.previous
    train(course, first, *news)
    found = of_target()
    assert (found.is_enough, found.reached_on, found.ahead) == (False, None, ())
    page = office_client.get(reverse("forecast")).content.decode()
    assert "Not enough data for a forecast" in page
    for never in (
        "<dt>classes per quarter",
        "<dt>seats per quarter",
        "20 years",
        "behind schedule",
        "on track",
    ):
        assert never not in page


def test_without_any_completion_there_is_no_forecast(course):
    found = of_target()
    assert (found.is_enough, found.tried, found.quarters) == (False, (), -1)
    assert found.first_possible.first == dt.date(2028, 1, 1)


def test_four_whole_quarters_suffice(course, office_client):
    train(course, Quarter.of(dt.date(2025, 7, 1)), 1, 2, 2, 2, 2)
    assert of_target().is_enough
    assert "Coming quarters" in office_client.get(reverse("forecast")).content.decode()


def test_a_target_that_is_met_was_reached(course):
    train(course, Quarter.of(dt.date(2025, 7, 1)), 30, 2, 2, 3, 4, seats=40)
    assert of_target().reached_on == TODAY


def test_the_page_states_the_share_of_past_questions_and_their_number(course, office_client):
    train(course, Quarter.of(dt.date(2024, 1, 1)), 1, *[3] * 10)
    found = of_target()
    page = office_client.get(reverse("forecast")).content.decode()
    assert f"contained the actual result in {found.held} of {len(found.tried)}" in " ".join(
        page.split()
    )
    assert page.count('class="chart-fan"') == 2


def test_the_command_says_what_the_page_says(course, capsys):
    train(course, Quarter.of(dt.date(2024, 1, 1)), 1, *[3] * 10)
    call_command("forecast", "--json")
    answer = json.loads(capsys.readouterr().out)
    found = of_target()
    assert (answer["held"], answer["questions"]) == (found.held, len(found.tried))
    assert answer["reached_on"] == str(found.reached_on)
    with translation.override("en"):
        call_command("forecast")
    assert f"{found.held} of {len(found.tried)} past" in capsys.readouterr().out
