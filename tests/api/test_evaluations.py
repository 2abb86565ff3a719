"""Forms, the year's duty, follow-ups and examples through the API."""

import datetime as dt
from collections.abc import Callable

from accounts.choices import Role
from accounts.models import User
from audit.services import SYSTEM
from evaluations.models import FollowUp
from evaluations.services.follow_ups import decide_example
from tests.api.conftest import Visitor
from tests.architecture.world import make_follow_ups
from tests.evaluations.factories import ROWS, make_form
from tests.factories import make_completion, make_trainee, make_user


def test_a_form_is_read_with_its_items_and_levels_in_its_newest_version(office: Visitor) -> None:
    make_form()
    make_form()
    (form,) = office.get("evaluation-forms/").json()["results"]
    assert (form["slug"], form["version"]) == ("class", 2)
    found = office.get("evaluation-forms/class/").json()
    assert found["version"] == 2
    assert [one["kind"] for one in found["items"]] == [row.kind for row in ROWS]
    assert office.get("evaluation-forms/other/").status_code == 404


def test_the_year_is_told_against_the_duty(office: Visitor) -> None:
    make_form(yearly_share=20)
    found = office.get("evaluation-year/?year=2026").json()
    assert (found["year"], found["duty"], found["classes"], found["courses"]) == (2026, 20, 0, [])
    assert office.get("evaluation-year/?year=1").status_code == 400
    assert office.get("evaluation-year/").json()["year"] == dt.date.today().year


def test_follow_ups_are_read_by_whom_they_are_about_and_by_the_office(
    office: Visitor, api: Callable[[User | None], Visitor]
) -> None:
    person = make_user(Role.TRAINEE)
    make_follow_ups(make_completion(make_trainee(user=person)))
    make_follow_ups(make_completion(make_trainee()))
    assert len(office.keys("follow-ups/", "months")) == 4
    own = api(person).get("follow-ups/?example_state=submitted").json()["results"]
    assert [(one["months"], one["example"]) for one in own] == [(3, "Soạn thảo")]


def test_published_examples_are_read_without_the_people(
    office: Visitor, api: Callable[[User | None], Visitor]
) -> None:
    make_follow_ups(make_completion(make_trainee(full_name="Đặng Thị Ngọc Ánh")))
    reader = api(make_user(Role.TRAINEE))
    assert reader.keys("examples/", "title") == []
    decide_example(
        by=SYSTEM,
        follow_up=FollowUp.objects.get(months=3),
        state="published",
        public_title="Soạn công văn",
        public_text="Nhanh gấp đôi",
    )
    (example,) = reader.get("examples/").json()["results"]
    assert set(example) == {"course", "title", "text", "published_at"}
    assert "Ánh" not in str(example)
