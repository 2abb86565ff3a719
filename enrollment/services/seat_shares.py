"""Capacity and seat shares of a run, and their release."""

import datetime as dt

from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from courses.services import require_unended
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState, SeatMoveReason
from enrollment.errors import EnrollmentError
from enrollment.models import SeatShare
from enrollment.services.conflicts import people_with_conflicts
from enrollment.services.seat_allocation import LOOK_AHEAD, FreeSeats, promote, write_ledger


@audited("capacity_changed")
def change_capacity(*, by: Actor, run: CourseRun, capacity: int) -> CourseRun:
    """Change the number of seats, never below those taken or reserved; new ones are filled."""
    run = lock_run(run)
    require_unended(run)
    if capacity < max(1, run.seats_taken):
        text = _("People with a seat: %(taken)s; there cannot be fewer seats than that.")
        raise EnrollmentError("below_the_seated", text % {"taken": max(1, run.seats_taken)})
    if capacity < run.seats_shared:
        raise EnrollmentError(
            "shares_above_capacity", _shares_exceed_capacity(run.seats_shared, capacity)
        )
    before, run.capacity = run.capacity, capacity
    CourseRun.objects.filter(pk=run.pk).update(capacity=capacity)
    if before != capacity:
        write_ledger(run, [(None, 0, SeatMoveReason.CAPACITY)], f"{before} → {capacity}")
    audit_details(run=run.code, before=before, capacity=capacity, promoted=promote(run))
    return run


@audited("seat_share_set")
def set_share(
    *,
    by: Actor,
    run: CourseRun,
    agency: Agency,
    seats: int,
    release_on: dt.date | None = None,
) -> SeatShare | None:
    """Reserve seats for an agency until a day (None: until the run starts); 0 ends the share.

    Nobody who holds a seat loses it by this.
    """
    run = lock_run(run)
    require_unended(run)
    _require_valid_share(run, agency, seats, release_on)
    existing = SeatShare.objects.filter(run=run, agency=agency)
    if seats == 0:
        existing.update(released_at=clock.now())
        share = None
    else:
        values = {"seats": seats, "release_on": release_on, "released_at": None}
        share, _created = SeatShare.objects.update_or_create(
            run=run, agency=agency, defaults=values
        )
    _update_seats_shared(run)
    # Shares are dated by the ledger: the row itself is overwritten.
    remark = f"{agency.slug}: {seats}"
    write_ledger(run, [(None, 0, SeatMoveReason.SHARE)], remark)
    audit_details(run=run.code, agency=agency.slug, seats=seats, promoted=promote(run))
    return share


@audited("seat_shares_released")
def release_shares(*, by: Actor, run: CourseRun) -> int:
    """Open unused seats of due shares to all; return how many people were promoted."""
    run = lock_run(run)
    due = list(SeatShare.objects.filter(run=run).due(clock.today()).select_related("agency"))
    if not due:
        return 0
    SeatShare.objects.filter(pk__in=[share.pk for share in due]).update(released_at=clock.now())
    _update_seats_shared(run)
    for share in due:
        remark = f"{share.agency.slug}: {share.seats}"
        write_ledger(run, [(None, 0, SeatMoveReason.RELEASED)], remark)
    promoted = promote(run)
    audit_details(run=run.code, agencies=[share.agency.slug for share in due], promoted=promoted)
    return promoted


def release_due() -> int:
    """Release all due shares; return how many runs had one. Safe to repeat."""
    runs_with_due_shares = CourseRun.objects.filter(
        pk__in=SeatShare.objects.due(clock.today()).values("run"),
        state__in=(RunState.OPEN, RunState.RUNNING),
    )
    runs_due = list(runs_with_due_shares)
    for run in runs_due:
        release_shares(by=SYSTEM, run=run)
    return len(runs_due)


def promote_due() -> int:
    """Fill free seats of runs with a waiting list; return how many people got one.

    A seat may become fillable without an action: a time conflict ends by the clock. Safe to repeat.
    """
    # Joins multiply rows by people waiting: hence distinct().
    runs_with_waiting_list = CourseRun.objects.filter(
        Q(state=RunState.OPEN) | Q(state=RunState.RUNNING),
        seats_taken__lt=F("capacity"),
        enrollments__state=EnrollmentState.WAITLISTED,
    ).distinct()
    return sum(
        fill_seats(by=SYSTEM, run=run) for run in runs_with_waiting_list if _can_seat_somebody(run)
    )


def _can_seat_somebody(run: CourseRun) -> bool:
    """Checked before the audited action, so that waiting alone writes no audit entries."""
    free_seats = FreeSeats(run)
    first_in_line = list(run.enrollments.waiting()[:LOOK_AHEAD])
    conflicts = people_with_conflicts(run, [enrollment.trainee_id for enrollment in first_in_line])
    return any(
        enrollment.trainee_id not in conflicts
        and free_seats.is_open_to(enrollment.sending_agency_id)
        for enrollment in first_in_line
    )


@audited("free_seats_filled")
def fill_seats(*, by: Actor, run: CourseRun) -> int:
    run = lock_run(run)
    promoted = promote(run)
    audit_details(run=run.code, promoted=promoted)
    return promoted


def _update_seats_shared(run: CourseRun) -> None:
    shares = SeatShare.objects.filter(run=run, released_at=None)
    run.seats_shared = shares.aggregate(seats=Sum("seats"))["seats"] or 0
    CourseRun.objects.filter(pk=run.pk).update(seats_shared=run.seats_shared)


def _require_valid_share(
    run: CourseRun, agency: Agency, seats: int, release_on: dt.date | None
) -> None:
    others = SeatShare.objects.filter(run=run, released_at=None).exclude(agency=agency)
    wanted = (others.aggregate(seats=Sum("seats"))["seats"] or 0) + seats
    if seats < 0:
        raise EnrollmentError("negative_share", _("A seat share cannot be negative."))
    if seats and wanted > run.capacity:
        raise EnrollmentError(
            "shares_above_capacity", _shares_exceed_capacity(wanted, run.capacity)
        )
    if release_on and release_on > run.starts_on:
        text = _("Unused seats must be released no later than the day on which the class starts.")
        raise EnrollmentError("release_after_start", text)


def _shares_exceed_capacity(shared: int, capacity: int) -> str:
    return _("The seat shares add up to %(shared)s, but there are only %(capacity)s seats.") % {
        "shared": shared,
        "capacity": capacity,
    }
