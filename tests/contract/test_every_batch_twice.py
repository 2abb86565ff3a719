"""Attendance, results and certificates of a class: recorded twice, by any way in, they are once."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate
from courses.models import CourseRun
from enrollment.choices import Mark
from enrollment.models import Attendance, Completion, Enrollment, ScoreEntry, SeatMove
from enrollment.services.attendance import mark_everyone
from enrollment.services.completion import close_run
from people.models import Trainee
from tests.api.conftest import Visitor
from tests.contract.conftest import Run
from tests.factories import make_enrollment, make_trainee, make_user

pytestmark = pytest.mark.django_db
RECORDED: tuple[type[Model], ...] = (
    Trainee, Enrollment, SeatMove, Attendance, ScoreEntry, Completion, Certificate,
)  # fmt: skip
Way = Callable[["Desk"], object]


class Desk:
    """The programme office with a class that is over: three people, none marked yet."""

    def __init__(self, command: Run, client: Client, at_once: Any, folder: Path) -> None:
        self.command, self.client, self._at_once = command, client, at_once
        self.run = CourseRun.objects.get(code="R1")
        self.people = [make_trainee(full_name=f"Lê Văn {name}") for name in ("An", "Ba", "Chi")]
        for person in self.people:
            make_enrollment(self.run, person)
        self.office = make_user("programme_office")
        create_second_factor(by=OFFICE, user=self.office)
        client.force_login(self.office)
        marks = "".join(
            f"{one.code},{mark}\n" for one, mark in zip(self.people, "xmk", strict=True)
        )
        self.sheet, self.scores = folder / "marks.csv", folder / "scores.csv"
        self.sheet.write_text("Mã học viên,1\n" + marks)
        self.scores.write_text("Mã học viên,Điểm\n" + f"{self.people[0].code},8.5\n")
        day = self.run.sessions.get(number=1).starts_at.date()
        self.log = "Name,Join time,Leave time\n" + f"Lê Văn An,{day} 08:00,{day} 11:00\n"

    def post(self, page: str, **form: Any) -> None:
        with self._at_once(execute=True):
            answer = self.client.post(page, form)
        assert answer.status_code == 302, answer.content

    def call(self, address: str, body: Any) -> None:
        answer = Visitor(self.office).post(address, body)
        assert answer.status_code == 200, answer.json()

    def upload(self, page: str, content: str | bytes, **form: Any) -> None:
        content = content.encode() if isinstance(content, str) else content
        self.post(page, file=SimpleUploadedFile("list.csv", content), **form)


@pytest.fixture
def desk(
    programme: Run,
    client: Client,
    settings: Any,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[Any]],
) -> Desk:
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    return Desk(programme, client, django_capture_on_commit_callbacks, tmp_path)


def recorded(settings: Any) -> dict[str, Any]:
    """Every row in full, and every file."""
    rows = {model.__name__: [*model._default_manager.order_by("pk").values()] for model in RECORDED}
    files = {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in Path(settings.MEDIA_ROOT).rglob("*.pdf")
    }
    return rows | {"files": files}


def marks_of(desk: Desk) -> list[dict[str, Any]]:
    return [{"session": 1, "trainee": one.code, "mark": "present"} for one in desk.people]


ATTENDANCE: dict[str, Way] = {
    "command everyone": lambda d: d.command(
        "record_attendance", "--run", "R1", "--everyone", "present"
    ),
    "command file": lambda d: d.command("record_attendance", "--run", "R1", "--file", str(d.sheet)),
    "page everybody": lambda d: d.post(
        "/runs/R1/attendance/rest/", session=1, mark="present", evidence="signed_sheet"
    ),
    "page sheet": lambda d: d.upload("/runs/R1/attendance/file/", d.sheet.read_bytes()),
    "page log": lambda d: d.upload(
        "/runs/R1/attendance/log/",
        d.log,
        session=d.run.sessions.get(number=1).pk,
        minutes=60,
        zone="Asia/Ho_Chi_Minh",
    ),
    "API": lambda d: d.call(
        "attendance/", {"run": "R1", "evidence": "signed_sheet", "marks": marks_of(d)}
    ),
}
SCORES: dict[str, Way] = {
    "page file": lambda d: d.upload("/runs/R1/closing/scores/file/", d.scores.read_bytes())
}
COMPLETIONS: dict[str, Way] = {
    "command": lambda d: d.command("record_completions", "--run", "R1"),
    "page": lambda d: d.post("/runs/R1/closing/close/"),
    "API": lambda d: d.call("runs/R1/close/", {}),
}
CERTIFICATES: dict[str, Way] = {
    "command": lambda d: d.command("issue_certificates", "--run", "R1"),
    "page": lambda d: d.post("/certificates/runs/R1/", action="start"),
}


def ways(*tables: dict[str, Way]) -> Any:
    """Each way with itself, and with every other one of its table."""
    pairs = [
        pytest.param(one, other, id=f"{name}, then {second}")
        for table in tables
        for name, one in table.items()
        for second, other in table.items()
        if one is other or table in (COMPLETIONS, CERTIFICATES)
    ]
    return pytest.mark.parametrize(("first", "second"), pairs)


@ways(ATTENDANCE, SCORES)
def test_marks_and_scores_sent_twice_are_recorded_once(
    desk: Desk, first: Way, second: Way, settings: Any
) -> None:
    first(desk)
    once = recorded(settings)
    assert once["Attendance"] or once["ScoreEntry"]
    second(desk)
    assert recorded(settings) == once


@ways(COMPLETIONS)
def test_a_class_closed_twice_has_its_results_once(
    desk: Desk, first: Way, second: Way, settings: Any
) -> None:
    mark_everyone(by=OFFICE, run=desk.run, mark=Mark.PRESENT)
    first(desk)
    once = recorded(settings)
    assert len(once["Completion"]) == 3
    second(desk)
    assert recorded(settings) == once


@ways(CERTIFICATES)
def test_certificates_issued_twice_are_numbered_and_printed_once(
    desk: Desk, first: Way, second: Way, settings: Any
) -> None:
    mark_everyone(by=OFFICE, run=desk.run, mark=Mark.PRESENT)
    close_run(by=OFFICE, run=desk.run)
    first(desk)
    once = recorded(settings)
    assert len(once["Certificate"]) == len(once["files"]) == 3
    second(desk)
    assert recorded(settings) == once


@ways(COMPLETIONS)
def test_results_recorded_after_marks_came_twice_count_nobody_twice(
    desk: Desk, first: Way, second: Way
) -> None:
    for way in (*ATTENDANCE.values(), *ATTENDANCE.values(), first, second):
        way(desk)
    assert Completion.objects.not_voided().count() <= 3
    people = Completion.objects.values_list("trainee", flat=True)
    assert len(people) == len(set(people))
