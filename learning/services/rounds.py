"""What happens by the clock: people hear that a test is open, and once more before it closes."""

import datetime as dt
from collections.abc import Iterator
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
from people.services.recipients import recipients_of

BATCH = 500
Sitting = tuple[CourseRun, CourseTest, str, Span]


def tell_of_tests() -> int:
    """How many messages. Safe to run twice: each is sent once."""
    days, now = days_of(kinds.TEST_REMINDER), clock.now()
    sent = 0
    for sitting in _open_now(now):
        opens_at, closes_at = sitting[3]
        sent += _tell(kinds.TEST_OPEN, sitting)
        # Whoever was told today that it is open is not reminded on the same day.
        was_opened_today = formats.local_day(opens_at) == clock.today()
        if days and closes_at <= now + dt.timedelta(days=days) and not was_opened_today:
            sent += _tell(kinds.TEST_REMINDER, sitting)
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


def _tell(kind: MessageKind, sitting: Sitting) -> int:
    """Those with a seat and an account who have not handed it in, once each."""
    run, test, stage, _span = sitting
    taken = Attempt.objects.finished().filter(enrollment__run=run, test=test, stage=stage)
    waiting = run.enrollments.filter(
        state=EnrollmentState.ENROLLED, trainee__user__isnull=False, trainee__erased_at=None
    ).exclude(pk__in=taken.values("enrollment"))
    keys = waiting.order_by("pk").values_list("pk", flat=True)
    return sum(_tell_some(kind, sitting, some) for some in batches(list(keys), BATCH))


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
