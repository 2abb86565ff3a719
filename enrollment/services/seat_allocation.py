"""Seats and the waiting list.

Callers lock the run's row first, so capacity is exact under any concurrency; check constraints
of ``CourseRun`` back this up. These functions write no audit entry: their callers do.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db.models import Case, CharField, Count, DateTimeField, IntegerField, Q, Value, When

from agencies.models import Agency, SuccessionLink
from agencies.querysets import current_successor
from common import clock
from common.bulk import blank_values, in_list, insert_many, insert_selected, model_from_values
from courses.models import CourseRun
from enrollment.choices import EnrollmentState, SeatMoveReason, SkipReason
from enrollment.models import Enrollment, SeatMove, SeatShare
from enrollment.services.conflicts import people_with_conflicts

BATCH_SIZE = 500
# The waiting list is read in parts: usually the first few people fill the free seats.
LOOK_AHEAD = 100
_SEATED = Q(state=EnrollmentState.ENROLLED)


class FreeSeats:
    """How many seats are free, and for whom: unused seats of a share are reserved for its agency.

    A share also serves the departments below its agency, and after a merger or renaming its
    successor. Beyond their share an agency's people use the seats that are open to all.
    """

    def __init__(self, run: CourseRun) -> None:
        self.count = run.capacity - run.seats_taken
        self._reserved: dict[int, int] = {}
        self._parents: dict[int, int] = {}
        self._successors: dict[int, int] = {}
        if run.seats_shared and self.count > 0:
            self._count_shares(run)

    def _count_shares(self, run: CourseRun) -> None:
        shares = SeatShare.objects.filter(run=run).in_force(clock.today())
        reserved = dict(shares.values_list("agency_id", "seats"))
        if not reserved:
            return
        links = SuccessionLink.objects.believed(clock.now()).in_force_on(clock.today())
        self._successors = links.successor_by_agency()
        for agency_id, seats in reserved.items():
            today = current_successor(agency_id, self._successors)
            self._reserved[today] = self._reserved.get(today, 0) + seats
        # Agencies are few: all parents in one query are cheaper than a walk per agency.
        departments = Agency.objects.exclude(parent=None).values_list("id", "parent_id")
        self._parents = {child: parent for child, parent in departments if parent}
        seated = run.enrollments.holding_a_seat().order_by().values_list("sending_agency_id")
        for agency_id, used in seated.annotate(used=Count("id")):
            share = self._share_of(agency_id)
            if share is not None:
                self._reserved[share] = max(0, self._reserved[share] - used)

    def _share_of(self, agency_id: int) -> int | None:
        holder: int | None = current_successor(agency_id, self._successors)
        seen = set[int]()
        while holder is not None and holder not in self._reserved:
            # A ministry may have been merged into its own former department: do not loop.
            seen.add(holder)
            parent = self._parents.get(holder)
            successor = current_successor(parent, self._successors) if parent else None
            holder = None if successor in seen else successor
        return holder

    def unused_of(self, agency_id: int) -> int:
        """How many seats of the agency's share nobody has taken."""
        share = self._share_of(agency_id) if self._reserved else None
        return 0 if share is None else self._reserved[share]

    def is_open_to(self, agency_id: int) -> bool:
        if not self._reserved:
            return self.count > 0
        share = self._share_of(agency_id)
        reserved_for_others = sum(seats for of, seats in self._reserved.items() if of != share)
        return self.count > reserved_for_others

    def take(self, agency_id: int) -> None:
        self.count -= 1
        share = self._share_of(agency_id) if self._reserved else None
        if share is not None and self._reserved[share]:
            self._reserved[share] -= 1


def seat_new_enrollments(
    run: CourseRun, enrollments: Sequence[Enrollment], reason: SeatMoveReason
) -> int:
    """Insert enrollments in order, seated or on the waiting list; return how many were seated."""
    seated = _allocate(run, enrollments)
    insert_many(enrollments)
    _record_allocations(enrollments, reason)
    return seated


def seat_pending_enrollment(run: CourseRun, enrollment: Enrollment, reason: SeatMoveReason) -> None:
    _allocate(run, [enrollment])
    enrollment.save(update_fields=["state", "state_since", "waiting_number"])
    _record_allocations([enrollment], reason)


def _allocate(run: CourseRun, enrollments: Sequence[Enrollment]) -> int:
    """Set states in memory and save the run's counters; return how many were seated."""
    if run.waiting_numbers:
        # A share may have lapsed since the last action: those who wait go first.
        promote(run)
    free_seats, now, seated = FreeSeats(run), clock.now(), 0
    for enrollment in enrollments:
        enrollment.state_since, sender = now, enrollment.sending_agency_id
        if free_seats.is_open_to(sender):
            free_seats.take(sender)
            enrollment.state = EnrollmentState.ENROLLED.value
            seated += 1
        else:
            run.waiting_numbers += 1
            enrollment.state = EnrollmentState.WAITLISTED
            enrollment.waiting_number = run.waiting_numbers
    move_seats(run, seated)
    return seated


