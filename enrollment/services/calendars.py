"""What a calendar shows: sessions as meetings, with the changes of whoever has a seat in them.

A calendar takes a change only with a higher sequence. Losing a seat and having one again are
changes too, which the sequence of a session does not know: they are counted in the seat ledger,
which only grows.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cached_property

from django.conf import settings
from django.db.models import Count, Max
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.mail import Recipient
from accounts.models import User
from common import clock
from common.calendars import Mailbox, Meeting, invitations
from courses.choices import CalendarScope, RunState
from courses.models import CalendarAddress, CalendarEvent, CourseRun
from courses.querysets import CalendarEventQuerySet
from enrollment.choices import HOLDING_A_SEAT, EnrollmentState
from enrollment.models import Enrollment, SeatMove
from people.services.recipients import recipients_of

# How long a calendar is told of what will not take place.
CANCELLED_SHOWN_FOR = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Seat:
    """How often a person lost the seat in a class, when last, and whether they have one."""

    is_held: bool
    losses: int = 0
    lost_at: dt.datetime | None = None

    @property
    def changes(self) -> int:
        """Of which a calendar was told: lost, had again, lost again."""
        return max(0, 2 * self.losses - (not self.is_held))

    def was_lost_since(self, instant: dt.datetime) -> bool:
        return self.lost_at is not None and self.lost_at >= instant


HELD = Seat(is_held=True)


def seats_of(enrollments: Collection[Enrollment]) -> dict[tuple[int, int], Seat]:
    """By class and trainee, of those who have or had a seat."""
    moves = SeatMove.objects.filter(enrollment__in=[one.pk for one in enrollments], seats=-1)
    lost = {
        pk: (count, at)
        for pk, count, at in moves.order_by()
        .values("enrollment")
        .annotate(count=Count("pk"), at=Max("at"))
        .values_list("enrollment", "count", "at")
    }
    groups = defaultdict[tuple[int, int], list[Enrollment]](list)
    for one in enrollments:
        groups[one.run_id, one.trainee_id].append(one)
    found = {}
    for key, rows in groups.items():
        losses = [lost[one.pk] for one in rows if one.pk in lost]
        is_held = any(one.state in HOLDING_A_SEAT for one in rows)
        if is_held or losses:
            count = sum(count for count, _at in losses)
            found[key] = Seat(is_held, count, max((at for _count, at in losses), default=None))
    return found


# Subscriptions --------------------------------------------------------------------------


def may_read(user: User, scope: str, run: CourseRun | None) -> bool:
    if scope == CalendarScope.TAUGHT:
        return user.has_role(Role.TRAINER)
    if run is None:
        return scope == CalendarScope.OWN
    teaches = user.has_role(Role.TRAINER) and run.trainers.filter(user=user).exists()
    if teaches or user.reads_everything:
        return True
    # Whose class was cancelled reads so.
    takes_part = (*HOLDING_A_SEAT, EnrollmentState.CANCELLED)
    own = run.enrollments.of_user(user.pk).filter(state__in=takes_part)
    return run.state != RunState.DRAFT and own.exists()


def subscribed_meetings(address: CalendarAddress) -> list[Meeting]:
    """In the active language."""
    if address.scope == CalendarScope.OWN:
        return own_meetings(address.user)
    if address.scope == CalendarScope.TAUGHT:
        return taught_meetings(address.user)
    return [meeting_of(event) for event in _events().filter(run=address.run)]


def own_meetings(user: User) -> list[Meeting]:
    # Several rows of one person may be in one class: after a merge, or enrolled again.
    by_run = defaultdict[int, list[Seat]](list)
    own = Enrollment.objects.of_user(user.pk)
    for (run_id, _trainee), seat in seats_of(list(own)).items():
        by_run[run_id].append(seat)
    seats = {run_id: _together(found) for run_id, found in by_run.items()}
    shown = [run for run, seat in seats.items() if seat.is_held or seat.was_lost_since(_since())]
    return [meeting_of(event, seats[event.run_id]) for event in _events().filter(run__in=shown)]


def taught_meetings(user: User) -> list[Meeting]:
    taught = CourseRun.objects.taught_by(user).values("pk")
    return [meeting_of(event) for event in _events().filter(run__in=taught)]


def _events() -> CalendarEventQuerySet:
    return CalendarEvent.objects.shown(_since()).select_related("run")


def _since() -> dt.datetime:
    return clock.now() - CANCELLED_SHOWN_FOR


def _together(seats: list[Seat]) -> Seat:
    lost = [seat.lost_at for seat in seats if seat.lost_at]
    return Seat(
        any(seat.is_held for seat in seats),
        sum(seat.losses for seat in seats),
        max(lost, default=None),
    )


def calendar_label(scope: str, run: CourseRun | None) -> str:
    if run:
        return _("Class %(code)s") % {"code": run.code}
    return f"{_('Applied AI training')}: {CalendarScope(scope).label}"


def meeting_of(event: CalendarEvent, seat: Seat = HELD) -> Meeting:
    """``event`` with its run."""
    code = event.run.code
    topic = f": {event.topic}" if event.topic else ""
    page = f"{settings.SITE_URL}{reverse('run', args=[code])}"
    lines = [_("Class %(code)s") % {"code": code}, page]
    lines += [f"{_('Link')}: {event.link}"] if event.link else []
    return Meeting(
        uid=str(event.uid),
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        title=f"{event.title} ({code}){topic}",
        sequence=event.sequence + seat.changes,
        changed_at=max(event.changed_at, seat.lost_at or event.changed_at),
        location=event.venue or event.link,
        description="\n".join(lines),
        link=page,
        is_cancelled=bool(event.cancelled_at) or not seat.is_held,
    )


# Invitations by mail --------------------------------------------------------------------


class SeatChanges:
    """What calendars are to be told of enrollments whose state was not announced yet."""

    def __init__(self, enrollments: Iterable[Enrollment]) -> None:
        self._changed = [
            one
            for one in enrollments
            if (one.state in HOLDING_A_SEAT) != (one.announced_state in HOLDING_A_SEAT)
        ]
        self._events = defaultdict[int, list[CalendarEvent]](list)
        runs = {one.run_id for one in self._changed}
        for event in CalendarEvent.objects.coming().filter(run__in=runs).select_related("run"):
            self._events[event.run_id].append(event)
        people = {one.trainee_id for one in self._changed}
        rows = Enrollment.objects.filter(run__in=runs, trainee__in=people)
        self._seats = seats_of(list(rows)) if runs else {}

    def invitation_to(self, enrollment: Enrollment, address: str) -> str:
        seat = self._seats.get((enrollment.run_id, enrollment.trainee_id))
        if seat is None or enrollment not in self._changed:
            return ""
        return _invitation(self._events[enrollment.run_id], seat, address)


class TimetableChanges:
    """What calendars of those who have a seat in a class, or teach it, are to be told of a change.

    Made before it; ``invitation_to`` is asked afterwards.
    """

    def __init__(self, run: CourseRun) -> None:
        self.run = run
        self._sequences = dict(run.calendar_events.values_list("pk", "sequence"))
        seated = run.enrollments.holding_a_seat().select_related("trainee__user")
        people = [one.trainee for one in seated]
        addresses = [one.address.lower() for one in recipients_of(people)]
        self._trainee_by_address = dict(zip(addresses, people, strict=True))
        trainers = run.trainers.exclude(user=None).values_list("user__email", flat=True)
        self._trainers = {address.lower() for address in trainers}

    def invitation_to(self, recipient: Recipient) -> str:
        address = recipient.address.lower()
        trainee = self._trainee_by_address.get(address)
        seat = self._seats.get((self.run.pk, trainee.pk)) if trainee else None
        if seat is None and address not in self._trainers:
            return ""
        return _invitation(self._changed, seat or HELD, recipient.address)

    @cached_property
    def _changed(self) -> list[CalendarEvent]:
        events = self.run.calendar_events.select_related("run")
        return [event for event in events if self._sequences.get(event.pk) != event.sequence]

    @cached_property
    def _seats(self) -> dict[tuple[int, int], Seat]:
        people = self._trainee_by_address.values()
        return seats_of(list(self.run.enrollments.filter(trainee__in=people)))


def _invitation(events: Iterable[CalendarEvent], seat: Seat, address: str) -> str:
    """To what has not ended yet, in the active language; blank where there is nothing."""
    meetings = [meeting_of(event, seat) for event in events if event.ends_at > clock.now()]
    sender, own_address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = Mailbox(own_address, sender or _("Applied AI training"))
    return invitations(meetings, organizer=organizer, attendee=Mailbox(address))
