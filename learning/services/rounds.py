"""What happens by the clock: people hear that a test is open, and once more before it closes."""

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from common import clock, formats
from common.bulk import batches
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from enrollment.services.announcements import run_values
from learning import message_kinds as kinds
from learning.models import Attempt, CourseTest
from learning.services.course_tests import Span, spans, tests_of
from notices.kinds import MessageKind
from notices.services.messages import Messages
from notices.services.reminders import claim, days_of
from people.models import Merge
from people.querysets import resolved
from people.services.recipients import recipients_of

BATCH = 500
Sitting = tuple[CourseRun, CourseTest, str, Span]


def tell_of_tests() -> int:
    """How many messages. Safe to run twice: each is sent once."""
    days, now = days_of(kinds.TEST_REMINDER), clock.now()
    sittings = sorted(_open_now(now), key=lambda one: one[3])
    sent = _tell(kinds.TEST_OPEN, sittings)
    if days:
        last = now + dt.timedelta(days=days)
        # Whoever was told today that it is open is not reminded on the same day.
        closing = [
            one
            for one in sittings
            if one[3][1] <= last and formats.local_day(one[3][0]) != clock.today()
        ]
        sent += _tell(kinds.TEST_REMINDER, sorted(closing, key=lambda one: one[3][1]))
    return sent


def _open_now(now: dt.datetime) -> Iterator[Sitting]:
    runs = CourseRun.objects.filter(
        state__in=(RunState.OPEN, RunState.RUNNING), course__tests__withdrawn_at=None
    )
    for run in runs.filter(course__tests__isnull=False).select_related("course").distinct():
        tests = {one.pk: one for one in tests_of(run)}
        for (test, stage), span in spans(run, tests.values()).items():
            if span[0] <= now <= span[1]:
                yield run, tests[test], stage, span


def _tell(kind: MessageKind, sittings: Iterable[Sitting]) -> int:
    """Each person once about a test, by the first class of theirs where it is open."""
    survivors = Merge.objects.present_survivor_by_absorbed()
    notified, sent = set[tuple[int, int, str]](), 0
    for sitting in sittings:
        _run, test, stage, _span = sitting
        keys = []
        for seat, person in _waiting(sitting, survivors):
            about = (person, test.pk, stage)
            if about not in notified:
                notified.add(about)
                keys.append(seat)
        sent += sum(_tell_some(kind, sitting, some) for some in batches(keys, BATCH))
    return sent


def _waiting(sitting: Sitting, survivors: dict[int, int]) -> Iterator[tuple[int, int]]:
    """Seats, and whose they are, of those with an account who have not handed it in."""
    run, test, stage, _span = sitting
    taken = Attempt.objects.finished().filter(enrollment__run=run, test=test, stage=stage)
    done = taken.values_list("enrollment__trainee", flat=True)
    finished = {resolved(row, survivors) for row in done}
    seats = run.enrollments.filter(
        state=EnrollmentState.ENROLLED, trainee__user__isnull=False, trainee__erased_at=None
    )
    for seat, row in seats.order_by("pk").values_list("pk", "trainee"):
        if (person := resolved(row, survivors)) not in finished:
            yield seat, person


@transaction.atomic
def _tell_some(kind: MessageKind, sitting: Sitting, keys: list[int]) -> int:
    run, test, stage, _span = sitting
    occasions = {f"{run.pk}:{test.pk}:{stage}:{key}": key for key in keys}
    claimed = [occasions[one] for one in claim(kind, occasions)]
    found = Enrollment.objects.filter(pk__in=claimed).select_related("trainee__user")
    people = [one.trainee for one in found.order_by("pk")]
    messages = Messages()
    for person, recipient in zip(people, recipients_of(people), strict=True):
        values = partial(_values, sitting, person.full_name)
        messages.add(kind, recipient, values, thread=run.mail_thread, path=_path(sitting))
    return messages.send()


def _values(sitting: Sitting, full_name: str) -> dict[str, str]:
    run, test, _stage, (_opens_at, closes_at) = sitting
    return run_values(run) | {
        "full_name": full_name,
        "test": test.title,
        "closes_at": formats.instant(closes_at),
        "link": f"{settings.SITE_URL}{_path(sitting)}",
    }


def _path(sitting: Sitting) -> str:
    run, test, *_rest = sitting
    return reverse("run_test", args=[run.code, test.pk])