def _record_allocations(enrollments: Sequence[Enrollment], reason: SeatMoveReason) -> None:
    """Write the ledger with INSERT … SELECT: a nomination may hold thousands of people."""
    if not enrollments:
        return
    one_seat, no_seat = Value(1), Value(0)
    seated_reason, waiting_reason = Value(str(reason)), Value(str(SeatMoveReason.WAITLISTED))
    saved = Enrollment.objects.filter(pk__in=in_list([enrollment.pk for enrollment in enrollments]))
    insert_selected(
        SeatMove,
        ("run", "enrollment", "seats", "reason", "remark", "at"),
        saved.order_by("pk").values_list(
            "run_id",
            "pk",
            Case(When(_SEATED, then=one_seat), default=no_seat, output_field=IntegerField()),
            Case(
                When(_SEATED, then=seated_reason), default=waiting_reason, output_field=CharField()
            ),
            Value("", output_field=CharField()),
            Value(clock.now(), output_field=DateTimeField()),
        ),
    )


def promote(run: CourseRun) -> int:
    """Give free seats to the first eligible on the waiting list; return how many.

    Whoever is skipped keeps their number. The reason goes on the ledger when somebody behind
    them gets a seat, or when the reason is new.
    """
    promoted, skipped = _chosen_from_waiting(run, FreeSeats(run))
    recorded = [
        (one, why)
        for one, why, promoted_before in skipped
        if promoted_before < len(promoted) or one.skipped_because != why
    ]
    _write_skipped(run, recorded)
    _write_promoted(run, promoted)
    return len(promoted)


def _chosen_from_waiting(
    run: CourseRun, free_seats: FreeSeats
) -> tuple[list[Enrollment], list[tuple[Enrollment, SkipReason, int]]]:
    """Who gets a seat; who is skipped, why, and how many got one before them."""
    promoted: list[Enrollment] = []
    skipped: list[tuple[Enrollment, SkipReason, int]] = []
    waiting = _waiting(run) if free_seats.count > 0 else iter(())
    while free_seats.count > 0 and (part := list(islice(waiting, LOOK_AHEAD))):
        conflicts = people_with_conflicts(run, [enrollment.trainee_id for enrollment in part])
        for enrollment in part:
            if free_seats.count <= 0:
                break
            if enrollment.trainee_id in conflicts:
                skipped.append((enrollment, SkipReason.TIME_CLASH, len(promoted)))
            elif not free_seats.is_open_to(enrollment.sending_agency_id):
                skipped.append((enrollment, SkipReason.SHARE_USED_UP, len(promoted)))
            else:
                free_seats.take(enrollment.sending_agency_id)
                promoted.append(enrollment)
    return promoted, skipped


def _waiting(run: CourseRun) -> Iterator[Enrollment]:
    last = 0
    while part := list(run.enrollments.waiting().filter(waiting_number__gt=last)[:LOOK_AHEAD]):
        yield from part
        last = part[-1].waiting_number or 0


def _write_skipped(run: CourseRun, skipped: list[tuple[Enrollment, SkipReason]]) -> None:
    if not skipped:
        return
    for enrollment, why in skipped:
        enrollment.skipped_because = why
    Enrollment.objects.bulk_update(
        [enrollment for enrollment, _why in skipped], ["skipped_because"], batch_size=BATCH_SIZE
    )
    for reason in SkipReason:
        lines = ((one, 0, SeatMoveReason.SKIPPED) for one, why in skipped if why == reason)
        write_ledger(run, lines, reason.value)


def _write_promoted(run: CourseRun, promoted: list[Enrollment]) -> None:
    if not promoted:
        return
    now = clock.now()
    run.enrollments.filter(pk__in=[enrollment.pk for enrollment in promoted]).update(
        state=EnrollmentState.ENROLLED, state_since=now, skipped_because=""
    )
    move_seats(run, len(promoted))
    write_ledger(run, ((enrollment, 1, SeatMoveReason.PROMOTED) for enrollment in promoted))


def move_seats(run: CourseRun, by_seats: int) -> None:
    run.seats_taken += by_seats
    CourseRun.objects.filter(pk=run.pk).update(
        seats_taken=run.seats_taken, waiting_numbers=run.waiting_numbers
    )


def write_ledger(
    run: CourseRun,
    lines: Iterable[tuple[Enrollment | None, int, SeatMoveReason]],
    remark: str = "",
) -> None:
    """Add lines to the seat ledger: enrollment, +1, 0 or −1, and the reason."""
    # Built without __init__: a cancelled run may write thousands of lines.
    blank = blank_values(SeatMove) | {"at": clock.now(), "run_id": run.pk, "remark": remark[:200]}
    values = (
        {"enrollment_id": one.id if one else None, "seats": seats, "reason": str(reason)}
        for one, seats, reason in lines
    )
    insert_many([model_from_values(SeatMove, blank, line) for line in values])
