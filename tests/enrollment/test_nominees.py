"""Warnings at nomination, replacements, walk-ins, and skipping people with a time conflict."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.errors import EnrollmentError
from enrollment.models import Enrollment
from enrollment.services.enrollments import (
    Nominee,
    approve,
    enroll_walk_in,
    nominate,
    reject,
    replace_nominee,
    request_enrollment,
    withdraw,
)
from enrollment.services.seat_shares import promote_due
from people.models import Trainee
from people.services.merges import merge
from tests.factories import make_completion, make_course, make_run, make_trainee

pytestmark = pytest.mark.django_db
BEFORE = dt.date(2026, 3, 1)


@pytest.fixture(autouse=True)
def before_the_run():
    with clock.set_to(BEFORE):
        yield


def refused(code: str):
    return pytest.raises(EnrollmentError, check=lambda error: error.code == code)


def send(run: CourseRun, *trainees: Trainee) -> list[Enrollment]:
    nominees = [Nominee(trainee.pk) for trainee in trainees]
    nominate(by=OFFICE, run=run, sending_agency=trainees[0].agency, nominees=nominees)
    return list(run.enrollments.order_by("id"))


def test_a_nominee_seated_in_a_simultaneous_class_causes_a_warning() -> None:
    who, first, second = make_trainee(), make_run(), make_run()
    send(first, who)
    outcome = nominate(by=OFFICE, run=second, sending_agency=who.agency, nominees=[Nominee(who.pk)])
    assert [warning.code for warning in outcome.warnings] == ["time_clash"]
    assert first.code in outcome.warnings[0].message
    assert outcome.enrolled == 1


def test_a_time_conflict_is_found_through_a_merge_of_the_person() -> None:
    who, twin, first, second = make_trainee(), make_trainee(), make_run(), make_run()
    send(first, twin)
    merge(by=OFFICE, survivor=who, absorbed=twin)
    outcome = nominate(by=OFFICE, run=second, sending_agency=who.agency, nominees=[Nominee(who.pk)])
    assert [warning.code for warning in outcome.warnings] == ["time_clash"]


def test_a_missing_prerequisite_causes_a_warning_and_a_completed_one_does_not() -> None:
    basics, further = make_course(), make_course()
    further.prerequisites.add(basics)
    new, trained = make_trainee(), make_trainee()
    make_completion(trained, make_run(basics))
    outcome = nominate(
        by=OFFICE,
        run=make_run(further),
        sending_agency=new.agency,
        nominees=[Nominee(new.pk), Nominee(trained.pk)],
    )
    assert [(d.trainee_id, d.code) for d in outcome.warnings] == [(new.pk, "prerequisite_missing")]


def test_somebody_waiting_with_a_time_conflict_is_skipped_with_the_reason() -> None:
    run, elsewhere = make_run(capacity=1), make_run()
    busy, free = make_trainee(), make_trainee()
    first, waits, next_one = send(run, make_trainee(), busy, free)
    send(elsewhere, busy)
    withdraw(by=OFFICE, enrollment=first)
    waits.refresh_from_db()
    next_one.refresh_from_db()
    assert (waits.state, waits.skipped_because) == ("waitlisted", "time_clash")
    assert next_one.state == "enrolled"
    assert run.seat_moves.get(reason="skipped").enrollment == waits


def test_a_skipped_person_is_first_again_when_the_conflict_ends() -> None:
    run, elsewhere = make_run(capacity=1), make_run()
    busy = make_trainee()
    first, waits = send(run, make_trainee(), busy)
    (other_enrollment,) = send(elsewhere, busy)
    withdraw(by=OFFICE, enrollment=first)
    withdraw(by=OFFICE, enrollment=other_enrollment)
    send(run, make_trainee())
    waits.refresh_from_db()
    assert (waits.state, waits.skipped_because) == ("enrolled", "")


def test_the_timed_task_seats_people_when_a_conflict_ends_and_otherwise_writes_nothing() -> None:
    run, elsewhere = make_run(capacity=1), make_run()
    busy = make_trainee()
    first, waits = send(run, make_trainee(), busy)
    (other_enrollment,) = send(elsewhere, busy)
    withdraw(by=OFFICE, enrollment=first)
    entries = AuditEntry.objects.count()
    assert (promote_due(), AuditEntry.objects.count()) == (0, entries)
    withdraw(by=OFFICE, enrollment=other_enrollment)
    assert (promote_due(), promote_due()) == (1, 0)
    waits.refresh_from_db()
    assert waits.state == "enrolled"


def test_replacing_a_nominee_keeps_the_seat() -> None:
    run, who, instead = make_run(capacity=1), make_trainee(), make_trainee()
    old, waiting = send(run, who, make_trainee())
    new = replace_nominee(by=OFFICE, enrollment=old, trainee=instead, reason="Đi công tác")
    old.refresh_from_db()
    waiting.refresh_from_db()
    assert (new.state, new.sending_agency, new.replaces) == ("enrolled", who.agency, old)
    assert (old.state, waiting.state) == ("withdrawn", "waitlisted")
    moves = list(run.seat_moves.values_list("seats", "reason"))[-2:]
    assert moves == [(-1, "replaced"), (1, "replaced")]


def test_replacing_whoever_waits_keeps_the_number() -> None:
    run = make_run(capacity=1)
    _first, waiting = send(run, make_trainee(), make_trainee())
    new = replace_nominee(by=OFFICE, enrollment=waiting, trainee=make_trainee())
    assert (new.state, new.waiting_number) == ("waitlisted", 1)


def test_from_the_first_day_on_nobody_is_replaced() -> None:
    run = make_run()
    (enrollment,) = send(run, make_trainee())
    with clock.set_to(run.starts_on), refused("already_started"):
        replace_nominee(by=OFFICE, enrollment=enrollment, trainee=make_trainee())


def test_nobody_replaces_a_colleague_in_a_run_where_they_are_enrolled() -> None:
    run, who = make_run(), make_trainee()
    first, _second = send(run, make_trainee(), who)
    with refused("already_enrolled"):
        replace_nominee(by=OFFICE, enrollment=first, trainee=who)
    first.refresh_from_db()
    assert first.state == "enrolled"


def test_where_both_approve_a_request_waits_for_the_agency_then_for_the_office() -> None:
    run, who = make_run(make_course(approval="both")), make_trainee()
    enrollment = request_enrollment(by=OFFICE, run=run, trainee=who)
    enrollment = approve(by=OFFICE, enrollment=enrollment)
    assert (enrollment.state, bool(enrollment.agency_approved_at)) == ("requested", True)
    assert approve(by=OFFICE, enrollment=enrollment).state == "enrolled"


def test_where_both_approve_the_agencys_nomination_is_its_approval() -> None:
    (enrollment,) = send(make_run(make_course(approval="both")), make_trainee())
    assert approve(by=OFFICE, enrollment=enrollment).state == "enrolled"


def test_what_is_not_pending_can_be_neither_approved_nor_rejected() -> None:
    (enrollment,) = send(make_run(), make_trainee())
    for decide in (approve, reject):
        with refused("not_pending"):
            decide(by=OFFICE, enrollment=enrollment)


def test_a_walk_in_takes_a_free_seat_where_the_course_allows_it() -> None:
    run = make_run(make_course(walk_ins_allowed=True), capacity=1)
    with clock.set_to(run.starts_on):
        enrollment = enroll_walk_in(by=OFFICE, run=run, trainee=make_trainee())
        assert enrollment.state == "enrolled"
        with refused("no_free_seat"):
            enroll_walk_in(by=OFFICE, run=run, trainee=make_trainee())
    assert run.seat_moves.get().reason == "walked_in"


@pytest.mark.parametrize(
    ("allowed", "day", "code"),
    [(False, dt.date(2026, 3, 10), "no_walk_ins"), (True, BEFORE, "not_started")],
)
def test_a_walk_in_is_refused_with_a_sentence(allowed: bool, day: dt.date, code: str) -> None:
    run = make_run(make_course(walk_ins_allowed=allowed))
    with clock.set_to(day), refused(code):
        enroll_walk_in(by=OFFICE, run=run, trainee=make_trainee())
