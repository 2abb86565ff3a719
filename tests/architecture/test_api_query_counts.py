"""A list of the API asks the database as often for 300 rows as for 10, on every page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from counting.counter import counted
from enrollment.models import Attendance
from tests.api.conftest import Visitor
from tests.api.world import World, make_world
from tests.architecture.world import (
    make_certificate,
    make_follow_ups,
    make_learning,
    make_quota,
    make_task,
)
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
)

# Queries of one page, who asks and for what they hold: token, roles, second factor of the
# office, own row and agencies acted for, rows.
COUNTS = {
    "office": {
        "agencies": 4, "courses": 4, "runs": 4, "sessions": 4, "trainees": 4, "enrollments": 4,
        "attendance": 4, "completions": 4, "certificates": 4, "indicators": 5,
        "successions": 5, "values": 4, "quotas": 18, "tasks": 8,
        "notifications": 4, "unit-marks": 4, "questions": 4, "tests": 4, "attempts": 4,
        "evaluations": 4, "evaluation-forms": 4, "follow-ups": 4, "examples": 4,
    },
    "coordinator": {
        "agencies": 3, "courses": 3, "runs": 3, "sessions": 3, "trainees": 7, "enrollments": 7,
        "attendance": 7, "completions": 7, "certificates": 7, "indicators": 4, "values": 6,
        "quotas": 20, "tasks": 10, "notifications": 3, "unit-marks": 7,
    },
    "trainee": {
        "agencies": 3, "courses": 3, "runs": 3, "sessions": 3, "trainees": 4, "enrollments": 4,
        "attendance": 4, "completions": 4, "certificates": 4, "indicators": 4, "calendars": 3,
        "unit-marks": 4, "attempts": 4, "follow-ups": 3, "examples": 3,
    },
}  # fmt: skip


def grow(world: World, rows: int, number: int) -> None:
    """As many more of everything."""
    for n in range(rows):
        make_agency()
        run = make_run(make_course(f"G{number}-{n}"), sessions=1)
        trainee = make_trainee(world.agency)
        place = make_enrollment(run, trainee)
        Attendance.objects.create(
            enrollment=place,
            session=run.sessions.get(),
            mark="present",
            evidence="trainers_mark",
            recorded_by="test",
        )
        completion = make_completion(trainee, run)
        make_certificate(completion, number=number + n)
        make_learning(place)
        make_follow_ups(completion)
        make_quota(make_agency(parent=world.agency))
        make_task(world.agency)
    counted()  # folds the completions in, which whoever asks first does for all


def asked(visitor: Visitor, resource: str, query: str = "") -> int:
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(f"{resource}/{query}").status_code == 200
    return len(queries)


@pytest.mark.parametrize("role", COUNTS)
def test_every_list_asks_the_same_number_of_queries_for_10_and_for_300_rows(db, role):
    world = make_world()
    visitor = Visitor(world.visitors[role])
    grow(world, 10, number=1_000)
    few = {resource: asked(visitor, resource) for resource in COUNTS[role]}
    grow(world, 290, number=2_000)
    many = {resource: asked(visitor, resource, "?page_size=200") for resource in COUNTS[role]}
    assert few == many == COUNTS[role]


def test_a_deep_page_asks_as_often_as_the_first(db):
    world = make_world()
    visitor = Visitor(world.visitors["office"])
    grow(world, 30, number=1_000)
    following = visitor.get("trainees/?page_size=10").json()["next"]
    deep = visitor.get(following).json()["next"]
    with CaptureQueriesContext(connection) as queries:
        visitor.get(deep)
    assert len(queries) == COUNTS["office"]["trainees"]
