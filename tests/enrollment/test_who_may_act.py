"""Seeing an enrollment does not allow acting on it."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts.choices import Role
from accounts.models import RoleGrant, User
from common import clock
from courses.models import CourseRun, RunTrainer
from enrollment.models import Enrollment
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_succession,
    make_trainee,
)

pytestmark = pytest.mark.django_db
FAR: dict[str, Any] = {"starts_on": dt.date(2099, 1, 1), "ends_on": dt.date(2099, 1, 2)}
ACTIONS = ("approve/", "reject/", "withdraw/", "replace/")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def enrollment() -> Enrollment:
    """A nominee of a ministry that was merged away, waiting for an approval."""
    old = make_agency(valid_to=dt.date(2025, 2, 28))
    make_succession(old, make_agency(), on=dt.date(2025, 3, 1))
    run = make_run(make_course(approval="agency"), **FAR)
    return make_enrollment(run, make_trainee(old), state="requested")


def answer(user: User, enrollment: Enrollment, action: str) -> int:
    path = f"/runs/{enrollment.run.code}/enrollments/{enrollment.pk}/{action}"
    return signed_in(user).post(path, {"reason": "Bận việc"}).status_code


@pytest.mark.parametrize("action", ACTIONS)
def test_the_coordinator_of_a_merged_agency_can_only_look(enrollment, action) -> None:
    before = make_coordinator(enrollment.sending_agency)
    assert answer(before, enrollment, action) == 403
    enrollment.refresh_from_db()
    assert enrollment.state == "requested"


@pytest.mark.parametrize("action", ACTIONS)
def test_a_trainer_does_not_act_for_an_agency_that_is_not_theirs(enrollment, action) -> None:
    user = make_coordinator(make_agency())
    RoleGrant.objects.create(user=user, role=Role.TRAINER)
    RunTrainer.objects.create(run=enrollment.run, user=user)
    assert answer(user, enrollment, action) == 403
    enrollment.refresh_from_db()
    assert enrollment.state == "requested"


def test_the_successors_coordinator_acts_for_the_merged_agencys_people(enrollment) -> None:
    link = enrollment.sending_agency.links_to_successors.get()
    assert answer(make_coordinator(link.successor), enrollment, "withdraw/") == 302
    enrollment.refresh_from_db()
    assert enrollment.state == "withdrawn"


def test_the_class_offers_what_to_do_with_a_row_to_whoever_may_do_it_alone(enrollment) -> None:
    link = enrollment.sending_agency.links_to_successors.get()
    path = f"/runs/{enrollment.run.code}/"
    for agency, may_act in ((enrollment.sending_agency, False), (link.successor, True)):
        page = signed_in(make_coordinator(agency)).get(path).content.decode()
        assert enrollment.trainee.full_name in page
        assert (f"{path}enrollments/{enrollment.pk}/withdraw/" in page) == may_act


def test_a_coordinator_whose_term_is_over_does_not_act() -> None:
    run, agency = make_run(**FAR), make_agency()
    enrollment = make_enrollment(run, make_trainee(agency))
    user = make_coordinator(agency)
    with clock.set_to(dt.date(2026, 3, 1)):
        user.coordinatorships.update(until=dt.date(2026, 2, 28))
        assert answer(user, enrollment, "withdraw/") == 404
    assert CourseRun.objects.get().enrollments.live().exists()
