"""Many at once for a few seats: exact on both engines."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from audit.services import PROGRAMME_OFFICE as OFFICE
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.enrollments import request_enrollment, withdraw
from tests.factories import make_agency, make_enrollment, make_run, make_trainee

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]


def all_at_once(*actions: Callable[[], object]) -> list[BaseException]:
    """Run every action in its own thread and connection; return their errors."""
    barrier = threading.Barrier(len(actions))
    errors: list[BaseException] = []

    def run(action: Callable[[], object]) -> None:
        try:
            barrier.wait()
            action()
        except Exception as error:  # noqa: BLE001 - the test looks at every error
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_sixteen_requests_for_five_seats_seat_five_and_lose_nobody() -> None:
    run, agency = make_run(capacity=5, ends_on="2099-01-01"), make_agency()
    people = [make_trainee(agency) for _ in range(16)]

    errors = all_at_once(
        *(lambda who=who: request_enrollment(by=OFFICE, run=run, trainee=who) for who in people)
    )

    run.refresh_from_db()
    states = Counter(run.enrollments.values_list("state", flat=True))
    waiting = list(run.enrollments.waiting().values_list("waiting_number", flat=True))
    assert errors == []
    assert states == {"enrolled": 5, "waitlisted": 11}
    assert run.seats_taken == sum(run.seat_moves.values_list("seats", flat=True)) == 5
    assert waiting == list(range(1, 12))


def test_one_person_asking_many_times_at_once_gets_one_enrollment() -> None:
    run, who = make_run(capacity=5, ends_on="2099-01-01"), make_trainee()

    errors = all_at_once(
        *(lambda: request_enrollment(by=OFFICE, run=run, trainee=who) for _ in range(6))
    )

    run.refresh_from_db()
    assert [error.code for error in errors if isinstance(error, EnrollmentError)] == [
        "already_enrolled"
    ] * 5
    assert (run.enrollments.count(), run.seats_taken) == (1, 1)


def test_withdrawals_at_once_promote_exactly_the_first_who_wait() -> None:
    run, agency = make_run(capacity=4, seats_taken=4), make_agency()
    seated = [make_enrollment(run, make_trainee(agency)) for _ in range(4)]
    waiting = [
        make_enrollment(run, make_trainee(agency), state="waitlisted", waiting_number=number)
        for number in range(1, 7)
    ]

    errors = all_at_once(
        *(
            lambda enrollment=enrollment: withdraw(by=OFFICE, enrollment=enrollment)
            for enrollment in seated
        )
    )

    promoted = set(Enrollment.objects.filter(run=run, state="enrolled"))
    assert errors == []
    assert promoted == set(waiting[:4])
