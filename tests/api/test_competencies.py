"""Frameworks, what courses teach, and audiences through the API."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts.models import User
from common import clock
from competencies.models import Audience, AudienceRule
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


LEADERS = {
    "slug": "leaders",
    "title_vi": "Lãnh đạo",
    "positions": ["vụ trưởng", "cục trưởng"],
    "agency_kinds": ["ministry"],
    "courses": ["K-1"],
}


def import_of(office: Visitor, *audiences: dict[str, Any]) -> tuple[int, Any]:
    answer = office.post("audiences/import/", {"audiences": audiences})
    return answer.status_code, answer.json()


def test_audiences_are_entered_changed_or_left_as_they_are(office: Visitor) -> None:
    make_course("K-1")
    specialists = {"slug": "specialists", "title_vi": "Chuyên viên", "courses": ["K-1"]}
    entered = import_of(office, LEADERS, specialists)
    assert entered == (200, {"entered": 2, "changed": 0, "unchanged": 0})
    changed = import_of(office, LEADERS | {"title_en": "Leaders"}, specialists)
    assert changed == (200, {"entered": 0, "changed": 1, "unchanged": 1})
    rule = AudienceRule.objects.get(audience__slug="leaders")
    assert (rule.positions, rule.agency_kinds) == (["vụ trưởng", "cục trưởng"], ["ministry"])


def test_one_wrong_row_enters_no_audience_and_is_named(office: Visitor) -> None:
    make_course("K-1")
    status, answer = import_of(office, LEADERS, LEADERS | {"slug": "new", "courses": ["K-2"]})
    assert status == 400
    first, second = answer["fields"]["audiences"]
    assert first.startswith("Dòng 2, cột “slug”: “new”")
    assert second.startswith("Dòng 2, cột “courses”: không có khóa học “K-2”")
    assert not Audience.objects.exists()


def test_an_import_of_audiences_says_which_field_it_does_not_know(office: Visitor) -> None:
    status, answer = import_of(office, LEADERS | {"position": ["x"]})
    assert (status, *answer["fields"]) == (400, "audiences.0.position")
