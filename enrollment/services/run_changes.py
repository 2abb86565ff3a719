"""Move, cancel or reschedule a run, and notify the people concerned.

Each action returns how many people it notifies. Where they are more than ``CONFIRM_ABOVE``, it
raises ``confirm_recipients`` unless ``agreed_recipients`` is their number.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.mail import Recipient, mail_each
from accounts.models import User, is_mailbox
from audit.services import Actor, audit_details, audited
from common import clock, formats
from courses.choices import RunState
from courses.models import CourseRun, Session
from courses.services import require_unended
from courses.services.calendar import record_calendar
from courses.services.timetables import (
    Pattern,
    change_session,
    generate_timetable,
    lock_run,
    remove_session,
    reschedule,
)
from enrollment import message_kinds as kinds
from enrollment.choices import EnrollmentState, SeatMoveReason
from enrollment.errors import EnrollmentError, EnrollmentInputError
from enrollment.services.announcements import run_values, session_time
from enrollment.services.calendars import TimetableChanges
from enrollment.services.seat_allocation import write_ledger
from notices.kinds import MessageKind
from notices.services.texts import words_of
from people.models import Trainee
from people.services.letters import tell_people
from people.services.recipients import Reach, recipients_of

# Above this number somebody has to confirm it before anybody is notified.
CONFIRM_ABOVE = 10


@audited("run_moved")
def move_run(
    *, by: Actor, run: CourseRun, starts_on: dt.date, agreed_recipients: int | None = None
) -> int:
    run = lock_run(run)
    notified = audience_of(run)
    _require_agreement(notified, agreed_recipients)
    before = formats.days(run.starts_on, run.ends_on)
    if starts_on == run.starts_on:
        raise EnrollmentError("same_day", _("The class already starts on this day."))
    calendars = TimetableChanges(run)
    _shift_release_days(run, starts_on - run.starts_on)
    run = reschedule(by=by, run=run, starts_on=starts_on)
    after = formats.days(run.starts_on, run.ends_on)
    values = {"before": before, "after": after}
    _mail(calendars, notified, kinds.RUN_MOVED, lambda: run_values(run) | values)
    audit_details(run=run.code, starts_on=starts_on.isoformat(), notified=len(notified))
    return len(notified)


def _shift_release_days(run: CourseRun, shift: dt.timedelta) -> None:
    for share in run.seat_shares.filter(released_at=None):
        if share.release_on:
            share.release_on += shift
            share.save(update_fields=["release_on"])


@audited("run_cancelled")
def cancel_run(
    *, by: Actor, run: CourseRun, reason: str, agreed_recipients: int | None = None
) -> int:
    run = lock_run(run)
    require_unended(run)
    if not reason.strip():
        raise EnrollmentInputError("reason_missing", _("Give the reason for cancelling the class."))
    # Read before the enrollments end: afterwards nobody would be left to notify.
    notified = audience_of(run)
    _require_agreement(notified, agreed_recipients)
    calendars = TimetableChanges(run)
    ended = _end_enrollments(run, reason.strip())
    run.state, run.seats_taken, run.cancelled_because = RunState.CANCELLED, 0, reason.strip()[:250]
    run.save(update_fields=["state", "seats_taken", "cancelled_because"])
    record_calendar(run)
    values = {"reason": reason.strip()}
    _mail(calendars, notified, kinds.RUN_CANCELLED, lambda: run_values(run) | values)
    audit_details(run=run.code, enrollments=ended, notified=len(notified))
    return len(notified)


def _end_enrollments(run: CourseRun, reason: str) -> int:
    live = run.enrollments.live()
    lines = [
        (one, -int(one.state == EnrollmentState.ENROLLED), SeatMoveReason.CANCELLED) for one in live
    ]
    write_ledger(run, lines, reason)
    live.update(
        state=EnrollmentState.CANCELLED, state_since=clock.now(), withdrawal_reason=reason[:250]
    )
    return len(lines)


@audited("session_rescheduled")
def reschedule_session(
    *, by: Actor, session: Session, agreed_recipients: int | None = None, **changes: Any
) -> int:
    run = lock_run(session.run)
    before, calendars = session_time(session), TimetableChanges(run)
    changed = change_session(by=by, session=session, **changes)
    after = session_time(changed)
    if before == after:
        return 0
    notified = audience_of(run)
    _require_agreement(notified, agreed_recipients)
    values = {"number": str(session.number), "before": before, "after": after}
    _mail(calendars, notified, kinds.SESSION_MOVED, lambda: run_values(run) | values)
    audit_details(run=run.code, session=session.number, notified=len(notified))
    return len(notified)


@audited("session_cancelled")
def cancel_session(*, by: Actor, session: Session, agreed_recipients: int | None = None) -> int:
    run = lock_run(session.run)
    before = session_time(session)
    notified = audience_of(run) if session.starts_at > clock.now() else Audience()
    _require_agreement(notified, agreed_recipients)
    calendars = TimetableChanges(run)
    remove_session(by=by, session=session)
    values = {"number": str(session.number), "before": before}
    _mail(calendars, notified, kinds.SESSION_CANCELLED, lambda: run_values(run) | values)
    audit_details(run=run.code, session=session.number, notified=len(notified))
    return len(notified)


@audited("timetable_replaced")
def replace_timetable(
    *, by: Actor, run: CourseRun, pattern: Pattern, agreed_recipients: int | None = None
) -> tuple[int, int]:
    """Make a timetable from a pattern; return the numbers of sessions and of people notified."""
    run = lock_run(run)
    before, calendars = _times(run), TimetableChanges(run)
    session_count = len(generate_timetable(by=by, run=run, pattern=pattern))
    is_new = run.state != RunState.DRAFT and _times(run) != before
    notified = audience_of(run) if is_new else Audience()
    _require_agreement(notified, agreed_recipients)
    values = {"sessions": "\n".join(f"{n}. {time}" for n, time in enumerate(_times(run), start=1))}
    _mail(calendars, notified, kinds.TIMETABLE_CHANGED, lambda: run_values(run) | values)
    audit_details(run=run.code, sessions=session_count, notified=len(notified))
    return session_count, len(notified)


def _times(run: CourseRun) -> list[str]:
    return [session_time(session) for session in run.sessions.order_by("starts_at")]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a change concerns: by mail, or by a letter where there is no address."""

    mailed: Sequence[Recipient] = ()
    without_address: Sequence[Trainee] = ()

    def __len__(self) -> int:
        return len(self.mailed)

    @property
    def reach(self) -> Reach:
        letters = len(self.without_address)
        return Reach(len(self.mailed) + letters, letters)


