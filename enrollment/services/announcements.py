"""Telling people, and the agency that sent them, what became of their enrollment.

Messages are pulled, not pushed: whatever changed the state of an enrollment, one task compares it
with the state that was last announced. So no way in is forgotten, several changes within seconds
make one message, and message and mark are written in one transaction.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import translation

from accounts.mail import Recipient
from accounts.models import is_mailbox
from agencies.models import Agency
from common import clock, formats
from courses.choices import RunState
from courses.models import CourseRun, Session
from enrollment import message_kinds as kinds
from enrollment.choices import IN_PROGRESS, EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.calendars import SeatChanges
from notices.kinds import MessageKind
from notices.services.messages import Messages
from notices.services.reminders import days_of
from people.models import Letter, Trainee, TransferRequest
from people.services.letters import letter_to
from people.services.recipients import Reach, coordinators_of, reach_of, recipients_of

BATCH = 500
NAMED = 30
# Results that are recorded so long after the class are history: nobody waits for them.
LATEST_RESULT = dt.timedelta(days=90)

_KIND_BY_STATE = {
    EnrollmentState.NOMINATED: kinds.NOMINATED,
    EnrollmentState.REQUESTED: kinds.REQUESTED,
    EnrollmentState.ENROLLED: kinds.ENROLLED,
    EnrollmentState.WAITLISTED: kinds.WAITLISTED,
    EnrollmentState.REJECTED: kinds.REJECTED,
    EnrollmentState.WITHDRAWN: kinds.WITHDRAWN,
    EnrollmentState.COMPLETED: kinds.COMPLETED,
    EnrollmentState.NOT_COMPLETED: kinds.NOT_COMPLETED,
}
_RESULTS = (EnrollmentState.COMPLETED, EnrollmentState.NOT_COMPLETED)


@dataclass(slots=True)
class Outbox:
    """Messages and letters under way."""

    messages: Messages = field(default_factory=Messages)
    letters: list[Letter] = field(default_factory=list)

    def add(
        self,
        run: CourseRun,
        kind: MessageKind,
        to: Recipient,
        values: dict[str, str],
        person: Trainee | None = None,
        *,
        calendar: str = "",
    ) -> None:
        """A message; to a ``person`` without an address, a letter too."""
        path = values["link"].removeprefix(settings.SITE_URL)
        message = self.messages.add(
            kind, to, lambda: values, thread=run.mail_thread, calendar=calendar, path=path
        )
        if person and not (is_mailbox(to.address) or person.erased_at):
            self.letters.append(letter_to(person, message))

    def send(self) -> int:
        Letter.objects.bulk_create(self.letters, batch_size=BATCH)
        return self.messages.send()


def announce() -> int:
    """Tell of every enrollment whose state has changed; return the number of messages."""
    sent = 0
    while announced := _announce_some():
        sent += announced[1]
        if announced[0] < BATCH:
            break
    return sent


@transaction.atomic
def _announce_some() -> tuple[int, int] | None:
    """How many enrollments were marked, and how many messages were written."""
    changed = list(
        Enrollment.objects.unannounced()
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("run__course", "trainee__user", "sending_agency")
        .annotate(was_replaced=Exists(Enrollment.objects.filter(replaces=OuterRef("pk"))))
        .order_by("id")[:BATCH]
    )
    if not changed:
        return None
    outbox = Outbox()
    announced = [(enrollment, kind) for enrollment in changed if (kind := _kind_for(enrollment))]
    _tell_people(outbox, announced)
    _tell_agencies(outbox, announced)
    sent = outbox.send()
    for enrollment in changed:
        enrollment.announced_state = enrollment.state
    Enrollment.objects.bulk_update(changed, ["announced_state"], batch_size=BATCH)
    return len(changed), sent


def _kind_for(enrollment: Enrollment) -> MessageKind | None:
    """None where there is nobody to tell, or nothing that they do not know."""
    before, state, run = enrollment.announced_state, enrollment.state, enrollment.run
    if state in _RESULTS:
        # Past results on paper come without an enrollment before them.
        is_news = before in IN_PROGRESS and clock.today() - run.ends_on <= LATEST_RESULT
        return _KIND_BY_STATE[EnrollmentState(state)] if is_news else None
    is_past = run.ends_on < formats.local_day(enrollment.state_since)
    # A cancelled class tells its people itself, once the number of recipients was confirmed.
    if is_past or RunState.CANCELLED in (run.state, state) or state not in _KIND_BY_STATE:
        return None
    if state not in IN_PROGRESS and not before:
        return None  # came and went before anybody was announced
    if state == EnrollmentState.ENROLLED and before == EnrollmentState.WAITLISTED:
        return kinds.PROMOTED
    if state == EnrollmentState.WITHDRAWN and getattr(enrollment, "was_replaced", False):
        return kinds.REPLACED
    return _KIND_BY_STATE[EnrollmentState(state)]


def reach_of_nomination(run: CourseRun, people: Iterable[Trainee], agency: Agency) -> Reach:
    return reach_of(people, [agency.pk]) if clock.today() <= run.ends_on else Reach()


def reach_of_closing(run: CourseRun) -> Reach:
    if clock.today() - run.ends_on > LATEST_RESULT:
        return Reach()
    seated = run.enrollments.filter(state=EnrollmentState.ENROLLED).select_related("trainee__user")
    return reach_of([one.trainee for one in seated], {one.sending_agency_id for one in seated})


def _tell_people(outbox: Outbox, announced: Sequence[tuple[Enrollment, MessageKind]]) -> None:
    positions = _waiting_positions(enrollment for enrollment, _kind in announced)
    changes = SeatChanges(enrollment for enrollment, _kind in announced)
    people = recipients_of([enrollment.trainee for enrollment, _kind in announced])
    for (enrollment, kind), recipient in zip(announced, people, strict=True):
        with translation.override(recipient.language):
            values = values_of(enrollment) | {
                "position": str(positions.get(enrollment.pk, "")),
                "reason": enrollment.withdrawal_reason,
            }
            calendar = changes.invitation_to(enrollment, recipient.address)
        person = enrollment.trainee
        outbox.add(enrollment.run, kind, recipient, values, person, calendar=calendar)


def _waiting_positions(enrollments: Iterable[Enrollment]) -> dict[int, int]:
    """Places on the waiting list by enrollment, from 1."""
    runs = {one.run_id for one in enrollments if one.state == EnrollmentState.WAITLISTED}
    count_by_run = defaultdict[int, int](int)
    found = {}
    waiting = Enrollment.objects.waiting().filter(run__in=runs)
    for pk, run_id in waiting.order_by("run", "waiting_number").values_list("pk", "run_id"):
        count_by_run[run_id] += 1
        found[pk] = count_by_run[run_id]
    return found


def _tell_agencies(outbox: Outbox, announced: Sequence[tuple[Enrollment, MessageKind]]) -> None:
    """One message to each coordinator and class."""
    groups = defaultdict[tuple[int, int], list[tuple[Enrollment, MessageKind]]](list)
    for enrollment, kind in announced:
        groups[enrollment.run_id, enrollment.sending_agency_id].append((enrollment, kind))
    coordinators = coordinators_of({agency_id for _run, agency_id in groups})
    names = _names_as_sent([enrollment for enrollment, _kind in announced])
    for (_run_id, agency_id), group in groups.items():
        for recipient in coordinators[agency_id]:
            with translation.override(recipient.language):
                lines = [
                    f"- {names[enrollment.pk]}: {kind.label}" for enrollment, kind in group[:NAMED]
                ]
                lines += [f"… +{len(group) - NAMED}"] if len(group) > NAMED else []
                run = group[0][0].run
                values = run_values(run) | {
                    "agency": group[0][0].sending_agency.name,
                    "lines": "\n".join(lines),
                    "link": f"{settings.SITE_URL}{reverse('run', args=[run.code])}",
                }
            outbox.add(run, kinds.AGENCY_SUMMARY, recipient, values)


def _names_as_sent(enrollments: Sequence[Enrollment]) -> dict[int, str]:
    """The sender reads no more of somebody of another agency than it wrote itself."""
    foreign = [one for one in enrollments if one.trainee.agency_id != one.sending_agency_id]
    requests = TransferRequest.objects.filter(trainee__in=[one.trainee_id for one in foreign])
    sent = {
        (trainee, agency): name
        for trainee, agency, name in requests.order_by("id").values_list(
            "trainee_id", "to_agency_id", "name_as_sent"
        )
    }
    names = {one.pk: one.trainee.full_name for one in enrollments}
    for one in foreign:
        name = sent.get((one.trainee_id, one.sending_agency_id))
        names[one.pk] = name or one.trainee.code
    return names


# Reminders ------------------------------------------------------------------------------


def remind() -> int:
    """Remind whoever has a seat of a class that begins soon, once for each first day."""
    sent, days = 0, days_of(kinds.REMINDER)
    if days is None:
        return 0
    last = clock.today() + dt.timedelta(days=days)
    runs = CourseRun.objects.filter(state=RunState.OPEN, starts_on__range=(clock.today(), last))
    for run in runs.select_related("course").order_by("starts_on", "pk"):
        sent += _remind_of(run)
    return sent


@transaction.atomic
def _remind_of(run: CourseRun) -> int:
    seated = list(
        run.enrollments.holding_a_seat()
        .exclude(reminded_of=run.starts_on)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("trainee__user", "sending_agency")
    )
    outbox, sessions = Outbox(), list(run.sessions.order_by("starts_at"))
    titles = run.materials.order_by("title").values_list("title", flat=True)
    materials = ", ".join(titles)
    people = recipients_of([enrollment.trainee for enrollment in seated])
    for enrollment, recipient in zip(seated, people, strict=True):
        enrollment.run = run
        with translation.override(recipient.language):
            lines = [f"- {session_time(session)}" for session in sessions]
            values = values_of(enrollment) | {"sessions": "\n".join(lines), "materials": materials}
        outbox.add(run, kinds.REMINDER, recipient, values, enrollment.trainee)
    sent = outbox.send()
    reminded = Enrollment.objects.filter(pk__in=[enrollment.pk for enrollment in seated])
    reminded.update(reminded_of=run.starts_on)
    return sent


# In words -------------------------------------------------------------------------------


def values_of(enrollment: Enrollment) -> dict[str, str]:
    return run_values(enrollment.run) | {
        "full_name": enrollment.trainee.full_name,
        "agency": enrollment.sending_agency.name,
        "link": f"{settings.SITE_URL}{reverse('my')}",
    }


def session_time(session: Session) -> str:
    day = formats.day(formats.local_day(session.starts_at))
    return f"{day}, {formats.hours(session.starts_at, session.ends_at)}"


def run_values(run: CourseRun) -> dict[str, str]:
    return {
        "class_title": run.course.title,
        "class_code": run.code,
        "starts_on": formats.day(run.starts_on),
        "ends_on": formats.day(run.ends_on),
        "venue": run.venue or run.link,
        "online": run.link,
    }
