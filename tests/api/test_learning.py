"""Units, questions, tests and their results through the API."""

import datetime as dt
from decimal import Decimal
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from accounts.services.roles import grant_role
from audit.services import SYSTEM
from common import clock
from courses.choices import RunState
from learning.choices import Feedback, Stage
from learning.services.units import add_unit
from tests.api.conftest import Visitor
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)
from tests.learning.test_attempts import make_test, take

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 10, 9, tzinfo=clock.HANOI)


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Any:
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    with clock.set_to(NOW):
        yield


@pytest.fixture
def run() -> Any:
    return make_run(make_course("AI-9"), code="AI-9-01", state=RunState.RUNNING)


@pytest.fixture
def seat(run: Any) -> Any:
    return make_enrollment(run, make_trainee(user=make_user(Role.TRAINEE)))


@pytest.fixture
def trainee(seat: Any) -> Visitor:
    return Visitor(seat.trainee.user)


@pytest.fixture
def trainer(run: Any) -> Visitor:
    return Visitor(make_trainer(run))


def add(run: Any, title: str, **fields: Any) -> Any:
    values = {"kind": "text", "title_vi": title, "text_vi": "Nội dung"} | fields
    return add_unit(by=SYSTEM, course=run.course, **values)


def test_a_trainee_reads_the_visible_units_in_order_and_marks_one_done(
    run: Any, trainee: Visitor, trainer: Visitor
) -> None:
    first, _second = add(run, "Bài 1"), add(run, "Bài 2")
    add(run, "Bài 3", opens_after_days=30)
    address = f"runs/{run.code}/units/"
    shown = trainee.get(address).json()["units"]
    assert [(one["title_vi"], one["is_done"]) for one in shown] == [
        ("Bài 1", False),
        ("Bài 2", False),
    ]
    staff = trainer.get(address).json()["units"]
    assert [(one["is_visible"], one["is_done"]) for one in staff] == [
        (True, None),
        (True, None),
        (False, None),
    ]
    answer = trainee.post(f"{address}{first.pk}/done/", {"done": True})
    assert [one["is_done"] for one in answer.json()["units"]] == [True, False]
    marks = trainer.get(f"unit-marks/?run={run.code}").json()["results"]
    assert [(one["unit"], one["version"]) for one in marks] == [(first.pk, 1)]
    trainee.post(f"{address}{first.pk}/done/", {"done": False})
    assert trainer.keys("unit-marks/", "unit") == []


def test_a_unit_that_is_not_visible_cannot_be_marked(run: Any, trainee: Visitor) -> None:
    later = add(run, "Bài 3", opens_after_days=30)
    answer = trainee.post(f"runs/{run.code}/units/{later.pk}/done/", {"done": True})
    assert answer.status_code == 404


def test_questions_go_out_and_come_back_and_none_is_taken_twice(run: Any, trainer: Visitor) -> None:
    content = "$CATEGORY: Mở đầu\n\nThủ đô {=Hà Nội ~Huế}\n\nHai cộng hai {#4:0}\n"
    body = {"course": "AI-9", "form": "gift", "content": content}
    assert trainer.post("questions/import/", body).json() == {"added": 2, "already": 0}
    assert trainer.post("questions/import/", body).json() == {"added": 0, "already": 2}
    first, _second = trainer.get("questions/?course=AI-9").json()["results"]
    assert first["answers"] == "* Hà Nội\nHuế"
    assert trainer.keys("questions/?kind=number&part=Mở đầu", "kind") == ["number"]
    for form in ("gift", "xml"):
        file = trainer.get(f"questions/file/?course=AI-9&form={form}")
        written = b"".join(file.streaming_content).decode()
        again = trainer.post("questions/import/", body | {"form": form, "content": written})
        assert again.json() == {"added": 0, "already": 2}


def test_what_is_wrong_in_a_question_file_is_named_by_line_and_nothing_is_taken(
    run: Any, trainer: Visitor
) -> None:
    body = {"course": "AI-9", "form": "gift", "content": "Đúng {=a ~b}\n\nTự luận {}\n"}
    answer = trainer.post("questions/import/", body)
    assert answer.status_code == 400
    assert "3" in answer.json()["fields"]["content"][0]
    assert trainer.keys("questions/", "id") == []


