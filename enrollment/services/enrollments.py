"""How people come to a seat and give it back: nominate, approve, replace, withdraw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agencies.models import Agency
from audit.services import Actor, audit_details, audited, digest
from common import clock
from common.bulk import blank_values, in_list, insert_many, model_from_values
from common.constraints import violation_as
from courses.choices import ApprovalPolicy, RunState
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.choices import NOT_LIVE, EnrollmentState, SeatMoveReason
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment, NominationLetter
from enrollment.services.conflicts import EnrollmentWarning, warnings_for
from enrollment.services.details import DETAIL_FIELDS
from enrollment.services.enrollment_window import acts_as_office, require_not_over, require_window
from enrollment.services.seat_allocation import (
    FreeSeats,
    move_seats,
    promote,
    seat_new_enrollments,
    seat_pending_enrollment,
    write_ledger,
)
from people.models import Trainee

PENDING = (EnrollmentState.NOMINATED, EnrollmentState.REQUESTED)

# Outside of the audited action, whose own savepoint is rolled back first.
_unique_enrollment_errors = violation_as(
    EnrollmentError,
    "already_enrolled",
    gettext_lazy("This person is already enrolled in this class."),
    names=("one_live_enrollment", "run_id"),
)


@dataclass(slots=True)
class Nominee:
    trainee_id: int
    details: Mapping[str, str] = field(default_factory=dict)  # of DETAIL_FIELDS


@dataclass(frozen=True, slots=True)
class Nomination:
    enrolled: int = 0
    waitlisted: int = 0
    pending: int = 0
    warnings: tuple[EnrollmentWarning, ...] = field(default=())


@_unique_enrollment_errors
@audited("people_nominated")
def nominate(
    *,
    by: Actor,
    run: CourseRun,
    sending_agency: Agency,
    nominees: Sequence[Nominee],
    letter: NominationLetter | None = None,
    warn: bool = True,
) -> Nomination:
    """Enroll an agency's nominees in their order.

    An agency's nomination is its approval; where the office approves too, they wait for it.
    """
    # The lock makes capacity exact: nobody else takes a seat of this run meanwhile.
    run = lock_run(run)
    _require_open(run)
    if not acts_as_office(by):
        require_window(run)
    _require_letter_of(letter, run, sending_agency)
    found = tuple(warnings_for(run, [nominee.trainee_id for nominee in nominees])) if warn else ()
    needs_office = run.course.approval in (ApprovalPolicy.OFFICE, ApprovalPolicy.BOTH)
    enrollments = _nominated(by, run, sending_agency, nominees, letter)
    if needs_office:
        insert_many(enrollments)
        seated = 0
    else:
        seated = seat_new_enrollments(run, enrollments, SeatMoveReason.ENROLLED)
    audit_details(run=run.code, agency=sending_agency.slug, people=len(enrollments), seated=seated)
    if needs_office:
        return Nomination(pending=len(enrollments), warnings=found)
    return Nomination(enrolled=seated, waitlisted=len(enrollments) - seated, warnings=found)


def _nominated(
    by: Actor,
    run: CourseRun,
    agency: Agency,
    nominees: Sequence[Nominee],
    letter: NominationLetter | None,
) -> list[Enrollment]:
    """Built without ``__init__``: rosters nominate thousands of people at once."""
    now = clock.now()
    blank = blank_values(Enrollment) | {
        "recorded_at": now,
        "state_since": now,
        "run_id": run.pk,
        "sending_agency_id": agency.pk,
        "state": EnrollmentState.NOMINATED.value,
        "letter_id": letter.pk if letter else None,
        "agency_approved_at": now,
        "agency_approved_by": by.label,
    }
    return [
        model_from_values(
            Enrollment,
            blank,
            {"trainee_id": nominee.trainee_id}
            | {name: nominee.details.get(name, "") for name in DETAIL_FIELDS},
        )
        for nominee in nominees
    ]


@_unique_enrollment_errors
@audited("enrollment_requested")
def request_enrollment(*, by: Actor, run: CourseRun, trainee: Trainee) -> Enrollment:
    """A trainee asks for a seat; it is given at once only where nobody has to approve."""
    run = lock_run(run)
    _require_open(run)
    require_window(run)
    enrollment = _enrollment_of(run, trainee, EnrollmentState.REQUESTED)
    if run.course.approval == ApprovalPolicy.NONE:
        seat_new_enrollments(run, [enrollment], SeatMoveReason.ENROLLED)
    else:
        enrollment.save()
    audit_details(run=run.code, trainee=trainee.code, state=str(enrollment.state))
    return enrollment


@_unique_enrollment_errors
@audited("walk_in_entered")
def enroll_walk_in(*, by: Actor, run: CourseRun, trainee: Trainee) -> Enrollment:
    """Enroll somebody who came without a nomination into a seat that is free now.

    The waiting list goes first.
    """
    run = lock_run(run)
    _require_open(run)
    if not run.course.walk_ins_allowed:
        raise EnrollmentError(
            "no_walk_ins", _("This course accepts only people who were nominated or approved.")
        )
    if clock.today() < run.starts_on:
        raise EnrollmentError(
            "not_started", _("Walk-ins can be enrolled only from the first day of the class.")
        )
    # Those who wait get free seats before a walk-in does.
    promote(run)
    if not FreeSeats(run).is_open_to(trainee.agency_id):
        raise EnrollmentError("no_free_seat", _("There is no seat available for this person."))
    enrollment = _enrollment_of(run, trainee, EnrollmentState.APPROVED)
    seat_new_enrollments(run, [enrollment], SeatMoveReason.WALKED_IN)
    audit_details(run=run.code, trainee=trainee.code)
    return enrollment


@audited("walk_in_not_found")
def record_unknown_walk_in(*, by: Actor, run: CourseRun, search_key: str) -> None:
    audit_details(run=run.code, tried=digest(search_key))


def _enrollment_of(run: CourseRun, trainee: Trainee, state: EnrollmentState) -> Enrollment:
    return Enrollment(
        run=run,
        trainee=trainee,
        sending_agency_id=trainee.agency_id,
        state=state,
        unit=trainee.unit,
        position=trainee.position,
    )


@audited("enrollment_approved")
def approve(*, by: Actor, enrollment: Enrollment) -> Enrollment:
    """Give the next approval: the agency's, then the office's, as the course says.

    The last one gives a seat or a waiting number. The caller checks who may give which approval
    (``next_step``).
    """
    run, enrollment = _locked(enrollment)
    _require_open(run)
    require_not_over(by, run)
    _require_pending(enrollment)
    # The first of two approvals only adds its date; the state changes with the last.
    if run.course.approval == ApprovalPolicy.BOTH and enrollment.agency_approved_at is None:
        enrollment.agency_approved_at, enrollment.agency_approved_by = clock.now(), by.label
        enrollment.save(update_fields=["agency_approved_at", "agency_approved_by"])
    else:
        seat_pending_enrollment(run, enrollment, SeatMoveReason.ENROLLED)
    audit_details(run=run.code, trainee=enrollment.trainee.code, state=str(enrollment.state))
    return enrollment


@audited("enrollment_rejected")
def reject(*, by: Actor, enrollment: Enrollment, reason: str = "") -> Enrollment:
    _run, enrollment = _locked(enrollment)
    _require_pending(enrollment)
    _end_enrollment(enrollment, EnrollmentState.REJECTED, reason)
    audit_details(run=enrollment.run.code, trainee=enrollment.trainee.code)
    return enrollment


@audited("enrollment_withdrawn")
def withdraw(*, by: Actor, enrollment: Enrollment, reason: str = "") -> Enrollment:
    """End an enrollment; a freed seat goes to the first eligible on the waiting list."""
    run, enrollment = _locked(enrollment)
    require_withdrawable(by, run)
    _require_live(enrollment)
    freed = _release_seat(run, enrollment, SeatMoveReason.WITHDRAWN, reason)
    if freed:
        promote(run)
    audit_details(run=run.code, trainee=enrollment.trainee.code, freed_a_seat=bool(freed))
    return enrollment


@audited("people_withdrawn")
def withdraw_several(*, by: Actor, run: CourseRun, reasons: Mapping[int, str]) -> None:
    """Withdraw people of one run, enrollment id → reason, on the terms of ``withdraw``."""
    run = lock_run(run)
    require_withdrawable(by, run)
    enrollments = run.enrollments.filter(pk__in=in_list(reasons)).order_by("id")
    freed = 0
    for enrollment in enrollments.select_related("trainee"):
        _require_live(enrollment)
        reason = reasons[enrollment.pk]
        freed += _release_seat(run, enrollment, SeatMoveReason.WITHDRAWN, reason)
    if freed:
        promote(run)
    audit_details(run=run.code, people=len(reasons), seats_freed=freed)


@_unique_enrollment_errors
@audited("seat_taken_back")
def take_seat_back(*, by: Actor, enrollment: Enrollment) -> Enrollment:
    """Undo a withdrawal while the seat is free. Errors: ``too_late``, ``no_free_seat``."""
    run, enrollment = _locked(enrollment)
    require_withdrawable(by, run)
    if not run.enrollments.given_up_lately().filter(pk=enrollment.pk).exists():
        raise EnrollmentError("too_late", _("This seat can no longer be taken back."))
    if not FreeSeats(run).is_open_to(enrollment.sending_agency_id):
        text = _("The seat has gone to someone else. Join the waiting list instead.")
        raise EnrollmentError("no_free_seat", text)
    enrollment.withdrawal_reason = ""
    enrollment.save(update_fields=["withdrawal_reason"])
    seat_pending_enrollment(run, enrollment, SeatMoveReason.ENROLLED)
    audit_details(run=run.code, trainee=enrollment.trainee.code)
    return enrollment


@_unique_enrollment_errors
@audited("nominee_replaced")
def replace_nominee(
    *, by: Actor, enrollment: Enrollment, trainee: Trainee, reason: str = ""
) -> Enrollment:
    """Send a colleague instead, until the run starts.

    Seat, waiting number or approval pass on to the new enrollment.
    """
    run, old = _locked(enrollment)
    _require_open(run)
    _require_live(old)
    if clock.today() >= run.starts_on:
        raise EnrollmentError(
            "already_started", _("A nominee can be replaced until the day before the class starts.")
        )
    new = _enrollment_of(run, trainee, EnrollmentState(old.state))
    new.replaces = old
    for name in _PASSED_TO_REPLACEMENT:
        setattr(new, name, getattr(old, name))
    seats = int(old.state == EnrollmentState.ENROLLED)
    # The old one ends first: a constraint allows each waiting number once.
    _end_enrollment(old, EnrollmentState.WITHDRAWN, reason)
    new.save()
    if new.state not in PENDING:
        moves = ((old, -seats, SeatMoveReason.REPLACED), (new, seats, SeatMoveReason.REPLACED))
        write_ledger(run, moves)
    audit_details(run=run.code, trainee=old.trainee.code, replaced_by=trainee.code)
    return new


_PASSED_TO_REPLACEMENT = (
    "sending_agency_id",
    "waiting_number",
    "letter_id",
    "agency_approved_at",
    "agency_approved_by",
)


def _release_seat(
    run: CourseRun, enrollment: Enrollment, reason: SeatMoveReason, remark: str = ""
) -> int:
    """End the enrollment; return how many seats that frees (0 or 1)."""
    was_seated, was_waiting = (
        enrollment.state == state
        for state in (EnrollmentState.ENROLLED, EnrollmentState.WAITLISTED)
    )
    _end_enrollment(enrollment, EnrollmentState.WITHDRAWN, remark)
    if was_seated:
        move_seats(run, -1)
    if was_seated or was_waiting:
        # Ledger lines cannot be erased with a person, so the reason goes on the enrollment alone.
        write_ledger(run, [(enrollment, -int(was_seated), reason)])
    return int(was_seated)


def _locked(enrollment: Enrollment) -> tuple[CourseRun, Enrollment]:
    """The locked run, and the enrollment read again under the lock."""
    run = lock_run(enrollment.run)
    return run, Enrollment.objects.select_related("trainee").get(pk=enrollment.pk)


def _require_pending(enrollment: Enrollment) -> None:
    if enrollment.state not in PENDING:
        raise EnrollmentError("not_pending", _("This enrollment is not pending approval."))


def require_withdrawable(by: Actor, run: CourseRun) -> None:
    _require_open(run)
    require_not_over(by, run)


def _require_live(enrollment: Enrollment) -> None:
    if enrollment.state in NOT_LIVE:
        raise EnrollmentError("not_live", _("This enrollment has already been cancelled."))


def _require_letter_of(letter: NominationLetter | None, run: CourseRun, agency: Agency) -> None:
    if letter and (letter.run_id != run.pk or letter.agency_id != agency.pk):
        raise EnrollmentError(
            "another_letter", _("This letter belongs to another class or another agency.")
        )


def _require_open(run: CourseRun) -> None:
    if run.state not in (RunState.OPEN, RunState.RUNNING):
        text = _("Class %(code)s is not open for enrollment.")
        raise EnrollmentError("run_not_open", text % {"code": run.code})


def _end_enrollment(enrollment: Enrollment, state: EnrollmentState, reason: str) -> None:
    enrollment.withdrawal_reason = reason[:250]
    enrollment.state, enrollment.state_since = state, clock.now()
    enrollment.save(update_fields=["state", "state_since", "withdrawal_reason"])
