"""Confirmations of attendance through the API."""

import pytest

from accounts.choices import Role
from certificates.models import AttendanceConfirmation
from certificates.services.attendance import write_confirmations
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance
from tests.api.world import make_world
from tests.factories import (
    make_completion,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)


@pytest.fixture
def closed(db):
    world = make_world()
    run = make_run(world.run.course, state=RunState.CLOSED)
    for _person in range(2):
        enrollment = make_enrollment(
            run, make_trainee(world.agency), state=EnrollmentState.NOT_COMPLETED
        )
        Attendance.objects.create(
            enrollment=enrollment, session=run.sessions.earliest("number"), mark=Mark.PRESENT,
            evidence=Evidence.SIGNED_SHEET, recorded_by="x",
        )  # fmt: skip
    return run


def test_attendance_is_confirmed_once_to_some_and_then_to_all(closed, office):
    code = closed.enrollments.first().trainee.code
    body = {"run": closed.code, "trainees": [code]}
    (first,) = office.post("certificates/attendance/", body).json()["issued"]
    again = office.post("certificates/attendance/", body).json()
    assert again["issued"] == []
    assert [(held["trainee_code"], held["code"]) for held in again["held_back"]] == [
        (code, "already")
    ]
    (second,) = office.post("certificates/attendance/", {"run": closed.code}).json()["issued"]
    rows = office.get(f"certificates/attendance/?run={closed.code}").json()["results"]
    assert [row["verification_code"] for row in rows] == [second, first]
    assert (rows[1]["trainee"], rows[1]["attended"], rows[1]["sessions_held"]) == (code, 1, 2)


def test_whoever_was_chosen_and_gets_none_is_held_back_with_the_reason(closed, office):
    absent = make_enrollment(closed, make_trainee(), state=EnrollmentState.NOT_COMPLETED)
    completed = make_enrollment(closed, make_trainee(), state=EnrollmentState.COMPLETED)
    make_completion(completed.trainee, closed, enrollment=completed)
    codes = [absent.trainee.code, completed.trainee.code]
    body = {"run": closed.code, "trainees": codes}
    answer = office.post("certificates/attendance/", body).json()
    assert answer["issued"] == []
    found = {held["trainee_code"]: held["code"] for held in answer["held_back"]}
    assert found == dict(zip(codes, ("nothing_attended", "completed"), strict=True))


def test_an_unknown_trainee_issues_nothing(closed, office):
    body = {"run": closed.code, "trainees": ["HV-999999"]}
    assert office.post("certificates/attendance/", body).json()["code"] == "unknown_trainee"
    assert not AttendanceConfirmation.objects.filter(enrollment__run=closed).exists()


def test_it_is_read_downloaded_replaced_and_revoked_by_its_code(closed, office):
    codes = office.post("certificates/attendance/", {"run": closed.code}).json()["issued"]
    one = f"certificates/attendance/{codes[0]}/"
    assert office.get(f"{one}file/").status_code == 404
    list(write_confirmations(closed))
    assert b"".join(office.get(f"{one}file/").streaming_content).startswith(b"%PDF")
    new = office.post(f"{one}replace/", {"reason": "Sai tên"}).json()
    assert office.get(one).json()["superseded_by"] == new["verification_code"]
    gone = office.post(
        f"certificates/attendance/{new['verification_code']}/revoke/", {"reason": "Nhầm"}
    )
    assert (gone.json()["state"], gone.json()["revocation_reason"]) == ("revoked", "Nhầm")


def test_strangers_neither_issue_nor_see_any(closed, office, api):
    (code, _second) = office.post("certificates/attendance/", {"run": closed.code}).json()["issued"]
    stranger = api(make_user(Role.TRAINEE))
    assert stranger.get(f"certificates/attendance/{code}/").status_code == 404
    assert stranger.post("certificates/attendance/", {"run": closed.code}).status_code == 403
