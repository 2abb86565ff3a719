"""A new version of the rule leaves signed figures alone, and pages show what it counts."""

import pytest
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import SYSTEM
from targets.progress.adjustments import adjustments, by_the_rule_in_force
from tests.counting.makers import SIGNED_ON, YEAR, make_rule, sign
from tests.factories import make_completion, make_course, make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    """Two people were signed; by version 2 of the rule one of them counts."""
    courses = [make_course("AI-1"), make_course("AI-2")]
    make_rule(courses)
    for course in courses:
        make_completion(run=make_run(course, starts_on=YEAR["ends_on"], ends_on=YEAR["ends_on"]))
    report = sign()
    make_rule(courses[:1], on=SIGNED_ON, reason="decided so")
    return report


@pytest.fixture
def office(client):
    user = make_user("programme_office", language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return client


def page(client, route, *args):
    return client.get(reverse(route, args=args), headers={"accept-language": "en"}).content.decode()


def test_a_new_version_is_no_adjustment(report):
    assert adjustments(report).people == ()
    assert adjustments(report).now.persons == report.persons == 2


def test_the_rule_in_force_counts_its_own_people_of_the_signed_day(report):
    now = by_the_rule_in_force(report)
    assert now
    assert now.rule
    assert (now.rule.version, now.as_of, now.persons) == (2, report.ends_on, 1)


def test_under_the_same_rule_there_is_no_second_figure():
    make_rule([make_course("AI-1")])
    assert by_the_rule_in_force(sign()) is None


def test_the_report_says_what_the_rule_in_force_counts(office, report):
    text = page(office, "report", report.code)
    assert "under the current version 2 the figure as of 31/12/2024 is 1." in text


def test_the_board_says_what_the_rule_in_force_counts(office, report):
    text = page(office, "my")
    assert "Under the current rule, version 2, the figure for that day is 1." in text
