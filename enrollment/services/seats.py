"""Nominating, approving, seating, withdrawing; every move of a seat is in the ledger.

Whoever moves seats holds the run's row first, so capacity is exact under any concurrency;
the check constraint of ``CourseRun`` stands behind it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from agencies.models import Agency
from audit.services import Actor, deed, note
from common import clock
from courses.choices import ApprovalPolicy, RunState
from courses.models import CourseRun
from enrollment.choices import NOT_LIVE, EnrollmentState, SeatMoveReason
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment, SeatMove
from people.models import Trainee

BATCH = 500


@dataclass(frozen=True, slots=True)
class Nominee:
    """Whom an agency sends, with what the roster says of them at that time."""

    trainee_id: int
    unit: str = ""
    position: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Nomination:
    """How many of the nominees got a seat, wait for one, or wait for approval."""

    enrolled: int = 0
    waitlisted: int = 0
    pending: int = 0


@deed("people_nominated")
def nominate(
    *, by: Actor, run: CourseRun, sending_agency: Agency, nominees: Sequence[Nominee]
) -> Nomination:
    """Enter an agency's nominees for a run, in their order.

    Where the programme office must approve they wait for it; an agency's own nomination
    is its approval.
    """
    run = hold(run)
    _require_open(run)
    needs_office = run.course.approval in (ApprovalPolicy.OFFICE, ApprovalPolicy.BOTH)
    state = EnrollmentState.NOMINATED if needs_office else EnrollmentState.APPROVED
    enrollments = [
        Enrollment(
            run=run,
            trainee_id=nominee.trainee_id,
            sending_agency=sending_agency,
            state=state,
            unit=nominee.unit,
            position=nominee.position,
            note=nominee.note,
        )
        for nominee in nominees
    ]
    _create(enrollments)
    seated = 0 if needs_office else _seat(run, enrollments, SeatMoveReason.ENROLLED)
    note(run=run.code, agency=sending_agency.slug, people=len(enrollments), seated=seated)
    if needs_office:
        return Nomination(pending=len(enrollments))
    return Nomination(enrolled=seated, waitlisted=len(enrollments) - seated)


@deed("place_requested")
def request_place(*, by: Actor, run: CourseRun, trainee: Trainee) -> Enrollment:
    """An official asks for a place; it is theirs at once only where nobody must approve."""
    run = hold(run)
    _require_open(run)
    _require_window(run)
    free = run.course.approval == ApprovalPolicy.NONE
    enrollment = Enrollment(
        run=run,
        trainee=trainee,
        sending_agency=trainee.agency,
        state=EnrollmentState.APPROVED if free else EnrollmentState.REQUESTED,
        unit=trainee.unit,
        position=trainee.position,
    )
    _create([enrollment])
    if free:
        _seat(run, [enrollment], SeatMoveReason.ENROLLED)
    note(run=run.code, trainee=trainee.code, state=str(enrollment.state))
    return enrollment


@deed("place_approved")
def approve(*, by: Actor, enrollment: Enrollment) -> Enrollment:
    """Approve a nomination or request: it takes a seat or its place on the waiting list."""
    run = hold(enrollment.run)
    _require_open(run)
    enrollment = Enrollment.objects.get(pk=enrollment.pk)
    if enrollment.state not in (EnrollmentState.NOMINATED, EnrollmentState.REQUESTED):
        raise EnrollmentError("not_pending", _("This place is not waiting for approval."))
    _seat(run, [enrollment], SeatMoveReason.ENROLLED)
    note(run=run.code, trainee=enrollment.trainee.code, state=str(enrollment.state))
    return enrollment


@deed("place_rejected")
def reject(*, by: Actor, enrollment: Enrollment, reason: str = "") -> Enrollment:
    """Turn down a nomination or request."""
    hold(enrollment.run)
    enrollment = Enrollment.objects.get(pk=enrollment.pk)
    if enrollment.state not in (EnrollmentState.NOMINATED, EnrollmentState.REQUESTED):
        raise EnrollmentError("not_pending", _("This place is not waiting for approval."))
    _enter_state(enrollment, EnrollmentState.REJECTED, remark=reason)
    note(run=enrollment.run.code, trainee=enrollment.trainee.code)
    return enrollment


@deed("place_withdrawn")
def withdraw(*, by: Actor, enrollment: Enrollment, reason: str = "") -> Enrollment:
    """Give a place back; a freed seat goes to the first on the waiting list at once."""
    run = hold(enrollment.run)
    _require_open(run)
    enrollment = Enrollment.objects.get(pk=enrollment.pk)
    if enrollment.state in NOT_LIVE:
        raise EnrollmentError("not_live", _("This place has already been given back."))
    held_a_seat = enrollment.state == EnrollmentState.ENROLLED
    _enter_state(enrollment, EnrollmentState.WITHDRAWN, remark=reason)
    if held_a_seat:
        _move_seats(run, -1)
        _write_ledger(run, [enrollment], -1, SeatMoveReason.WITHDRAWN)
        _promote(run)
    note(run=run.code, trainee=enrollment.trainee.code, freed_a_seat=held_a_seat)
    return enrollment


def hold(run: CourseRun) -> CourseRun:
    """The run's row, locked until the deed ends."""
    return CourseRun.objects.select_for_update(of=("self",)).select_related("course").get(pk=run.pk)


