"""What the database itself refuses, whatever the code above it does."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from courses.models import CourseRun, OfficialDecision, RunTrainer
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import (
    Attendance,
    CompletionException,
    NominationLetter,
    ScoreEntry,
    SeatMove,
    SeatShare,
)
from tests.factories import make_completion, make_enrollment, make_run, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def a_run(**fields: Any) -> CourseRun:
    return make_run(**({"capacity": 2} | fields))


def marked_twice() -> None:
    run = a_run()
    enrollment, session = make_enrollment(run), run.sessions.earliest("number")
    for mark in (Mark.PRESENT, Mark.LATE):
        Attendance.objects.create(
            enrollment=enrollment,
            session=session,
            mark=mark,
            evidence=Evidence.QR_CHECK_IN,
            recorded_by="test",
        )


def changed(**fields: Any) -> None:
    CourseRun.objects.filter(pk=a_run().pk).update(**fields)


def two_live_enrollments() -> None:
    run, who = a_run(), make_trainee()
    for _ in range(2):
        make_enrollment(run, who)


def waiting(*numbers: int | None) -> None:
    run = a_run()
    for number in numbers:
        make_enrollment(run, state=EnrollmentState.WAITLISTED, waiting_number=number)


def session_backwards() -> None:
    start = a_run().sessions.earliest("number").starts_at + dt.timedelta(days=1)
    a_run().sessions.create(number=9, starts_at=start, ends_at=start)


def session_number_twice() -> None:
    run = a_run()
    first = run.sessions.earliest("number")
    day = dt.timedelta(days=5)
    run.sessions.create(number=1, starts_at=first.starts_at + day, ends_at=first.ends_at + day)


def share(seats: int, times: int = 1) -> None:
    run, agency = a_run(), make_trainee().agency
    for _ in range(times):
        SeatShare.objects.create(run=run, agency=agency, seats=seats)


def seat_move(seats: int, *, nobody: bool = False) -> None:
    enrollment = make_enrollment(a_run())
    SeatMove.objects.create(
        run=enrollment.run,
        enrollment=None if nobody else enrollment,
        seats=seats,
        reason="enrolled",
    )


def completed_twice() -> None:
    run, who = a_run(), make_trainee()
    for _ in range(2):
        make_completion(who, run)


def void_without_reason() -> None:
    result = make_completion()
    type(result).objects.filter(pk=result.pk).update(voided_at=result.recorded_at)


def exception_without_reason() -> None:
    CompletionException.objects.create(
        enrollment=make_enrollment(a_run()), reason="", granted_by="test"
    )


def score(value: str) -> None:
    make_enrollment(a_run(), score=Decimal(value))


def score_entry(value: str) -> None:
    enrollment = make_enrollment(a_run())
    ScoreEntry.objects.create(enrollment=enrollment, score=Decimal(value), recorded_by="test")


def nobody_teaches() -> None:
    RunTrainer.objects.create(run=a_run())


def two_of_a_kind() -> None:
    run = a_run()
    for number in "12":
        OfficialDecision.objects.create(
            run=run, kind="recognition", number=number, dated=run.ends_on
        )


def letter_twice() -> None:
    run, agency = a_run(), make_trainee().agency
    for _ in range(2):
        NominationLetter.objects.create(
            run=run, agency=agency, number="1/CV", dated=run.starts_on, recorded_by="test"
        )


REFUSED: dict[str, Callable[[], None]] = {
    "a second mark for one session": marked_twice,
    "two live enrollments in one class": two_live_enrollments,
    "one number twice on the waiting list": lambda: waiting(1, 1),
    "waiting without a number": lambda: waiting(None),
    "an end before the start": lambda: changed(ends_on=dt.date(2026, 3, 9)),
    "no seat at all": lambda: changed(capacity=0),
    "more seated than seats": lambda: changed(seats_taken=3),
    "more seats shared than there are": lambda: changed(seats_shared=3),
    "enrollment closing before it opens": lambda: changed(
        enrollment_opens_on=dt.date(2026, 2, 2), enrollment_closes_on=dt.date(2026, 2, 1)
    ),
    "a session without length": session_backwards,
    "a session number twice": session_number_twice,
    "a share of no seat": lambda: share(0),
    "two shares of one agency": lambda: share(1, times=2),
    "two seats at once": lambda: seat_move(2),
    "a seat that is nobody's": lambda: seat_move(1, nobody=True),
    "two valid results": completed_twice,
    "a void without a reason": void_without_reason,
    "an exception without a reason": exception_without_reason,
    "a score above ten": lambda: score("10.01"),
    "a score below nothing": lambda: score_entry("-0.01"),
    "a trainer who is nobody": nobody_teaches,
    "two decisions of one kind": two_of_a_kind,
    "one letter twice": letter_twice,
}


@pytest.mark.parametrize("what", REFUSED)
def test_the_database_refuses(what: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        REFUSED[what]()
