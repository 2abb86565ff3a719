"""Until when people enroll and withdraw, and who may do it later."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as COMMAND
from audit.services import SYSTEM, Actor
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.enrollments import Nominee, approve, nominate, request_enrollment, withdraw
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
DAYS: dict[str, Any] = {
    "enrollment_opens_on": dt.date(2026, 2, 1),
    "enrollment_closes_on": dt.date(2026, 3, 5),
}
OUTSIDE = (dt.date(2026, 1, 31), dt.date(2026, 3, 6), dt.date(2026, 4, 1))


def refused(code: str):
    return pytest.raises(EnrollmentError, check=lambda error: error.code == code)


def send(by: Actor, run: CourseRun) -> None:
    who = make_trainee()
    nominate(by=by, run=run, sending_agency=who.agency, nominees=[Nominee(who.pk)])


@pytest.mark.parametrize("day", OUTSIDE)
def test_an_agency_nominates_within_the_window_only(day) -> None:
    run, coordinator = make_run(**DAYS), make_coordinator(make_agency())
    with clock.set_to(day), refused("window_closed"):
        send(coordinator.as_actor(), run)
    with clock.set_to(dt.date(2026, 3, 5)):
        send(coordinator.as_actor(), run)
    assert run.enrollments.count() == 1


@pytest.mark.parametrize("day", OUTSIDE)
def test_the_office_and_its_commands_also_record_after_the_fact(day) -> None:
    run, office = make_run(**DAYS), make_user(Role.PROGRAMME_OFFICE)
    with clock.set_to(day):
        send(office.as_actor(), run)
        send(COMMAND, run)
    assert run.enrollments.count() == 2


def test_nobody_requests_a_seat_in_a_class_that_is_over_even_with_a_late_window() -> None:
    run = make_run(enrollment_closes_on=dt.date(2026, 12, 31))
    with clock.set_to(dt.date(2026, 3, 12)), refused("window_closed"):
        request_enrollment(by=COMMAND, run=run, trainee=make_trainee())


@pytest.mark.parametrize("action", [approve, withdraw])
def test_after_the_last_day_only_the_office_changes_enrollments(action) -> None:
    enrollment = make_enrollment(make_run(make_course(approval="agency")), state="requested")
    own = make_user(Role.TRAINEE)
    with clock.set_to(dt.date(2026, 3, 12)):
        with refused("run_over"):
            action(by=own.as_actor(), enrollment=enrollment)
        action(by=make_user(Role.PROGRAMME_OFFICE).as_actor(), enrollment=enrollment)


def page(user: User, path: str) -> tuple[int, str]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    answer = client.get(path)
    return answer.status_code, answer.content.decode()


def test_a_class_that_is_over_shows_so_and_offers_nothing() -> None:
    run, agency = make_run(), make_agency()
    trainee, coordinator = make_user(Role.TRAINEE), make_coordinator(agency)
    path = f"/runs/{run.code}/"
    with clock.set_to(run.ends_on):
        assert "Request a seat" in page(trainee, path)[1]
        assert page(coordinator, f"{path}nominate/")[0] == 200
    with clock.set_to(run.ends_on + dt.timedelta(days=50)):
        text = page(trainee, path)[1]
        assert "Finished, not closed yet" in text
        assert "Request a seat" not in text
        assert page(coordinator, f"{path}nominate/")[0] == 302


def test_the_office_still_nominates_into_a_class_that_is_over() -> None:
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    run = make_run()
    assert page(office, f"/runs/{run.code}/nominate/")[0] == 200
    assert not Enrollment.objects.exists()


_DAYS = st.dates(dt.date(2026, 3, 1), dt.date(2026, 3, 20))


@given(
    day=_DAYS,
    opens=st.none() | _DAYS,
    closes=st.none() | _DAYS,
    ends=_DAYS,
    state=st.sampled_from(RunState.values),
)
def test_the_database_and_the_row_agree_on_when_the_window_is_open(
    day, opens, closes, ends, state
) -> None:
    if opens and closes and closes < opens:
        opens, closes = closes, opens
    course = make_course()
    run = CourseRun.objects.create(
        course=course,
        code=course.code,
        capacity=1,
        starts_on=min(ends, dt.date(2026, 3, 1)),
        ends_on=ends,
        enrollment_opens_on=opens,
        enrollment_closes_on=closes,
        state=state,
    )
    found = CourseRun.objects.taking_enrollment(day).filter(pk=run.pk).exists()
    assert found == run.takes_enrollment(day)
    run.delete()
