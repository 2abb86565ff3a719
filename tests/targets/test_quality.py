"""The figures about the quality of the number, each counted by hand."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from counting.counter import counted
from courses.models import Course
from people.models import Trainee
from people.services.merges import list_candidates, merge, settle_pair
from targets.progress.quality import quality
from tests.counting.makers import make_rule
from tests.factories import make_completion, make_course, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    course = make_course(periods=16)
    make_rule([course])
    return course


def trained(course: Course, **fields: Any) -> Trainee:
    person: Trainee = make_completion(run=make_run(course), **fields).trainee
    return person


def figures(part: str) -> dict[str, tuple[int | None, int | None]]:
    """Key → (people, completions)."""
    return {one.key: (one.persons, one.completions) for one in getattr(quality(counted()), part)}


def test_people_in_open_pairs_and_the_number_if_all_were_one(course: Course) -> None:
    one, other, third, alone = (trained(course) for _ in range(4))
    stranger = make_trainee()  # not counted: the number would not change
    pairs = [(one.pk, other.pk), (other.pk, third.pk), (alone.pk, stranger.pk)]
    list_candidates(by=OFFICE, pairs=pairs)
    assert figures("doubles") == {"in_open_pairs": (3, None), "if_all_were_one": (2, None)}


def test_a_settled_or_merged_pair_is_no_possible_double(course: Course) -> None:
    one, other, third, fourth = (trained(course) for _ in range(4))
    list_candidates(by=OFFICE, pairs=[(one.pk, other.pk), (third.pk, fourth.pk)])
    settle_pair(by=OFFICE, one=one, other=other, state="different")
    before = clock.now()
    merge(by=OFFICE, survivor=third, absorbed=fourth)
    assert figures("doubles") == {"in_open_pairs": (0, None), "if_all_were_one": (3, None)}
    then = {one.key: one.persons for one in quality(counted(known_as_of=before)).doubles}
    assert then == {"in_open_pairs": 2, "if_all_were_one": 3}


def test_kinds_of_evidence_add_up_to_people_and_completions(course: Course) -> None:
    person = trained(course, evidence="signed_sheet")
    later = make_run(course, starts_on=dt.date(2026, 5, 4), ends_on=dt.date(2026, 5, 5))
    make_completion(person, later, evidence="paper")
    trained(course, evidence="paper")
    found = figures("evidence")
    assert (found["signed_sheet"], found["paper"]) == ((1, 1), (1, 2))
    count = counted()
    assert sum(people or 0 for people, _completions in found.values()) == count.persons
    assert sum(completions or 0 for _people, completions in found.values()) == count.completions


def test_a_minimum_of_periods_counts_whoever_has_one_such_course(course: Course) -> None:
    person = trained(course, periods=8)
    make_completion(person, make_run(course), periods=24)
    trained(course, periods=16)
    assert figures("minimum_periods") == {"8": (2, 3), "16": (2, 2), "24": (1, 1), "40": (0, 0)}


def test_other_days_late_records_and_missing_numbers_are_counted(course: Course) -> None:
    run = make_run(course)
    make_completion(run=run, completed_on=dt.date(2026, 3, 9))
    late = clock.end_of_day(run.ends_on) + dt.timedelta(days=40)
    make_completion(run=run, recorded_at=late)
    make_completion(make_trainee(personal_number="001085000017"), run)
    found = figures("cautions")
    assert found["outside_class_days"] == (1, 1)
    assert found["late"] == (1, 1)
    assert found["without_number"] == (2, None)


def test_page_and_api_show_the_same_figures_and_a_wrong_day_none(
    client: Client, course: Course
) -> None:
    trained(course, evidence="paper")
    auditor = make_user("auditor")
    create_second_factor(by=OFFICE, user=auditor)
    client.force_login(auditor)
    page = client.get(reverse("quality"))
    assert page.context["parts"] == quality(counted()).parts
    for wrong in ({"as_of": "31/02/2026"}, {"known_as_of": "2999-01-01"}):
        answer = client.get(reverse("quality"), wrong)
        assert (answer.status_code, "parts" in answer.context) == (400, False)
