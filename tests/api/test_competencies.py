"""Frameworks, what courses teach, and audiences through the API."""

import datetime as dt
from collections.abc import Callable

from accounts.models import User
from common import clock
from tests.api.conftest import Visitor
from tests.competencies.factories import make_audience, make_framework, teach
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_run,
    make_trainee,
)


def test_frameworks_and_what_courses_teach_are_read(office: Visitor) -> None:
    teach(make_course("K-1"), "A2", 3)
    make_framework(is_adopted=False)
    found = office.get("competency-frameworks/").json()["results"]
    assert [(one["version"], bool(one["adopted_at"])) for one in found] == [(1, True), (2, False)]
    (taught,) = office.get("course-competencies/?course=K-1").json()["results"]
    assert (taught["framework"], taught["competency"], taught["level"]) == ("ai", "A2", 3)


def test_who_is_not_yet_trained_is_told_of_the_own_agency_alone(
    office: Visitor, api: Callable[[User | None], Visitor]
) -> None:
    own, other = make_agency("bo-mot"), make_agency("bo-hai")
    course = make_course("K-1")
    make_audience("staff", courses=[course])
    make_completion(make_trainee(own), make_run(course))
    person = make_trainee(own)
    make_trainee(other)
    seen = api(make_coordinator(own))
    found = seen.get("audiences/staff/untrained/").json()
    part = {"agency": "bo-mot", "members": 2, "trained": 1, "untrained": 1}
    assert (found["agencies"], found["requirements"]) == ([part], [str(course)])
    (named,) = seen.get("trainees/?untrained=staff").json()["results"]
    assert named["code"] == person.code
    assert len(office.get("audiences/staff/untrained/").json()["agencies"]) == 2
    yesterday = clock.today() - dt.timedelta(days=1)
    assert office.get(f"audiences/staff/untrained/?as_of={yesterday}").status_code == 404
    assert office.get("audiences/nobody/untrained/").status_code == 404
