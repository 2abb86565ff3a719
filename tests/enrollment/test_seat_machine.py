"""Whatever happens in whatever order: seats, order and ledger stay right."""

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from enrollment.choices import HOLDING_A_SEAT, NOT_LIVE, EnrollmentState
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.conflicts import people_with_conflicts
from enrollment.services.enrollments import (
    Nominee,
    approve,
    nominate,
    replace_nominee,
    request_enrollment,
    withdraw,
)
from enrollment.services.seat_allocation import FreeSeats
from enrollment.services.seat_shares import change_capacity, fill_seats, release_due, set_share
from people.errors import PeopleError
from people.models import Merge
from people.services.merges import merge, undo_merge
from tests.factories import make_agency, make_course, make_run, make_succession, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

FIRST_DAY = dt.date(2026, 3, 1)
ALLOWED_REFUSALS = {
    "already_enrolled",
    "not_pending",
    "not_live",
    "below_the_seated",
    "shares_above_capacity",
    "already_started",
    "window_closed",
}


class Seats(RuleBasedStateMachine):
    """Two classes at the same time, three agencies, a dozen people, ten days."""

    @initialize(
        approval=st.sampled_from(["none", "both"]),
        capacity=st.integers(1, 4),
        crowd=st.integers(0, 8),
    )
    def begin(self, approval: str, capacity: int, crowd: int) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.day = FIRST_DAY
        self.agencies = [make_agency() for _ in range(3)]
        self.people = [make_trainee(self.agencies[n % 3]) for n in range(12)]
        self.run_ = make_run(make_course(approval=approval), capacity=capacity, sessions=1)
        self.other = make_run(capacity=2, sessions=1)
        self.kept_numbers: dict[int, int] = {}
        self.calendar_moved = False
        for number in range(crowd):
            self.request(number, False)
            self.approve_one(number)
            self.approve_one(number)

    def teardown(self) -> None:
        if hasattr(self, "atomic"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def attempt(self, action: Any, **kwargs: Any) -> None:
        with clock.set_to(self.day):
            try:
                with transaction.atomic():
                    action(by=OFFICE, **kwargs)
            except EnrollmentError as error:
                if error.code not in ALLOWED_REFUSALS:
                    raise

    def enrollment(self, pick: int) -> Enrollment | None:
        enrollments = list(self.run_.enrollments.order_by("id"))
        return enrollments[pick % len(enrollments)] if enrollments else None

    @rule(who=st.lists(st.integers(0, 11), min_size=1, max_size=4, unique=True))
    def enrol(self, who: list[int]) -> None:
        agency = self.people[who[0]].agency
        nominees = [Nominee(self.people[n].pk) for n in who]
        self.attempt(nominate, run=self.run_, sending_agency=agency, nominees=nominees)

    @rule(who=st.integers(0, 11), elsewhere=st.booleans())
    def request(self, who: int, elsewhere: bool) -> None:
        run = self.other if elsewhere else self.run_
        self.attempt(request_enrollment, run=run, trainee=self.people[who])

    @rule(pick=st.integers(0, 99))
    def approve_one(self, pick: int) -> None:
        if enrollment := self.enrollment(pick):
            self.attempt(approve, enrollment=enrollment)

    @rule(pick=st.integers(0, 99))
    def withdraw_one(self, pick: int) -> None:
        if enrollment := self.enrollment(pick):
            self.attempt(withdraw, enrollment=enrollment)

    @rule(pick=st.integers(0, 99))
    def withdraw_a_seated_one(self, pick: int) -> None:
        seated = list(self.run_.enrollments.holding_a_seat().order_by("id"))
        if seated:
            self.attempt(withdraw, enrollment=seated[pick % len(seated)])

    @rule(pick=st.integers(0, 99))
    def withdraw_elsewhere(self, pick: int) -> None:
        self.calendar_moved = True
        enrollments = list(self.other.enrollments.order_by("id"))
        if enrollments:
            self.attempt(withdraw, enrollment=enrollments[pick % len(enrollments)])

    @rule(pick=st.integers(0, 99), who=st.integers(0, 11))
    def replace_one(self, pick: int, who: int) -> None:
        if enrollment := self.enrollment(pick):
            self.attempt(replace_nominee, enrollment=enrollment, trainee=self.people[who])

    @rule(capacity=st.integers(1, 6))
    def change_seats(self, capacity: int) -> None:
        self.attempt(change_capacity, run=self.run_, capacity=capacity)

    @rule(agency=st.integers(0, 2), seats=st.integers(0, 3), wait=st.none() | st.integers(1, 9))
    def share(self, agency: int, seats: int, wait: int | None) -> None:
        release_on = FIRST_DAY + dt.timedelta(days=wait) if wait else None
        self.attempt(
            set_share,
            run=self.run_,
            agency=self.agencies[agency],
            seats=seats,
            release_on=release_on,
        )

    @rule()
    def promote_by_the_clock(self) -> None:
        with clock.set_to(self.day):
            release_due()
            fill_seats(by=OFFICE, run=self.run_)

    @precondition(lambda self: self.day < FIRST_DAY + dt.timedelta(days=8))
    @rule()
    def sleep(self) -> None:
        self.calendar_moved = True
        self.day += dt.timedelta(days=1)

    @rule(one=st.integers(0, 11), other=st.integers(0, 11))
    def merge_people(self, one: int, other: int) -> None:
        self.calendar_moved = True
        with suppress(PeopleError), transaction.atomic():
            merge(by=OFFICE, survivor=self.people[one], absorbed=self.people[other])

    @rule()
    def undo_a_merge(self) -> None:
        self.calendar_moved = True
        if last := Merge.objects.filter(undone_at=None).last():
            undo_merge(by=OFFICE, merge=last)

    @rule(one=st.integers(0, 2), other=st.integers(0, 2))
    def merge_agencies(self, one: int, other: int) -> None:
        """One agency becomes part of a later one; whom it sent and its share pass on."""
        gone = self.agencies[min(one, other)]
        if one == other or gone.links_to_successors.exists():
            return
        self.calendar_moved = True
        make_succession(gone, self.agencies[max(one, other)], on=FIRST_DAY)

    @invariant()
    def seats_and_ledger_agree(self) -> None:
        if not hasattr(self, "run_"):
            return
        self.run_.refresh_from_db()
        enrollments = list(self.run_.enrollments.all())
        holding = {
            enrollment.pk for enrollment in enrollments if enrollment.state in HOLDING_A_SEAT
        }
        ledger: dict[int, int] = dict.fromkeys((enrollment.pk for enrollment in enrollments), 0)
        for move in self.run_.seat_moves.exclude(enrollment=None):
            assert move.enrollment_id
            ledger[move.enrollment_id] += move.seats
            assert ledger[move.enrollment_id] in (0, 1)
        assert len(holding) == self.run_.seats_taken <= self.run_.capacity
        assert self.run_.seats_shared <= self.run_.capacity
        assert {pk for pk, seats in ledger.items() if seats} == holding

    @invariant()
    def no_share_is_locked_from_its_successors(self) -> None:
        """A successor may use the seats reserved for its predecessor."""
        if not hasattr(self, "run_"):
            return
        self.run_.refresh_from_db()
        with clock.set_to(self.day):
            free_seats = FreeSeats(self.run_)
            for agency in self.agencies:
                if link := agency.links_to_successors.first():
                    answers = {free_seats.is_open_to(pk) for pk in (agency.pk, link.successor_id)}
                    assert len(answers) == 1

    @invariant()
    def nobody_has_two_enrollments(self) -> None:
        if not hasattr(self, "run_"):
            return
        live = [p.trainee_id for p in self.run_.enrollments.all() if p.state not in NOT_LIVE]
        assert len(live) == len(set(live))

    @invariant()
    def numbers_on_the_waiting_list_stay(self) -> None:
        if not hasattr(self, "run_"):
            return
        waiting = list(self.run_.enrollments.waiting())
        numbers = [enrollment.waiting_number for enrollment in waiting]
        assert numbers == sorted(set(numbers), key=lambda number: number or 0)
        for enrollment in waiting:
            number = enrollment.waiting_number or 0
            assert self.kept_numbers.setdefault(enrollment.pk, number) == number

    @invariant()
    def a_free_seat_waits_only_for_a_reason(self) -> None:
        """After every action on the run, nobody waiting could take a free seat.

        Time, another class and merges change who can: then the clock's task puts it right.
        """
        if not hasattr(self, "run_"):
            return
        self.run_.refresh_from_db()
        with clock.set_to(self.day):
            if self.calendar_moved:
                fill_seats(by=OFFICE, run=self.run_)
                self.run_.refresh_from_db()
                self.calendar_moved = False
            assert not self.still_eligible()

    def still_eligible(self) -> list[Enrollment]:
        free_seats = FreeSeats(self.run_)
        waiting = list(self.run_.enrollments.waiting())
        conflicts = people_with_conflicts(
            self.run_, [enrollment.trainee_id for enrollment in waiting]
        )
        return [
            enrollment
            for enrollment in waiting
            if free_seats.is_open_to(enrollment.sending_agency_id)
            and enrollment.trainee_id not in conflicts
        ]

    @invariant()
    def whoever_was_overtaken_knows_why(self) -> None:
        if not hasattr(self, "run_"):
            return
        promoted_after: dict[int, bool] = {}
        for enrollment in self.run_.enrollments.filter(state=EnrollmentState.WAITLISTED):
            later = self.run_.enrollments.filter(
                state=EnrollmentState.ENROLLED, waiting_number__gt=enrollment.waiting_number
            )
            if later.filter(replaces=None).exists():
                promoted_after[enrollment.pk] = bool(enrollment.skipped_because) or bool(
                    enrollment.replaces_id
                )
        assert all(promoted_after.values())


def test_capacity_order_and_ledger_stay_correct_after_any_actions() -> None:
    run_state_machine_as_test(
        Seats,
        settings=settings(
            max_examples=15 if connection.vendor == "sqlite" else 8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