def test_attempts_are_read_by_who_took_them_and_by_the_trainers(
    run: Any, seat: Any, trainee: Visitor, trainer: Visitor
) -> None:
    test = make_test(run, is_asked_before=True)
    take(seat, test, 2, Stage.BEFORE)
    take(seat, test, 4)
    other = make_enrollment(run, make_trainee(user=make_user(Role.TRAINEE)))
    take(other, test, 1)
    assert trainee.keys(f"attempts/?run={run.code}&ordering=entered", "score") == ["5.00", "10.00"]
    assert len(trainer.keys("attempts/?stage=after", "score")) == 2
    assert Visitor(make_trainer(make_run())).keys("attempts/", "score") == []
    found = trainer.get(f"tests/{test.pk}/statistics/?run={run.code}").json()
    assert (found["mean_before"], found["mean_after"], found["gain"]) == (5, 10, 5)
    assert all(one["difficulty"] is None for one in found["items"])  # fewer than five answers


def test_a_score_that_a_test_does_not_show_is_not_read_by_its_taker(
    run: Any, seat: Any, trainee: Visitor, trainer: Visitor
) -> None:
    take(seat, make_test(run, feedback=Feedback.NOTHING), 4)
    assert trainee.keys("attempts/", "score") == [None]
    assert trainer.keys("attempts/", "score") == ["10.00"]


def test_statistics_of_a_class_of_another_course_do_not_exist(run: Any, trainer: Visitor) -> None:
    other = make_run()
    other.trainers.create(user=trainer.user)
    test = make_test(run)
    assert trainer.get(f"tests/{test.pk}/statistics/?run={other.code}").status_code == 404


def test_a_coordinator_without_a_class_reads_no_attempts_but_the_marks_of_who_was_sent(
    run: Any, seat: Any
) -> None:
    unit = add(run, "Bài 1")
    seat.units_done.create(unit=unit, version=unit.versions.get())
    office = Visitor(make_user(Role.COORDINATOR))
    assert office.get("attempts/").status_code == 403
    assert office.keys("unit-marks/", "unit") == []


def test_scores_are_texts_with_two_digits(run: Any, seat: Any, trainee: Visitor) -> None:
    take(seat, make_test(run), 1)
    (score,) = trainee.keys("attempts/", "score")
    assert Decimal(score) == Decimal("2.50")
    assert score == "2.50"


def test_who_has_ceased_to_be_a_trainer_reads_the_units_and_files_of_no_class(
    run: Any, trainer: Visitor
) -> None:
    address, user = f"runs/{run.code}/units/", cast(User, trainer.user)
    client = Client()
    client.force_login(user)
    page = reverse("run_units", args=[run.code])
    assert [trainer.get(address).status_code, client.get(page).status_code] == [200, 200]
    user.role_grants.update(until=clock.today() - dt.timedelta(days=1))
    assert [trainer.get(address).status_code, client.get(page).status_code] == [404, 404]


def test_an_auditor_who_also_teaches_changes_the_questions_and_units_of_their_own_course_alone(
    run: Any, trainer: Visitor
) -> None:
    user = cast(User, trainer.user)
    create_second_factor(by=SYSTEM, user=user)
    grant_role(by=SYSTEM, user=user, role=Role.AUDITOR, until=clock.today())
    client = Client()
    client.force_login(user)
    make_course("AI-8")
    answers = []
    for course in ("AI-9", "AI-8"):
        body = {"course": course, "form": "gift", "content": "Thủ đô {=Hà Nội ~Huế}"}
        assert client.get(reverse("question_bank", args=[course])).status_code == 200
        answers.append(
            [
                trainer.post("questions/import/", body).status_code,
                client.get(reverse("new_question", args=[course])).status_code,
                client.get(reverse("new_unit", args=[course])).status_code,
                reverse("new_question", args=[course])
                in client.get(reverse("question_bank", args=[course])).content.decode(),
            ]
        )
    assert answers == [[200, 200, 200, True], [400, 404, 404, False]]
