"""What people did for a class, in the lists of HR."""

import csv
import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from learning.choices import Stage, UnitKind
from learning.services.progress import set_done
from learning.services.units import add_unit
from rosters.exporting import export_requests
from tests.api.conftest import Visitor
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)
from tests.learning.test_attempts import NOON, make_test, take

pytestmark = pytest.mark.django_db
COLUMNS = ["trainee_code", "units_done", "test_before", "test_after"]


@pytest.fixture
def run() -> CourseRun:
    """One of two people has done a unit and taken the test before, and twice after the class."""
    run, agency = make_run(make_course(), state=RunState.RUNNING), make_agency("bo-a")
    content: dict[str, Any] = {"kind": UnitKind.TEXT, "title_vi": "Mở đầu", "text_vi": "Nội dung"}
    seat, _idle = (make_enrollment(run, make_trainee(agency)) for _person in range(2))
    with clock.set_to(NOON):
        unit = add_unit(by=SYSTEM, course=run.course, **content)
        test = make_test(run, attempts=2, is_asked_before=True)
        take(seat, test, 1, Stage.BEFORE)
        take(seat, test, 3)
        take(seat, test, 2)
        set_done(by=SYSTEM, enrollment=seat, unit=unit)
    return run


def cells(user: User, run: CourseRun) -> list[list[str]]:
    wanted = {"run": run.code, "fields": COLUMNS, "form": "plain-csv"}
    pieces = export_requests.stream_export(by=user.as_actor(), user=user, wanted=wanted)
    _head, *rows = csv.reader(io.StringIO(b"".join(pieces).decode()))
    return sorted(row[1:] for row in rows)


@pytest.mark.both_engines
def test_units_done_and_the_best_scores_stand_in_the_roster(run):
    for user in (make_user(Role.PROGRAMME_OFFICE), make_trainer(run)):
        assert cells(user, run) == [["0", "", ""], ["1", "2.5", "7.5"]]


def test_coordinators_read_who_has_done_units_and_no_score_of_a_test(run):
    coordinator = make_coordinator(run.enrollments.first().sending_agency)
    assert cells(coordinator, run) == [["0", "", ""], ["1", "", ""]]


def test_scores_cost_as_many_questions_for_many_people_as_for_few(run):
    office = make_user(Role.PROGRAMME_OFFICE)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            cells(office, run)
        return len(asked)

    queries()  # asks for the reader's roles
    few = queries()
    for _person in range(20):
        make_enrollment(run)
    assert queries() == few


def test_the_columns_come_by_the_api_and_by_command(run, tmp_path: Any):
    asked = f"lists/roster/?run={run.code}&form=plain-csv&columns={','.join(COLUMNS)}"
    create_second_factor(by=SYSTEM, user=(office := make_user(Role.PROGRAMME_OFFICE)))
    answer = Visitor(office).get(asked).getvalue().decode()
    assert sorted(line.partition(",")[2] for line in answer.split()[-2:]) == ["0,,", "1,2.5,7.5"]
    file = tmp_path / "class.csv"
    call_command(
        "export_roster", run=run.code, output=str(file), columns=",".join(COLUMNS[1:]), json=True
    )
    assert sorted(file.read_text("utf-8-sig").splitlines()[1:]) == ["0;;", "1;2,5;7,5"]
