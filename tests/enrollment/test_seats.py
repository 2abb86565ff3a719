import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.enrollments import (
    Nominee,
    approve,
    nominate,
    reject,
    request_enrollment,
    withdraw,
)
from people.models import Trainee
from tests.factories import make_agency, make_course, make_run, make_trainee

pytestmark = pytest.mark.django_db


def people(count: int) -> list[Trainee]:
    agency = make_agency()
    return [make_trainee(agency) for _ in range(count)]


def send(run: CourseRun, trainees: list[Trainee]) -> list[Enrollment]:
    nominees = [Nominee(trainee.pk) for trainee in trainees]
    nominate(by=OFFICE, run=run, sending_agency=trainees[0].agency, nominees=nominees)
    return list(run.enrollments.order_by("id"))


def states(run: CourseRun) -> list[str]:
    return list(run.enrollments.order_by("id").values_list("state", flat=True))


def test_nominees_take_seats_in_their_order_and_the_rest_wait() -> None:
    run = make_run(capacity=2)
    send(run, people(3))
    run.refresh_from_db()
    assert states(run) == ["enrolled", "enrolled", "waitlisted"]
    assert run.seats_taken == 2


def test_withdrawing_gives_the_seat_to_the_first_on_the_waiting_list() -> None:
    run = make_run(capacity=1)
    first, _second, _third = send(run, people(3))
    withdraw(by=OFFICE, enrollment=first)
    assert states(run) == ["withdrawn", "enrolled", "waitlisted"]


def test_the_ledger_adds_up_to_the_seats_taken() -> None:
    run = make_run(capacity=2)
    first = send(run, people(4))[0]
    withdraw(by=OFFICE, enrollment=first)
    run.refresh_from_db()
    moves = list(run.seat_moves.values_list("seats", "reason"))
    assert sum(seats for seats, _reason in moves) == run.seats_taken == 2
    assert moves[-2:] == [(-1, "withdrawn"), (1, "promoted")]


def test_leaving_the_waiting_list_frees_no_seat() -> None:
    run = make_run(capacity=1)
    _first, second, third = send(run, people(3))
    withdraw(by=OFFICE, enrollment=second)
    third.refresh_from_db()
    assert third.state == "waitlisted"


def test_nobody_has_two_live_enrollments_in_one_run() -> None:
    run, trainees = make_run(), people(1)
    send(run, trainees)
    with pytest.raises(EnrollmentError) as refused:
        send(run, trainees)
    assert refused.value.code == "already_enrolled"


def test_somebody_who_withdrew_may_be_nominated_again() -> None:
    run, trainees = make_run(), people(1)
    (enrollment,) = send(run, trainees)
    withdraw(by=OFFICE, enrollment=enrollment)
    send(run, trainees)
    assert states(run) == ["withdrawn", "enrolled"]


def test_where_the_office_approves_a_nominee_waits_without_a_seat() -> None:
    run = make_run(make_course(approval="office"))
    (enrollment,) = send(run, people(1))
    assert enrollment.state == "nominated"
    approve(by=OFFICE, enrollment=enrollment)
    assert states(run) == ["enrolled"]


def test_a_rejected_enrollment_allows_another_nomination() -> None:
    run, trainees = make_run(make_course(approval="office")), people(1)
    (enrollment,) = send(run, trainees)
    reject(by=OFFICE, enrollment=enrollment, reason="Không đúng đối tượng")
    assert states(run) == ["rejected"]


def test_a_request_keeps_the_agency_of_that_day_as_sender() -> None:
    (trainee,) = people(1)
    sender = trainee.agency
    enrollment = request_enrollment(by=OFFICE, run=make_run(ends_on="2099-01-01"), trainee=trainee)
    trainee.agency = make_agency()
    trainee.save()
    enrollment.refresh_from_db()
    assert enrollment.sending_agency == sender


def test_a_closed_run_takes_nobody() -> None:
    run = make_run(state="closed")
    with pytest.raises(EnrollmentError) as refused:
        send(run, people(1))
    assert refused.value.code == "run_not_open"