def audience_of(run: CourseRun) -> Audience:
    """Live trainees and trainers, each address once, in the language of their account."""
    people = [one.trainee for one in run.enrollments.live().select_related("trainee__user")]
    users = User.objects.filter(runs_taught__run=run)
    reached = [*recipients_of(people), *(Recipient(user.email, user.language) for user in users)]
    # Accounts of single sign-on may have an address that is no mailbox.
    mailed = dict[str, Recipient]()
    for one in reached:
        if is_mailbox(one.address):
            mailed.setdefault(one.address.lower(), one)
    without = [
        person
        for person, recipient in zip(people, reached, strict=False)
        if not is_mailbox(recipient.address)
    ]
    return Audience(list(mailed.values()), without)


def _require_agreement(notified: Audience, agreed: int | None) -> None:
    if len(notified) > CONFIRM_ABOVE and agreed != len(notified):
        raise EnrollmentError("confirm_recipients", notified.reach.question)


def _mail(
    calendars: TimetableChanges,
    notified: Audience,
    kind: MessageKind,
    values: Callable[[], Mapping[str, str]],
) -> None:
    words, run = words_of(kind, values), calendars.run
    mail_each(
        notified.mailed,
        words,
        kind=kind.name,
        thread=run.mail_thread,
        calendar=calendars.invitation_to,
    )
    tell_people(notified.without_address, words, kind=kind.name)
