"""Taking the attendance of a real class: all at once, from a sheet, and what marks rest on."""

import datetime as dt
import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from common import clock
from courses.models import CourseRun
from enrollment.choices import Evidence, Mark
from enrollment.errors import EnrollmentError
from enrollment.models import Attendance, Enrollment
from enrollment.services.attendance import mark_one, mark_the_rest
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def run() -> CourseRun:
    return make_run(make_course(walk_ins_allowed=True))


@pytest.fixture
def trainer(run) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_trainer(run))
    return client


def mark(enrollment: Enrollment, mark: Mark, number: int = 1) -> Attendance:
    marked = mark_one(
        by=OFFICE,
        enrollments=Enrollment.objects.all(),
        enrollment_id=enrollment.pk,
        session_id=enrollment.run.sessions.get(number=number).pk,
        mark=mark,
    )
    assert marked
    return marked


def test_everybody_without_a_mark_is_marked_at_once_with_the_evidence_chosen(trainer, run) -> None:
    late, *_others = (make_enrollment(run) for _ in range(3))
    mark(late, Mark.LATE)
    session = run.sessions.get(number=1)
    form = {"session": 1, "mark": "present", "evidence": "signed_sheet"}
    page = trainer.post(f"/runs/{run.code}/attendance/rest/", form, follow=True).content.decode()
    assert "2 marks recorded." in page
    found = session.attendances.values_list("mark", "evidence").order_by("mark")
    assert list(found) == [("late", "trainers_mark"), *[("present", "signed_sheet")] * 2]


def test_nobody_is_marked_at_once_before_the_session_begins(run) -> None:
    make_enrollment(run)
    with (
        clock.set_to(dt.date(2026, 3, 1)),
        pytest.raises(EnrollmentError, check=lambda error: error.code == "session_not_begun"),
    ):
        mark_the_rest(by=OFFICE, session=run.sessions.get(number=1), mark=Mark.PRESENT)


def test_a_signed_sheet_is_taken_in_from_a_file(trainer, run) -> None:
    enrollments = [make_enrollment(run) for _ in range(2)]
    lines = [
        f"{enrollment.trainee.code},{sign}"
        for enrollment, sign in zip(enrollments, ("x", "m"), strict=True)
    ]
    content = "\n".join(["Mã học viên,Buổi 1", *lines]).encode()
    file = SimpleUploadedFile("sheet.csv", content)
    trainer.post(f"/runs/{run.code}/attendance/file/", {"file": file})
    found = Attendance.objects.values_list("enrollment", "mark", "evidence").order_by("enrollment")
    assert list(found) == [
        (enrollments[0].pk, "present", "signed_sheet"),
        (enrollments[1].pk, "late", "signed_sheet"),
    ]


def test_a_sheet_with_a_stranger_changes_nothing_and_names_the_row(trainer, run) -> None:
    make_enrollment(run)
    file = SimpleUploadedFile("sheet.csv", "Họ và tên,1\nNgười Lạ,x".encode())
    path = f"/runs/{run.code}/attendance/file/"
    page = trainer.post(path, {"file": file}, follow=True).content.decode()
    assert "Row 2: Người Lạ does not have a seat" in page
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(("evidence", "status"), [("signed_sheet", 200), ("paper", 404)])
def test_a_click_records_the_evidence_that_the_trainer_chose(
    trainer, run, evidence, status
) -> None:
    enrollment, session = make_enrollment(run), run.sessions.get(number=1)
    answer = trainer.post(
        f"/runs/{run.code}/attendance/mark/",
        {"cell": f"{enrollment.pk}-{session.pk}-present", "evidence": evidence},
        headers={"hx-request": "true"},
    )
    assert answer.status_code == status
    kinds = list(Attendance.objects.values_list("evidence", flat=True))
    assert kinds == ([evidence] if status == 200 else [])


def test_a_cell_shows_the_current_and_the_earlier_mark(trainer, run) -> None:
    enrollment = make_enrollment(run)
    mark(enrollment, Mark.ABSENT)
    mark(enrollment, Mark.EXCUSED)
    page = trainer.get(f"/runs/{run.code}/attendance/").content.decode()
    (story,) = re.findall(r'id="m-\d+-\d+"[^>]*\stitle="([^"]+)"', page)
    first, second = unescape(story).splitlines()
    assert first.startswith("excused · trainer's mark · programme office")
    assert second.startswith("absent · trainer's mark · programme office")
    assert "Changed marks" in page


def test_the_same_mark_with_other_evidence_keeps_the_earlier_evidence(run) -> None:
    enrollment = make_enrollment(run)
    mark(enrollment, Mark.PRESENT)
    marked = mark_one(
        by=OFFICE,
        enrollments=Enrollment.objects.all(),
        enrollment_id=enrollment.pk,
        session_id=run.sessions.get(number=1).pk,
        mark=Mark.PRESENT,
        evidence=Evidence.SIGNED_SHEET,
    )
    assert marked
    assert [line["evidence"] for line in marked.earlier] == ["trainers_mark"]


def walk_in(trainer: Client, run: CourseRun, **form: str) -> str:
    path = f"/runs/{run.code}/attendance/walk-in/"
    return trainer.post(path, form, follow=True).content.decode()


def test_a_walk_in_is_entered_by_name_and_three_digits(trainer, run) -> None:
    who = make_trainee(full_name="Nguyễn Thị Hoà", personal_number="001085000234")
    assert "now has a seat" in walk_in(trainer, run, name="nguyễn thị hòa", last_digits="234")
    assert run.enrollments.get().trainee == who


@pytest.mark.parametrize(
    "form", [{"name": "Nguyễn Thị Hoà"}, {"last_digits": "234"}, {}, {"code": "HV-22222222"}]
)
def test_a_walk_in_that_names_nobody_for_certain_is_refused(trainer, run, form) -> None:
    make_trainee(full_name="Nguyễn Thị Hoà", personal_number="001085000234")
    assert "No one, or more than one person" in walk_in(trainer, run, **form)
    assert not run.enrollments.exists()


def test_two_people_with_the_same_name_and_digits_are_both_refused(trainer, run) -> None:
    for number in ("001085000234", "001085001234"):
        make_trainee(full_name="Nguyễn Thị Hoà", personal_number=number)
    assert "more than one" in walk_in(trainer, run, name="Nguyễn Thị Hoà", last_digits="234")
    assert not run.enrollments.exists()


def test_marks_are_offered_to_whoever_may_set_them_while_the_class_is_not_closed(
    trainer, run
) -> None:
    make_enrollment(run)
    auditor = make_user("auditor")
    create_second_factor(by=SYSTEM, user=auditor)
    looking_on = Client()
    looking_on.force_login(auditor)
    path = f"/runs/{run.code}/attendance/"

    def offers(client: Client) -> bool:
        answer = client.get(path)
        assert answer.status_code == 200
        return f'action="{path}mark/"' in answer.content.decode()

    assert (offers(trainer), offers(looking_on)) == (True, False)
    CourseRun.objects.update(state="closed")
    assert not offers(trainer)