def _require_open(run: CourseRun) -> None:
    if run.state not in (RunState.OPEN, RunState.RUNNING):
        raise EnrollmentError(
            "run_not_open",
            _("The class %(code)s takes nobody: it is not open.") % {"code": run.code},
        )


def _require_window(run: CourseRun) -> None:
    today = clock.today()
    too_early = run.enrollment_opens_on and today < run.enrollment_opens_on
    if too_early or today > (run.enrollment_closes_on or run.ends_on):
        raise EnrollmentError("window_closed", _("Enrollment in this class is closed on this day."))


def _create(enrollments: list[Enrollment]) -> None:
    try:
        with transaction.atomic():
            Enrollment.objects.bulk_create(enrollments, batch_size=BATCH)
    except IntegrityError as error:
        raise EnrollmentError(
            "already_enrolled", _("This person already has a place in this class.")
        ) from error


def _seat(run: CourseRun, enrollments: list[Enrollment], reason: SeatMoveReason) -> int:
    """Seat as many as fit, in order; the rest join the waiting list. How many were seated."""
    seated = enrollments[: run.seats_left]
    waiting = enrollments[len(seated) :]
    _move_seats(run, len(seated))
    _enter_states(seated, EnrollmentState.ENROLLED)
    if waiting:
        last = run.enrollments.aggregate(last=Max("waiting_number"))["last"] or 0
        for number, enrollment in enumerate(waiting, start=last + 1):
            enrollment.waiting_number = number
        _enter_states(waiting, EnrollmentState.WAITLISTED)
        _write_ledger(run, waiting, 0, SeatMoveReason.WAITLISTED)
    _write_ledger(run, seated, 1, reason)
    return len(seated)


def _promote(run: CourseRun) -> None:
    """Give free seats to the first on the waiting list."""
    free = run.capacity - run.seats_taken
    lucky = list(run.enrollments.waiting()[:free]) if free > 0 else []
    if lucky:
        _move_seats(run, len(lucky))
        _enter_states(lucky, EnrollmentState.ENROLLED)
        _write_ledger(run, lucky, 1, SeatMoveReason.PROMOTED)


def _move_seats(run: CourseRun, by_seats: int) -> None:
    CourseRun.objects.filter(pk=run.pk).update(seats_taken=F("seats_taken") + by_seats)
    run.seats_taken += by_seats


def _enter_states(enrollments: Iterable[Enrollment], state: EnrollmentState) -> None:
    moved = list(enrollments)
    for enrollment in moved:
        enrollment.state, enrollment.state_since = state, clock.now()
    Enrollment.objects.bulk_update(
        moved, ["state", "state_since", "waiting_number"], batch_size=BATCH
    )


def _enter_state(enrollment: Enrollment, state: EnrollmentState, *, remark: str = "") -> None:
    if remark:
        enrollment.note = remark[:250]
    enrollment.state, enrollment.state_since = state, clock.now()
    enrollment.save(update_fields=["state", "state_since", "note"])


def _write_ledger(
    run: CourseRun, enrollments: Iterable[Enrollment], seats: int, reason: SeatMoveReason
) -> None:
    SeatMove.objects.bulk_create(
        (SeatMove(run=run, enrollment=e, seats=seats, reason=reason) for e in enrollments),
        batch_size=BATCH,
    )
