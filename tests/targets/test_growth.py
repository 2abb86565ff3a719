"""The picture of the number by quarter: the same figures as the counter's, drawn and in a table."""

import datetime as dt

import pytest
from django.urls import reverse

from common import clock
from common.charts import Point
from counting.counter import counted
from targets.progress import milestones
from targets.progress.growth import growth_by_quarter, target_line
from tests.counting.makers import make_indicator, make_rule
from tests.factories import make_completion, make_course, make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def course():
    """One person in June 2024, two in December; targets for 2024 and 2025."""
    course = make_course("AI-1")
    make_rule([course])
    make_indicator(d2024_12_31=2, d2025_12_31=10)
    for day in (dt.date(2024, 6, 10), dt.date(2024, 12, 1), dt.date(2024, 12, 2)):
        make_completion(run=make_run(course, starts_on=day, ends_on=day))
    return course


def growth(as_of):
    count = counted(as_of)
    line = target_line(count, milestones(count))
    return [
        (one.quarter.first.month, one.new, one.total, one.needed)
        for one in growth_by_quarter(count, line)
    ]


def test_each_quarter_adds_up_to_the_number_of_its_last_day(course):
    with clock.set_to(dt.date(2026, 2, 1)):
        assert growth(dt.date(2025, 2, 1)) == [
            (4, 1, 1, 1),
            (7, 0, 1, 1),
            (10, 2, 3, 2),
            (1, 0, 3, 3),
        ]
        for day in (dt.date(2024, 6, 30), dt.date(2024, 9, 30), dt.date(2024, 12, 31)):
            assert growth(day)[-1][2] == counted(day).persons


def test_the_line_leads_evenly_from_nobody_to_each_target(course):
    with clock.set_to(dt.date(2026, 2, 1)):
        count = counted()
        line = target_line(count, milestones(count))
        assert line == [
            Point(dt.date(2024, 4, 1), 0),
            Point(dt.date(2024, 12, 31), 2),
            Point(dt.date(2025, 12, 31), 10),
        ]
        # After the last target nothing more is asked for.
        assert growth(dt.date(2026, 1, 31))[-1] == (1, 0, 3, None)


def test_the_page_draws_it_with_its_table_for_the_day_and_belief_asked_for(course, client):
    client.force_login(make_user("trainee"))
    with clock.set_to(dt.date(2026, 2, 1)):
        page = client.get(reverse("number"), {"as_of": "2024-12-31"})
        assert page.context["growth"]["rows"][0] == ("Quý IV/2024", "2", "3", "2", "+1")
        assert 'class="chart-plan"' in page.content.decode()
        before = client.get(reverse("number"), {"as_of": "2024-06-09"})
        assert before.context["growth"] == {}
