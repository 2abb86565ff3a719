"""What a trainee sees recommended, why, and which class is open."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils.translation import override

from accounts.choices import Role
from common import clock
from competencies.services.recommendations import recommended_to
from courses.choices import RunState
from enrollment.choices import EnrollmentState
from people.models import Merge
from tests.competencies.factories import make_audience, need, teach
from tests.factories import (
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with override("en"), clock.set_to(TODAY):
        yield


@pytest.fixture
def leader():
    return make_trainee(position="Trưởng phòng", user=make_user(Role.TRAINEE))


def test_the_course_that_leads_least_far_beyond_the_level_is_recommended(leader):
    low, fitting, high = (make_course(f"K-{n}") for n in (1, 2, 3))
    for course, level in ((low, 1), (fitting, 2), (high, 3)):
        teach(course, level=level)
    make_audience(positions=["trưởng phòng"], competencies=need("A1", 2))
    (found,) = recommended_to(leader)
    assert found.course == fitting
    assert found.heading == "Audience: Nhóm. Your position: Trưởng phòng."
    assert found.reasons == ["A1 Using assistants, level 2 – Intermediate is missing"]
    make_completion(leader, make_run(high), completed_on=TODAY)
    assert recommended_to(leader) == []


def test_nobody_outside_the_audience_is_told_anything():
    make_audience(positions=["trưởng phòng"], courses=[make_course()])
    assert recommended_to(make_trainee(position="Chuyên viên")) == []


def test_the_first_class_with_a_seat_is_named(leader):
    course = make_course()
    make_audience(courses=[course])
    assert [one.run for one in recommended_to(leader)] == [None]
    make_run(course, state=RunState.DRAFT)
    make_run(course, capacity=1, seats_taken=1, starts_on=dt.date(2026, 3, 5))
    later = make_run(course, starts_on=dt.date(2026, 4, 5), ends_on=dt.date(2026, 4, 6))
    make_run(course, enrollment_opens_on=dt.date(2026, 3, 4))
    assert [one.run for one in recommended_to(leader)] == [later]


def test_what_somebody_is_enrolled_in_is_not_recommended(leader):
    course = make_course()
    make_audience(courses=[course])
    enrollment = make_enrollment(make_run(course), leader)
    assert recommended_to(leader) == []
    enrollment.state = EnrollmentState.WITHDRAWN
    enrollment.save()
    assert [one.course for one in recommended_to(leader)] == [course]


def test_a_prerequisite_comes_first(leader):
    course, before = make_course(title_en="Second"), make_course(title_en="First")
    course.prerequisites.add(before)
    make_audience(courses=[course])
    (found,) = recommended_to(leader)
    assert (found.course, found.reasons) == (before, ["needed before Second"])
    make_completion(leader, make_run(before), completed_on=TODAY)
    assert [one.course for one in recommended_to(leader)] == [course]


def test_a_course_no_longer_offered_is_not_recommended(leader):
    make_audience(courses=[make_course(is_offered=False)])
    assert recommended_to(leader) == []


def test_an_audience_no_longer_in_use_asks_nothing(leader):
    rule = make_audience(courses=[make_course()])
    rule.audience.is_in_use = False
    rule.audience.save()
    assert recommended_to(leader) == []


def test_a_merged_row_tells_what_the_person_lacks(leader):
    course = make_course()
    make_audience(courses=[course])
    person = make_trainee(position="Trưởng phòng")
    make_completion(person, make_run(course), completed_on=TODAY)
    Merge.objects.create(survivor=person, absorbed=leader, recorded_by="test")
    assert recommended_to(leader) == []


def test_the_home_page_of_a_trainee_says_what_is_next_and_why(client, leader):
    course = make_course(title_vi="Trợ lý ảo cho lãnh đạo")
    make_audience(positions=["trưởng phòng"], title_vi="Lãnh đạo", courses=[course])
    run = make_run(course, code="TLA-01")
    client.force_login(leader.user)
    page = client.get(reverse("my")).content.decode()
    assert "Trợ lý ảo cho lãnh đạo" in page
    assert "Chức vụ của ông/bà: Trưởng phòng" in page
    assert reverse("run", args=[run.code]) in page


def test_the_number_of_queries_does_not_grow(leader, django_assert_max_num_queries):
    for n in range(6):
        course = make_course()
        course.prerequisites.add(make_course())
        teach(course, ("A1", "A2")[n % 2])
        make_run(course)
        make_audience(f"g{n}", courses=[course], competencies=need("A1", 1))
    with django_assert_max_num_queries(18):
        recommended_to(leader)
