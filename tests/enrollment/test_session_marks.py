"""The attendance of one session, as a phone takes it: with a script, and by the form alone."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from audit.services import Actor
from common import clock
from courses.models import CourseRun, Session
from enrollment.choices import Evidence, Mark
from enrollment.models import Attendance, Enrollment
from enrollment.services.attendance import mark_one
from tests.factories import make_enrollment, make_run, make_trainer

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


@pytest.fixture
def run() -> CourseRun:
    """Three mornings from 10 March, the second of which has an afternoon too; 08:00 to 11:00."""
    run = make_run(sessions=3, ends_on=dt.date(2026, 3, 12))
    afternoon = at(11, 13)
    run.sessions.filter(number=3).update(number=4)
    run.sessions.create(number=3, starts_at=afternoon, ends_at=afternoon + dt.timedelta(hours=3))
    return run


@pytest.fixture
def trainer(run) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_trainer(run))
    return client


def at(day: int, hour: int = 9) -> dt.datetime:
    return clock.start_of_day(dt.date(2026, 3, day)) + dt.timedelta(hours=hour)


def page(client: Client, run: CourseRun, query: str = "") -> str:
    answer = client.get(f"/runs/{run.code}/attendance/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Client, run: CourseRun, number: int = 1, **options: Any) -> Any:
    marks = options.pop("marks")
    fields = {f"mark-{who.pk}-{seen}": mark for who, seen, mark in marks}
    return client.post(
        f"/runs/{run.code}/attendance/{number}/", fields | options.pop("more", {}), **options
    )


def stored(session: Session) -> dict[int, str]:
    return dict(session.attendances.values_list("enrollment", "mark"))


def mark(enrollment: Enrollment, kind: Mark, by: str = "Anna") -> None:
    session = enrollment.run.sessions.get(number=1)
    everyone = Enrollment.objects.all()
    assert mark_one(
        by=Actor(None, by), enrollments=everyone, enrollment_id=enrollment.pk,
        session_id=session.pk, mark=kind,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "number"),
    [
        (at(9), 1),  # before the class: its first
        (at(10, 7), 1),  # today's that is next
        (at(10, 9), 1),  # the present one
        (at(10, 20), 1),  # today's last, once all of today are over
        (at(11, 9), 2),
        (at(11, 12), 3),
        (at(11, 20), 3),
        (at(20), 4),  # after the class: its last
    ],
)
def test_the_page_opens_at_the_session_of_today(trainer, run, now, number) -> None:
    make_enrollment(run)
    with clock.set_to(now):
        assert f"Session {number} of 4" in page(trainer, run)


def test_another_session_is_one_press_away_and_an_unknown_one_is_not_found(trainer, run) -> None:
    make_enrollment(run)
    assert "Session 2 of 4" in page(trainer, run, "?session=2")
    for number in ("9", "0", "x"):
        address = f"/runs/{run.code}/attendance/?session={number}"
        assert trainer.get(address).status_code == 404


def test_the_form_alone_saves_the_marks_of_the_session(trainer, run) -> None:
    first, second, third = (make_enrollment(run) for _ in range(3))
    marks = [(first, "", "present"), (second, "", "absent"), (third, "", "")]
    answer = send(trainer, run, marks=marks, follow=True)
    assert answer.redirect_chain == [(f"/runs/{run.code}/attendance/?session=1", 302)]
    session = run.sessions.get(number=1)
    assert stored(session) == {first.pk: "present", second.pk: "absent"}
    shown = answer.content.decode()
    assert "2 marks recorded." in shown
    assert "without a mark: 1" in shown
    assert AuditEntry.objects.filter(action="attendance_recorded").count() == 1


def test_all_remaining_are_present_at_once_and_what_was_chosen_is_saved_too(trainer, run) -> None:
    first, second, third = (make_enrollment(run) for _ in range(3))
    mark(third, Mark.LATE)
    marks = [(first, "", "absent"), (third, "late", "late")]
    answer = send(trainer, run, marks=marks, more={"rest": "present"}, follow=True)
    found = stored(run.sessions.get(number=1))
    assert found == {first.pk: "absent", second.pk: "present", third.pk: "late"}
    assert "everyone is marked" in answer.content.decode()


def test_what_somebody_else_changed_meanwhile_stays_and_is_told(trainer, run) -> None:
    first, second = make_enrollment(run), make_enrollment(run)
    mark(first, Mark.LATE, by="Bình")
    marks = [(first, "", "present"), (second, "", "present")]
    answer = send(trainer, run, marks=marks, follow=True).content.decode()
    assert stored(run.sessions.get(number=1)) == {first.pk: "late", second.pk: "present"}
    assert re.search(f"{first.trainee.full_name}: Bình marked “late” meanwhile", answer)
    answer = send(trainer, run, marks=marks[:1], headers=JSON).json()
    assert answer["marks"] == {str(first.pk): "late", str(second.pk): "present"}
    assert "“present” was not saved" in answer["refused"][str(first.pk)]


def test_a_mark_sent_again_after_a_lost_answer_is_no_conflict(trainer, run) -> None:
    enrollment = make_enrollment(run)
    for _time in range(2):
        answer = send(trainer, run, marks=[(enrollment, "", "present")], headers=JSON)
        assert answer.json()["refused"] == {}
    # Its answer was lost, then the thumb moved on: the stored mark is this phone's own.
    marks = [(enrollment, ".present", "late")]
    assert send(trainer, run, marks=marks, headers=JSON).json()["refused"] == {}
    assert stored(run.sessions.get(number=1)) == {enrollment.pk: "late"}
    assert len(Attendance.objects.get().earlier) == 1


def test_a_mark_that_is_stored_already_keeps_its_evidence(trainer, run) -> None:
    enrollment = make_enrollment(run)
    mark(enrollment, Mark.PRESENT)
    Attendance.objects.update(evidence=Evidence.QR_CHECK_IN)
    assert send(trainer, run, marks=[(enrollment, "", "present")], headers=JSON).json()
    assert Attendance.objects.get().evidence == "qr_check_in"


def test_whoever_lost_the_seat_does_not_keep_back_the_marks_of_the_others(trainer, run) -> None:
    gone, here = make_enrollment(run, state="withdrawn"), make_enrollment(run)
    stranger = make_enrollment(make_run())
    marks = [(who, "", "present") for who in (gone, stranger, here)]
    answer = send(trainer, run, marks=marks, headers=JSON).json()
    assert list(Attendance.objects.values_list("enrollment", flat=True)) == [here.pk]
    assert set(answer["refused"]) == {str(gone.pk), str(stranger.pk)}
    assert len(set(answer["refused"].values())) == 1


def choices_are_off(shown: str) -> bool:
    return "<fieldset disabled>" in shown and "<fieldset>" not in shown


def test_a_session_to_come_shows_its_day_with_the_choices_off(trainer, run) -> None:
    enrollment = make_enrollment(run)
    assert not choices_are_off(page(trainer, run))
    with clock.set_to(at(9)):
        shown = page(trainer, run)
        assert choices_are_off(shown)
        assert "starts at 10/03/2026 08:00" in shown
        assert 'name="rest"' not in shown
        answer = send(trainer, run, marks=[(enrollment, "", "present")], headers=JSON)
        assert answer.status_code == 409
        assert "once the session has started" in answer.json()["error"]
    assert not Attendance.objects.exists()


def test_a_closed_class_is_read_only(trainer, run) -> None:
    enrollment = make_enrollment(run)
    mark(enrollment, Mark.LATE)
    CourseRun.objects.update(state="closed")
    shown = page(trainer, run)
    assert choices_are_off(shown)
    assert f'href="/runs/{run.code}/closing/">Correct a result, with a reason' in shown
    answer = send(trainer, run, marks=[(enrollment, "late", "present")], headers=JSON)
    assert answer.status_code == 409
    assert "has been closed" in answer.json()["error"]
    assert stored(run.sessions.get(number=1)) == {enrollment.pk: "late"}


@pytest.mark.parametrize(
    "field", ["mark-", "mark--", "mark-x-", "mark-²-", "mark-" + "9" * 400 + "-", "mark-1-X"]
)
def test_names_that_no_page_sends_change_nothing(trainer, run, field) -> None:
    make_enrollment(run)
    answer = trainer.post(f"/runs/{run.code}/attendance/1/", {field: "present"}, headers=JSON)
    assert answer.status_code == 200
    assert not Attendance.objects.exists()
