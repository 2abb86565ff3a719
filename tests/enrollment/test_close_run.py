import datetime as dt
from decimal import Decimal

import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.choices import Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.models import Completion, Enrollment
from enrollment.services.attendance import mark_everyone, record_attendance
from enrollment.services.completion import RunClosure, close_run, outcomes, void_completion
from enrollment.sheets import SessionMark
from tests.factories import (
    make_agency,
    make_course,
    make_enrollment,
    make_run,
    make_succession,
    make_trainee,
)

pytestmark = pytest.mark.django_db


def attend(run: CourseRun, enrollment: Enrollment, *marks: str) -> None:
    sessions = run.sessions.order_by("number")
    record_attendance(
        by=OFFICE,
        run=run,
        marks=[
            SessionMark(enrollment.pk, session.pk, mark)
            for session, mark in zip(sessions, marks, strict=True)
        ],
        evidence=Evidence.SIGNED_SHEET,
    )


def test_eighty_percent_of_the_hours_complete_and_less_do_not() -> None:
    run = make_run(sessions=5, ends_on=dt.date(2026, 3, 14))
    enough, too_little = make_enrollment(run), make_enrollment(run)
    attend(run, enough, "present", "late", "present", "present", "absent")
    attend(run, too_little, "present", "present", "present", "excused", "absent")
    assert close_run(by=OFFICE, run=run) == RunClosure(completed=1, not_completed=1, already=0)
    enough.refresh_from_db()
    too_little.refresh_from_db()
    assert (enough.state, too_little.state) == ("completed", "not_completed")


def test_the_preview_shows_what_is_missing() -> None:
    run = make_run(make_course(minimum_score=Decimal(5)))
    make_enrollment(run, score=Decimal("4.5"))
    (outcome,) = outcomes(run)
    assert outcome.missing == ("attendance", "score")


def test_the_day_of_completion_is_the_last_session_not_the_day_of_closing() -> None:
    run = make_run(sessions=2)
    make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    with clock.set_to(dt.date(2026, 9, 1)):
        close_run(by=OFFICE, run=run)
    completion = Completion.objects.get()
    assert completion.completed_on == dt.date(2026, 3, 11)
    assert completion.recorded_at.astimezone(clock.HANOI).date() == dt.date(2026, 9, 1)


def test_closing_again_changes_nothing() -> None:
    run = make_run()
    make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    close_run(by=OFFICE, run=run)
    assert close_run(by=OFFICE, run=run) == RunClosure(completed=0, not_completed=0, already=1)


def test_a_completion_keeps_the_sender_as_it_was_on_its_day() -> None:
    old, new = make_agency(kind="ministry"), make_agency(kind="state_group")
    make_succession(old, new, on=dt.date(2026, 3, 1))
    run = make_run()
    make_enrollment(run, make_trainee(old))
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    close_run(by=OFFICE, run=run)
    completion = Completion.objects.get()
    assert (completion.sending_agency, completion.sector) == (new, "state_corporation")
    assert Enrollment.objects.get().sending_agency == old


def test_a_merger_after_the_day_changes_no_completion() -> None:
    old, new = make_agency(), make_agency()
    make_succession(old, new, on=dt.date(2026, 3, 12))
    run = make_run()
    make_enrollment(run, make_trainee(old))
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    close_run(by=OFFICE, run=run)
    assert Completion.objects.get().sending_agency == old


@pytest.mark.parametrize(
    ("state", "code"), [("cancelled", "run_cancelled"), ("open", "no_attendance")]
)
def test_a_run_that_cannot_be_closed_gives_the_reason(state: str, code: str) -> None:
    run = make_run(state=state)
    make_enrollment(run)
    with pytest.raises(EnrollmentError) as refused:
        close_run(by=OFFICE, run=run)
    assert refused.value.code == code


def test_a_run_is_not_closed_before_its_last_session() -> None:
    run = make_run()
    make_enrollment(run)
    with clock.set_to(dt.date(2026, 3, 10)):
        mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
        with pytest.raises(EnrollmentError) as refused:
            close_run(by=OFFICE, run=run)
    assert refused.value.code == "run_not_over"


def test_a_voided_completion_stays_with_its_reason() -> None:
    run = make_run()
    make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    close_run(by=OFFICE, run=run)
    void_completion(by=OFFICE, completion=Completion.objects.get(), reason="Nhầm người")
    completion = Completion.objects.get()
    assert completion.voided_at
    assert completion.void_reason == "Nhầm người"
    assert not Completion.objects.not_voided().exists()
