"""A seat given up by mistake is taken back within 15 minutes, while it is free."""

import datetime as dt
from typing import Any

import pytest

from accounts.choices import Role
from common import clock
from courses.models import CourseRun
from enrollment.models import Enrollment
from enrollment.services.enrollments import withdraw
from tests.factories import make_agency, make_coordinator, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def trainee() -> Any:
    agency = make_agency()
    return make_trainee(agency, user=make_user(Role.TRAINEE), full_name="Lê Thị Hồng Vân")


def run_with_seat(trainee: Any, client: Any, **fields: Any) -> tuple[CourseRun, Enrollment]:
    start = clock.today() + dt.timedelta(days=20)
    run = make_run(starts_on=start, ends_on=start, state="open", **{"capacity": 1} | fields)
    client.force_login(trainee.user)
    client.post(f"/runs/{run.code}/request/")
    return run, run.enrollments.get(trainee=trainee)


def leave(client: Any, enrollment: Enrollment) -> str:
    page = client.post(
        f"/runs/{enrollment.run.code}/enrollments/{enrollment.pk}/withdraw/", follow=True
    )
    enrollment.refresh_from_db()
    return str(page.content.decode())


def take_back(client: Any, enrollment: Enrollment) -> Any:
    answer = client.post(
        f"/runs/{enrollment.run.code}/enrollments/{enrollment.pk}/take-back/", follow=True
    )
    enrollment.refresh_from_db()
    return answer


def test_a_seat_given_up_is_offered_back_and_taken_back(client, trainee):
    run, enrollment = run_with_seat(trainee, client)
    page = leave(client, enrollment)
    assert (enrollment.state, "take-back" in page) == ("withdrawn", True)
    take_back(client, enrollment)
    run.refresh_from_db()
    assert (enrollment.state, run.seats_taken) == ("enrolled", 1)
    assert "take-back" not in client.get(f"/runs/{run.code}/").content.decode()


def test_a_seat_that_passed_on_is_not_taken_back(client, trainee):
    run, enrollment = run_with_seat(trainee, client)
    other = make_trainee(trainee.agency, user=make_user(Role.TRAINEE))
    client.force_login(other.user)
    client.post(f"/runs/{run.code}/request/")
    client.force_login(trainee.user)
    leave(client, enrollment)
    assert run.enrollments.get(trainee=other).state == "enrolled"
    take_back(client, enrollment)
    run.refresh_from_db()
    assert (enrollment.state, run.seats_taken) == ("withdrawn", 1)


def test_after_fifteen_minutes_it_is_too_late(client, trainee):
    _run, enrollment = run_with_seat(trainee, client)
    leave(client, enrollment)
    session = client.session["seats_given_up"]
    with clock.set_to(clock.now() + dt.timedelta(minutes=16)):
        # Signed in all the time: the session still knows the seat.
        assert client.session["seats_given_up"] == session
        assert take_back(client, enrollment).status_code == 404
    assert enrollment.state == "withdrawn"


def test_nobody_takes_back_what_somebody_else_decided(client, trainee):
    _run, enrollment = run_with_seat(trainee, client)
    client.force_login(make_coordinator(trainee.agency))
    leave(client, enrollment)
    client.force_login(trainee.user)
    assert take_back(client, enrollment).status_code == 404
    assert enrollment.state == "withdrawn"


def test_nobody_takes_back_what_somebody_else_decided_after_them(client, trainee):
    _run, enrollment = run_with_seat(trainee, client)
    leave(client, enrollment)
    take_back(client, enrollment)
    assert enrollment.state == "enrolled"
    withdraw(by=make_coordinator(trainee.agency).as_actor(), enrollment=enrollment, reason="Ill")
    assert take_back(client, enrollment).status_code == 404
    assert (enrollment.state, enrollment.withdrawal_reason) == ("withdrawn", "Ill")


def test_whoever_left_the_waiting_list_has_no_seat_to_take_back(client, trainee):
    run, _enrollment = run_with_seat(trainee, client)
    other = make_trainee(trainee.agency, user=make_user(Role.TRAINEE))
    client.force_login(other.user)
    client.post(f"/runs/{run.code}/request/")
    waiting = run.enrollments.get(trainee=other)
    assert "take-back" not in leave(client, waiting)
    assert take_back(client, waiting).status_code == 404
