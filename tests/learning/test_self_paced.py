"""Classes without sessions: open between two days, completed person by person."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from audit.services import SYSTEM
from common import clock
from counting.counter import counted
from courses.choices import RunState
from courses.errors import CourseError
from courses.models import ENDLESS_SEATS, CourseRun
from courses.services import open_run
from enrollment.choices import EnrollmentState, Evidence
from enrollment.errors import EnrollmentError
from enrollment.models import Completion, Enrollment
from enrollment.services.completion import close_run
from learning.choices import Stage
from learning.errors import LearningError
from learning.models import CourseTest, Question, Unit
from learning.services.attempts import answers_of, finish, save_answers, start
from learning.services.course_tests import save_test
from learning.services.progress import set_done
from learning.services.units import add_unit
from tests.counting.makers import make_rule
from tests.factories import (
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 3, 2), dt.date(2026, 5, 29)


@pytest.fixture
def run() -> CourseRun:
    course = make_course(minimum_score=Decimal(5), minimum_attendance=80)
    with clock.set_to(dt.date(2026, 2, 1)):
        return open_run(
            by=SYSTEM,
            course=course,
            code="TU-HOC",
            starts_on=FIRST,
            ends_on=LAST,
            capacity=ENDLESS_SEATS,
            is_self_paced=True,
        )


@pytest.fixture
def units(run) -> list[Unit]:
    with clock.set_to(dt.date(2026, 2, 1)):
        return [
            add_unit(
                by=SYSTEM,
                course=run.course,
                kind="text",
                title_vi=f"Bài {n}",
                text_vi="x",
                is_required=n < 3,
            )
            for n in (1, 2, 3)
        ]


@pytest.fixture
def final_test(run) -> CourseTest:
    for n in range(2):
        answers = {"right": True}
        Question.objects.create(
            course=run.course, kind="true_false", text_vi=str(n), answers=answers, difficulty=1
        )
    draws = [{"part": "", "difficulty": 1, "count": 2}]
    return save_test(by=SYSTEM, course=run.course, draws=draws, title_vi="Cuối khóa", attempts=3)


def on(day: int, month: int = 3) -> Any:
    return clock.set_to(dt.date(2026, month, day))


def take(seat: Enrollment, test: CourseTest, right: int) -> None:
    seat.refresh_from_db()
    attempt = start(by=SYSTEM, enrollment=seat, test=test, stage=Stage.AFTER)
    words = {n: "true" if n <= right else "false" for n in (1, 2)}
    data = QueryDict("&".join(f"q{n}={word}" for n, word in words.items()))
    save_answers(answers_of(attempt), data)
    finish(by=SYSTEM, attempt=attempt)


def test_it_is_completed_on_the_day_of_the_last_requirement(run, units, final_test):
    seat = make_enrollment(run)
    with on(3):
        set_done(by=SYSTEM, enrollment=seat, unit=units[0])
    with on(5):
        take(seat, final_test, 2)
    assert not Completion.objects.exists()
    with on(9):
        set_done(by=SYSTEM, enrollment=seat, unit=units[1])
    completion = Completion.objects.get()
    assert completion.completed_on == dt.date(2026, 3, 9)
    assert (completion.evidence, completion.score) == (Evidence.SELF_PACED, Decimal(10))
    assert (completion.rule_met, completion.attendance_percent) == ("units;score>=5.00", None)
    seat.refresh_from_db()
    assert seat.state == EnrollmentState.COMPLETED


def test_a_test_not_passed_does_not_complete_it_and_a_later_one_does(run, units, final_test):
    seat = make_enrollment(run)
    with on(4):
        for unit in units[:2]:
            set_done(by=SYSTEM, enrollment=seat, unit=unit)
        take(seat, final_test, 0)
        assert not Completion.objects.exists()
    with on(6):
        take(seat, final_test, 1)
    assert Completion.objects.get().completed_on == dt.date(2026, 3, 6)


def test_a_course_that_asks_for_a_score_without_a_test_is_not_completed_by_units(run, units):
    seat = make_enrollment(run)
    with on(4):
        for unit in units:
            set_done(by=SYSTEM, enrollment=seat, unit=unit)
    assert not Completion.objects.exists()


def test_it_is_open_between_its_days_alone(run, units):
    seat = make_enrollment(run)
    for moment in (on(1), on(30, 5)):
        with moment, pytest.raises(LearningError) as refused:
            set_done(by=SYSTEM, enrollment=seat, unit=units[0])
        assert refused.value.code == "class_not_open"


def test_the_counting_rule_can_leave_self_paced_completions_out(run, units, final_test):
    seat = make_enrollment(run)
    with on(9):
        for unit in units[:2]:
            set_done(by=SYSTEM, enrollment=seat, unit=unit)
        take(seat, final_test, 2)
    every_kind = make_rule([run.course])
    assert len(counted(LAST, rule=every_kind).people) == 1
    kinds = [Evidence.SIGNED_SHEET]
    without = make_rule([run.course], evidence_kinds=kinds, reason="Chỉ tính lớp trực tiếp")
    assert len(counted(LAST, rule=without).people) == 0


def test_closing_it_completes_nobody_a_second_time_and_fails_the_rest(run, units, final_test):
    seat, idle = make_enrollment(run), make_enrollment(run)
    with on(9):
        for unit in units[:2]:
            set_done(by=SYSTEM, enrollment=seat, unit=unit)
        take(seat, final_test, 2)
        with pytest.raises(EnrollmentError):
            close_run(by=SYSTEM, run=run)
    with on(30, 5):
        closed = close_run(by=SYSTEM, run=run)
    assert (closed.completed, closed.not_completed, closed.already) == (0, 1, 1)
    idle.refresh_from_db()
    assert idle.state == EnrollmentState.NOT_COMPLETED


def test_it_has_no_sessions_and_any_number_of_seats(client, run):
    assert not run.sessions.exists()
    client.force_login(make_trainee(user=make_user(Role.TRAINEE)).user)
    page = client.get(f"/runs/{run.code}/").content.decode()
    assert "1000000" not in page
    assert "không giới hạn" in page


def test_its_page_leads_to_the_units_and_speaks_of_no_sessions(client, run):
    seat = make_enrollment(run, make_trainee(user=make_user(Role.TRAINEE)))
    client.force_login(seat.trainee.user)
    with on(9):
        page = client.get(f"/runs/{run.code}/").content.decode()
    assert f'class="button button-primary" href="/runs/{run.code}/units/"' in page
    assert "buổi" not in page
    assert "Lịch học" not in page


def test_seats_may_stay_blank_only_where_it_is_self_paced(client):
    course = make_course()
    client.force_login(make_user(Role.TRAINER))
    sent = {
        "course": course.code, "code": "MOI", "starts_on": "2027-01-04", "ends_on": "2027-03-31",
    }  # fmt: skip
    assert client.post("/runs/new/", sent).status_code == 400
    client.post("/runs/new/", sent | {"is_self_paced": "on"})
    run = CourseRun.objects.get(code="MOI")
    assert (run.is_self_paced, run.has_endless_seats, run.state) == (True, True, RunState.OPEN)


def test_a_course_recognised_class_by_class_is_not_held_self_paced():
    course = make_course(recognised_by_office=True)
    with pytest.raises(CourseError) as refused:
        open_run(
            by=SYSTEM, course=course, code="X", starts_on=FIRST, ends_on=LAST, capacity=9,
            is_self_paced=True,
        )  # fmt: skip
    assert refused.value.code == "recognised_by_class"


def queries_of_counting(evidence: Evidence, course: Any, rule: Any, people: int) -> int:
    """To fold so many new completions into the number."""
    run = make_run(course)
    for _one in range(people):
        make_completion(run=run, evidence=evidence)
    with CaptureQueriesContext(connection) as queries:
        assert len(counted(LAST, rule=rule).people) >= people
    return len(queries)


def test_self_paced_completions_fold_into_the_number_as_any_others(run):
    rule = make_rule([run.course])
    kinds = (Evidence.SIGNED_SHEET, Evidence.SELF_PACED)
    for _time in range(2):  # the first builds the cache
        queries_of_counting(Evidence.SIGNED_SHEET, run.course, rule, 3)
    few, many = (
        [queries_of_counting(one, run.course, rule, people) for one in kinds] for people in (3, 30)
    )
    assert few == many
    assert few[0] == few[1]


def test_a_completion_costs_as_much_in_a_full_class_as_in_an_empty_one(run, units):
    CourseTest.objects.all().delete()
    run.course.minimum_score = None
    run.course.save()

    def complete_one() -> int:
        seat = make_enrollment(run)
        with on(9), CaptureQueriesContext(connection) as queries:
            for unit in units[:2]:
                set_done(by=SYSTEM, enrollment=seat, unit=unit)
        assert run.completions.filter(trainee=seat.trainee).exists()
        return len(queries)

    complete_one()  # warms what is looked up once
    first = complete_one()
    for _one in range(20):
        complete_one()
    assert complete_one() == first
