"""Seat shares of agencies, their release, and capacity."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.services.enrollments import Nominee, nominate, withdraw
from enrollment.services.seat_shares import change_capacity, promote_due, release_due, set_share
from tests.factories import make_agency, make_run, make_succession, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def send(run: CourseRun, agency: Agency, count: int) -> None:
    nominees = [Nominee(make_trainee(agency).pk) for _ in range(count)]
    nominate(by=OFFICE, run=run, sending_agency=agency, nominees=nominees)


def seated(run: CourseRun, agency: Agency) -> int:
    return run.enrollments.holding_a_seat().filter(sending_agency=agency).count()


def refused(code: str):
    return pytest.raises(EnrollmentError, check=lambda error: error.code == code)


@pytest.fixture(autouse=True)
def before_the_run():
    with clock.set_to(dt.date(2026, 3, 1)):
        yield


def test_seats_reserved_for_an_agency_are_taken_by_nobody_else() -> None:
    run, ours, others = make_run(capacity=5), make_agency(), make_agency()
    set_share(by=OFFICE, run=run, agency=ours, seats=2)
    send(run, others, 5)
    assert seated(run, others) == 3
    send(run, ours, 2)
    assert seated(run, ours) == 2


def test_a_share_of_four_does_not_send_everybody_to_the_waiting_list() -> None:
    run, ours = make_run(capacity=6), make_agency()
    set_share(by=OFFICE, run=run, agency=ours, seats=4)
    send(run, ours, 6)
    assert seated(run, ours) == 6


def test_a_share_serves_the_departments_below_its_agency() -> None:
    run, ministry, others = make_run(capacity=1), make_agency(), make_agency()
    department = make_agency(parent=ministry)
    set_share(by=OFFICE, run=run, agency=ministry, seats=1)
    send(run, others, 1)
    send(run, department, 1)
    assert (seated(run, others), seated(run, department)) == (0, 1)


def test_a_share_passes_on_with_mergers_and_serves_the_successor() -> None:
    run, old, new, others = make_run(capacity=2), *(make_agency() for _ in range(3))
    set_share(by=OFFICE, run=run, agency=old, seats=1)
    make_succession(old, new, on=dt.date(2026, 2, 1))
    send(run, others, 2)
    send(run, make_agency(parent=new), 1)
    assert seated(run, others) == 1
    assert run.enrollments.holding_a_seat().filter(sending_agency__parent=new).count() == 1


def test_a_merger_that_has_not_happened_yet_moves_no_share() -> None:
    run, old, new = make_run(capacity=1), make_agency(), make_agency()
    set_share(by=OFFICE, run=run, agency=old, seats=1)
    make_succession(old, new, on=dt.date(2026, 3, 2), recorded_at=clock.now())
    send(run, new, 1)
    assert seated(run, new) == 0
    with clock.set_to(dt.date(2026, 3, 2)):
        assert (promote_due(), seated(run, new)) == (1, 1)


def test_shares_of_merged_agencies_add_up_and_are_used_once() -> None:
    run, one, two, others = make_run(capacity=3), *(make_agency() for _ in range(3))
    for agency in (one, two):
        set_share(by=OFFICE, run=run, agency=agency, seats=1)
    make_succession(one, two, on=dt.date(2026, 2, 1))
    send(run, one, 1)
    send(run, others, 3)
    assert seated(run, others) == 1


def test_a_freed_seat_of_a_share_goes_past_others_with_the_reason_on_record() -> None:
    run, ours, others = make_run(capacity=2), make_agency(), make_agency()
    set_share(by=OFFICE, run=run, agency=ours, seats=1)
    send(run, ours, 1)
    send(run, others, 2)
    send(run, ours, 1)
    withdraw(by=OFFICE, enrollment=run.enrollments.filter(sending_agency=ours).earliest("id"))
    skipped = run.seat_moves.get(reason="skipped")
    assert (seated(run, ours), seated(run, others)) == (1, 1)
    assert skipped.remark == "share_used_up"
    assert skipped.enrollment
    assert skipped.enrollment.sending_agency == others


@pytest.mark.parametrize("release_on", [dt.date(2026, 3, 5), None])
def test_on_the_release_day_unused_seats_go_to_those_who_wait(release_on: dt.date | None) -> None:
    run, ours, others = make_run(capacity=3), make_agency(), make_agency()
    set_share(by=OFFICE, run=run, agency=ours, seats=2, release_on=release_on)
    send(run, others, 3)
    assert (release_due(), seated(run, others)) == (0, 1)
    with clock.set_to(release_on or run.starts_on):
        assert (release_due(), seated(run, others)) == (1, 3)
        assert release_due() == 0
    assert run.seat_moves.filter(reason="released").count() == 1


def test_whoever_comes_after_a_release_day_does_not_overtake_those_who_wait() -> None:
    run, ours, others = make_run(capacity=1), make_agency(), make_agency()
    set_share(by=OFFICE, run=run, agency=ours, seats=1, release_on=dt.date(2026, 3, 5))
    send(run, others, 1)
    with clock.set_to(dt.date(2026, 3, 5)):
        send(run, make_agency(), 1)
    assert seated(run, others) == 1


def test_new_seats_go_to_the_first_who_wait_and_appear_in_the_ledger() -> None:
    run, agency = make_run(capacity=1), make_agency()
    send(run, agency, 4)
    change_capacity(by=OFFICE, run=run, capacity=3)
    run.refresh_from_db()
    assert (run.seats_taken, run.capacity) == (3, 3)
    assert list(run.enrollments.waiting().values_list("waiting_number", flat=True)) == [3]
    assert run.seat_moves.get(reason="capacity").remark == "1 → 3"


def test_there_are_never_fewer_seats_than_people_in_them() -> None:
    run = make_run(capacity=3)
    send(run, make_agency(), 2)
    with refused("below_the_seated"):
        change_capacity(by=OFFICE, run=run, capacity=1)
    run.refresh_from_db()
    assert run.capacity == 3


def test_shares_never_exceed_the_seats() -> None:
    run, agency = make_run(capacity=3), make_agency()
    set_share(by=OFFICE, run=run, agency=agency, seats=2)
    with refused("shares_above_capacity"):
        set_share(by=OFFICE, run=run, agency=make_agency(), seats=2)
    with refused("shares_above_capacity"):
        change_capacity(by=OFFICE, run=run, capacity=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseRun.objects.filter(pk=run.pk).update(seats_shared=4)


def test_a_share_is_released_by_the_start_at_the_latest() -> None:
    run = make_run()
    with refused("release_after_start"):
        set_share(
            by=OFFICE, run=run, agency=make_agency(), seats=1, release_on=dt.date(2026, 3, 11)
        )


def test_seats_of_an_ended_share_are_open_to_all_at_once() -> None:
    run, ours, others = make_run(capacity=1), make_agency(), make_agency()
    set_share(by=OFFICE, run=run, agency=ours, seats=1)
    send(run, others, 1)
    set_share(by=OFFICE, run=run, agency=ours, seats=0)
    run.refresh_from_db()
    assert (seated(run, others), run.seats_shared) == (1, 0)
