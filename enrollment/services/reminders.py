"""Reminding those whom others wait for: of unused seats, attendance, results and approvals.

What is long past is history, entered later: nobody is reminded of it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.choices import Role
from accounts.mail import Recipient
from accounts.models import User
from common import clock, formats
from courses.choices import RunState
from courses.models import CourseRun, Session
from enrollment import message_kinds as kinds
from enrollment.choices import Approver, EnrollmentState
from enrollment.models import Attendance, Enrollment, SeatShare
from enrollment.services.announcements import run_values, session_time
from enrollment.services.nominations import next_step
from enrollment.services.seat_allocation import FreeSeats
from notices.kinds import MessageKind
from notices.services.messages import Messages, Values
from notices.services.reminders import claim, days_of
from people.services.recipients import coordinators_of, office

HISTORY = dt.timedelta(days=90)
_UNDER_WAY = (RunState.OPEN, RunState.RUNNING)


def remind_of_duties() -> int:
    """How many messages, as of all here."""
    duties = (remind_of_shares, remind_of_attendance, remind_of_results, remind_of_requests)
    return sum(remind() for remind in duties)


@dataclass(frozen=True, slots=True)
class UnusedSeats:
    share: SeatShare
    closes_on: dt.date
    count: int

    @property
    def occasion(self) -> str:
        return f"{self.share.pk}:{self.closes_on}"

    def values(self) -> dict[str, str]:
        return _values(self.share.run) | {
            "agency": self.share.agency.name,
            "unused": str(self.count),
            "closes_on": formats.day(self.closes_on),
        }


@transaction.atomic
def remind_of_shares() -> int:
    """Coordinators, of seats that their agency loses when enrollment closes."""
    days, messages = days_of(kinds.SHARE_UNUSED), Messages()
    if days is None:
        return 0
    due = list(_unused_seats(clock.today() + dt.timedelta(days=days)))
    coordinators = coordinators_of({one.share.agency_id for one in due})
    # Where nobody can be told, it is told once somebody can.
    due = [one for one in due if coordinators[one.share.agency_id]]
    claimed = claim(kinds.SHARE_UNUSED, [one.occasion for one in due])
    for unused in due:
        if unused.occasion in claimed:
            for recipient in coordinators[unused.share.agency_id]:
                thread = unused.share.run.mail_thread
                messages.add(kinds.SHARE_UNUSED, recipient, unused.values, thread=thread)
    return messages.send()


def _unused_seats(last: dt.date) -> Iterator[UnusedSeats]:
    """Of shares that close between today and a day."""
    today = clock.today()
    shares = SeatShare.objects.in_force(today).filter(
        run__state=RunState.OPEN, run__starts_on__gte=today
    )
    found = shares.select_related("run__course", "agency").order_by("run", "pk")
    for run, own in groupby(found, key=attrgetter("run")):
        free = FreeSeats(run)
        for share in own:
            closes_on, count = _closes_on(share), free.unused_of(share.agency_id)
            if count and today <= closes_on <= last:
                yield UnusedSeats(share, closes_on, count)


def _closes_on(share: SeatShare) -> dt.date:
    """The last day on which a nomination still finds the seat reserved."""
    released = (share.release_on or share.run.starts_on) - dt.timedelta(days=1)
    return min(released, share.run.enrollment_closes_on or released)


@transaction.atomic
def remind_of_attendance() -> int:
    """Trainers, of sessions whose attendance is not recorded for everybody with a seat."""
    days, messages = days_of(kinds.ATTENDANCE_MISSING), Messages()
    if days is None:
        return 0
    due = {
        f"{session.pk}:{formats.local_day(session.ends_at)}": session
        for session in _unmarked_sessions(days)
    }
    claimed = claim(kinds.ATTENDANCE_MISSING, due)
    sessions = [session for occasion, session in due.items() if occasion in claimed]
    for run, own in groupby(sessions, key=attrgetter("run")):
        values = partial(_attendance_values, run, list(own))
        _tell_trainers(messages, kinds.ATTENDANCE_MISSING, run, values)
    return messages.send()


def _unmarked_sessions(days: int) -> Iterable[Session]:
    now = clock.now()
    marked = Attendance.objects.filter(enrollment=OuterRef("pk"), session=OuterRef(OuterRef("pk")))
    unmarked = Enrollment.objects.filter(run=OuterRef("run"), state=EnrollmentState.ENROLLED)
    sessions = Session.objects.filter(
        Exists(unmarked.exclude(Exists(marked))),
        run__state__in=_UNDER_WAY,
        ends_at__lte=now - dt.timedelta(days=days),
        ends_at__gte=now - HISTORY,
    )
    return sessions.select_related("run__course").order_by("run", "starts_at")


def _attendance_values(run: CourseRun, sessions: Sequence[Session]) -> dict[str, str]:
    lines = [f"- {session_time(session)}" for session in sessions]
    return _values(run, "run_attendance") | {"sessions": "\n".join(lines)}


@transaction.atomic
def remind_of_results() -> int:
    """Trainers, of classes that are over and not closed."""
    days, messages, today = days_of(kinds.RESULTS_MISSING), Messages(), clock.today()
    if days is None:
        return 0
    runs = CourseRun.objects.of_the_programme().filter(
        Exists(Enrollment.objects.filter(run=OuterRef("pk"), state=EnrollmentState.ENROLLED)),
        state__in=_UNDER_WAY,
        closing_proposed_at=None,
        ends_on__lte=today - dt.timedelta(days=days),
        ends_on__lt=today,
        ends_on__gte=today - HISTORY,
    )
    due = {f"{run.pk}:{run.ends_on}": run for run in runs.select_related("course").order_by("pk")}
    for occasion in sorted(claim(kinds.RESULTS_MISSING, due)):
        run = due[occasion]
        _tell_trainers(messages, kinds.RESULTS_MISSING, run, partial(_values, run, "run_results"))
    return messages.send()


def _tell_trainers(messages: Messages, kind: MessageKind, run: CourseRun, values: Values) -> None:
    taught_by = User.objects.filter(runs_taught__run=run, is_active=True)
    trainers = taught_by.holding(Role.TRAINER).order_by("pk")
    found = [Recipient(user.email, user.language) for user in trainers if user.has_mailbox]
    for recipient in found or office():
        messages.add(kind, recipient, values, thread=run.mail_thread)


@transaction.atomic
def remind_of_requests() -> int:
    """Whoever has to approve, of requests and nominations that have waited for days."""
    days, messages = days_of(kinds.REQUESTS_WAITING), Messages()
    if days is None:
        return 0
    late = clock.now() - dt.timedelta(days=days)
    waiting = Enrollment.objects.pending_approval().filter(
        run__state__in=_UNDER_WAY, run__ends_on__gte=clock.today(), state_since__lte=late
    )
    due = {}
    for enrollment in waiting.select_related("run__course").order_by("run__starts_on", "run", "pk"):
        step = next_step(enrollment)
        if step and step.since <= late:
            due[f"{enrollment.pk}:{step.who}:{formats.local_day(step.since)}"] = enrollment
    claimed = claim(kinds.REQUESTS_WAITING, due)
    late_ones = [enrollment for occasion, enrollment in due.items() if occasion in claimed]
    for recipient, own in _approvers(late_ones).items():
        messages.add(kinds.REQUESTS_WAITING, recipient, partial(_request_values, own, days))
    return messages.send()


def _request_values(enrollments: Sequence[Enrollment], days: int) -> dict[str, str]:
    lines = []
    for run, own in groupby(enrollments, key=attrgetter("run")):
        address = _values(run, "run_seats")["link"]
        lines.append(f"- {run.code} ({formats.day(run.starts_on)}): {len(list(own))} – {address}")
    return {"count": str(len(enrollments)), "days": str(days), "lines": "\n".join(lines)}


def _approvers(enrollments: Sequence[Enrollment]) -> dict[Recipient, list[Enrollment]]:
    found = defaultdict[Recipient, list[Enrollment]](list)
    coordinators = coordinators_of({one.sending_agency_id for one in enrollments})
    the_office = office() if enrollments else []
    for enrollment in enrollments:
        step = next_step(enrollment)
        if step and step.who == Approver.AGENCY:
            approvers = coordinators[enrollment.sending_agency_id] or the_office
        else:
            approvers = the_office
        for recipient in approvers:
            found[recipient].append(enrollment)
    return found


def _values(run: CourseRun, page: str = "run") -> dict[str, str]:
    address = f"{settings.SITE_URL}{reverse(page, args=[run.code])}"
    return run_values(run) | {"link": address}
