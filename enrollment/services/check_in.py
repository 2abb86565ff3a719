"""Check-in with a QR code that the trainer shows and that changes every minute.

The code is bound to the session and the minute, so a photograph of it soon stops working.
Scanning it gives a ticket that leaves a few minutes to say who one is.
"""

import datetime as dt

from django.core import signing
from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from common.vietnamese import match_key
from courses.models import Session
from courses.services import require_unended
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.models import Attendance, Enrollment
from enrollment.services.attendance import new_mark, upsert_marks
from enrollment.sheets import SessionMark

CHECK_IN_OPENS = dt.timedelta(minutes=15)
LATE_AFTER = dt.timedelta(minutes=15)
TICKET_LIFETIME = dt.timedelta(minutes=5)
# A code is good in the minute in which it is shown and in the next: scanning takes a moment.
CODE_LIFETIME_MINUTES = 2
_CODE_SIGNER, _TICKET_SIGNER = (
    signing.Signer(salt="check-in code"),
    signing.Signer(salt="check-in ticket"),
)


def current_code(session: Session) -> str:
    """The session's code for this minute. Raises EnrollmentError when check-in is closed."""
    require_open(session)
    return _CODE_SIGNER.sign(f"{session.pk}.{_minute()}")


def ticket_for(code: str) -> tuple[Session, str]:
    """The session of a scanned code, and a ticket for it.

    Raises EnrollmentError ``bad_code`` (not ours), ``old_code``, ``too_early``, ``session_over``.
    """
    session_id, minute = _unsign(_CODE_SIGNER, code)
    # A negative age means a code of the future: the clock was set back.
    if not 0 <= _minute() - minute < CODE_LIFETIME_MINUTES:
        raise _old_code()
    session = _session(session_id)
    require_open(session)
    return session, _TICKET_SIGNER.sign(f"{session.pk}.{int(clock.now().timestamp())}")


def session_of_ticket(ticket: str) -> Session:
    session_id, issued_at = _unsign(_TICKET_SIGNER, ticket)
    if not 0 <= clock.now().timestamp() - issued_at <= TICKET_LIFETIME.total_seconds():
        raise _old_code()
    session = _session(session_id)
    require_open(session)
    return session


def enrollment_of_account(session: Session, user_id: int) -> Enrollment:
    seats = Enrollment.objects.filter(run=session.run_id, state=EnrollmentState.ENROLLED)
    enrollment = seats.of_user(user_id).first()
    if enrollment is None:
        raise _no_seat()
    return enrollment


def enrollment_by_name(session: Session, *, name: str, last_digits: str) -> Enrollment:
    """The enrollment of the one person with this name and these last digits of their number.

    Every miss raises the same ``not_found``, which does not reveal who is in the class.
    """
    found = Enrollment.objects.filter(
        run=session.run_id,
        state=EnrollmentState.ENROLLED,
        trainee__match_key=match_key(name),
        trainee__personal_number_tail=last_digits,
    )
    # Two matches are enough to know that the name is ambiguous.
    enrollments = list(found[:2]) if name.strip() and len(last_digits) == 3 else []
    if len(enrollments) != 1:
        text = _("No one with this name and these digits can check in here. Ask the trainer.")
        raise EnrollmentError("not_found", text)
    return enrollments[0]


@audited("checked_in")
def check_in(*, by: Actor, session: Session, enrollment: Enrollment) -> Attendance:
    run = lock_run(session.run)
    require_unended(run)
    require_open(session)
    seated = run.enrollments.filter(pk=enrollment.pk, state=EnrollmentState.ENROLLED).first()
    if seated is None:
        raise _no_seat()
    before = _mark_to_replace(session, enrollment)
    late = clock.now() > session.starts_at + LATE_AFTER
    mark = Mark.LATE if late else Mark.PRESENT
    made = SessionMark(enrollment.pk, session.pk, mark)
    attendance = new_mark(by, made, Evidence.QR_CHECK_IN, before)
    upsert_marks([attendance])
    audit_details(run=run.code, session=session.number, enrollment=enrollment.pk, mark=str(mark))
    return attendance


def _mark_to_replace(session: Session, enrollment: Enrollment) -> Attendance | None:
    """An absence recorded too early may be corrected by checking in; presence is not repeated."""
    before = Attendance.objects.filter(enrollment=enrollment, session=session).first()
    if before and before.mark in (Mark.PRESENT, Mark.LATE):
        raise EnrollmentError(
            "already_checked_in", _("You have already been marked for this session.")
        )
    return before


def require_open(session: Session) -> None:
    if clock.now() < session.starts_at - CHECK_IN_OPENS:
        opens = (session.starts_at - CHECK_IN_OPENS).astimezone(clock.HANOI)
        raise EnrollmentError(
            "too_early",
            _("Check-in opens at %(time)s on %(day)s.")
            % {"time": f"{opens:%H:%M}", "day": f"{opens:%d/%m/%Y}"},
        )
    if clock.now() > session.ends_at:
        raise EnrollmentError("session_over", _("This session is over: check-in is closed."))


def _session(session_id: int) -> Session:
    session = Session.objects.select_related("run__course").filter(pk=session_id).first()
    if session is None:
        raise _bad_code()
    return session


def _unsign(signer: signing.Signer, text: str) -> tuple[int, int]:
    try:
        session_id, _dot, moment = signer.unsign(text).partition(".")
        return int(session_id), int(moment)
    except (signing.BadSignature, ValueError) as error:
        raise _bad_code() from error


def _bad_code() -> EnrollmentError:
    return EnrollmentError("bad_code", _("This is not one of our check-in codes."))


def _old_code() -> EnrollmentError:
    return EnrollmentError(
        "old_code", _("This code is no longer valid: scan the one now on the screen.")
    )


def _no_seat() -> EnrollmentError:
    return EnrollmentError(
        "no_seat", _("You do not have a seat in this class. Please ask the trainer.")
    )


def _minute() -> int:
    return int(clock.now().timestamp() // 60)
