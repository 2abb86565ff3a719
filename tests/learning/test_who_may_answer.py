"""One person takes a test as often as allowed, what is saved is graded, and nobody reads ahead."""

import datetime as dt
import threading
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from accounts.choices import Role
from audit.services import SYSTEM
from common import clock
from courses.choices import RunState
from learning.choices import Feedback, Stage
from learning.errors import LearningError
from learning.models import Attempt
from learning.services import attempts
from learning.services.attempts import GRACE, finish, may_see_answers, record_paper
from learning.services.grading import points
from people.models import Merge
from people.services.merges import merge, undo_merge
from tests.factories import make_course, make_enrollment, make_run, make_trainee, make_user
from tests.learning.test_attempts import NOON, answer, begin, make_test, take


@pytest.fixture
def _at_noon() -> Any:
    with clock.set_to(NOON):
        yield


def seats_of_two_rows(**fields: Any) -> Any:
    run = make_run(make_course(), state=RunState.RUNNING)
    people = [make_trainee(user=make_user(Role.TRAINEE)) for _row in range(2)]
    return make_test(run, **fields), [make_enrollment(run, person) for person in people]


def merge_people(seats: Any) -> Merge:
    one, other = (seat.trainee for seat in seats)
    return merge(by=SYSTEM, survivor=one, absorbed=other)


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.django_db
@pytest.mark.both_engines
class TestTwoSeatsOfOnePerson:
    def test_take_a_test_as_often_as_one(self) -> None:
        test, seats = seats_of_two_rows(attempts=2)
        merge_people(seats)
        for seat in seats:
            take(seat, test, 1)
        for seat in seats:
            with pytest.raises(LearningError) as refused:
                begin(seat, test)
            assert refused.value.code == "no_attempt_left"

    def test_share_the_form_under_way(self) -> None:
        test, seats = seats_of_two_rows()
        merge_people(seats)
        assert begin(seats[0], test) == begin(seats[1], test)

    def test_count_alone_again_once_the_merge_is_undone(self) -> None:
        test, seats = seats_of_two_rows(attempts=3)
        merged = merge_people(seats)
        for seat in seats:
            take(seat, test, 1)
        undo_merge(by=SYSTEM, merge=merged)
        assert begin(seats[1], test).number == 3
        scores = {seats[1].pk: Decimal(7)}
        record_paper(by=SYSTEM, run=seats[0].run, test=test, stage="after", scores=scores)
        assert Attempt.objects.filter(is_on_paper=True).get().number == 4

    def test_see_no_right_answers_while_the_other_may_begin(self) -> None:
        test, seats = seats_of_two_rows(attempts=2, feedback=Feedback.AT_ONCE)
        attempt = take(seats[0], test, 1)
        merge_people(seats)
        assert not may_see_answers(attempt)
        take(seats[1], test, 1)
        assert may_see_answers(attempt)


@pytest.mark.django_db(transaction=True)
@pytest.mark.both_engines
def test_whatever_was_said_to_be_saved_while_handing_in_is_graded() -> None:
    """The answer arrives while the form is being graded."""
    test, (seat, _other) = seats_of_two_rows()
    with clock.set_to(NOON):
        attempt = begin(seat, test)
    saved: list[str] = []

    def save() -> None:
        try:
            with clock.set_to(NOON):
                answer(attempt, 4)
            saved.append("saved")
        except LearningError as error:
            saved.append(error.code)
        finally:
            connection.close()

    saver = threading.Thread(target=save)

    def slow_points(*args: Any) -> Any:
        if not saver.ident:
            saver.start()
            saver.join(timeout=1)
        return points(*args)

    with clock.set_to(NOON), patch.object(attempts, "points", slow_points):
        finished = finish(by=SYSTEM, attempt=attempt)
    saver.join()
    expected = {"saved": Decimal(10), "handed_in": Decimal(0)}
    assert finished.score == expected[saved[0]]
    assert attempt.answers.exclude(given=None).exists() == (saved == ["saved"])


@pytest.mark.django_db
def test_right_answers_are_shown_when_the_test_has_closed_for_the_class() -> None:
    test, (seat, _other) = seats_of_two_rows(feedback=Feedback.ANSWERS)
    with clock.set_to(NOON):
        attempt = take(seat, test, 2)
    closes = clock.end_of_day(seat.run.ends_on)
    for moment, shown in ((NOON, 0), (closes + GRACE, 0), (closes + GRACE * 2, 4)):
        with clock.set_to(moment):
            client = Client()
            client.force_login(seat.trainee.user)
            page = client.get(f"/attempts/{attempt.pk}/")
            assert len(page.context["questions"]) == shown
            assert page.context["is_held_back"] == (not shown)


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.django_db
def test_a_test_to_practise_with_shows_right_answers_at_once() -> None:
    test, (seat, _other) = seats_of_two_rows(feedback=Feedback.AT_ONCE)
    assert may_see_answers(take(seat, test, 2))


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.django_db
def test_right_answers_are_shown_when_the_class_is_closed_before_the_test() -> None:
    test, (seat, _other) = seats_of_two_rows(feedback=Feedback.ANSWERS)
    take(seat, test, 2)
    seat.run.state = RunState.CLOSED
    seat.run.save()
    assert may_see_answers(Attempt.objects.get())


@pytest.mark.usefixtures("_at_noon")
@pytest.mark.django_db
def test_the_page_of_a_test_asks_before_one_begins_and_says_how_often_one_may(client: Any) -> None:
    test, (seat, _other) = seats_of_two_rows(attempts=2)
    client.force_login(seat.trainee.user)
    address = f"/runs/{seat.run.code}/tests/{test.pk}/"

    def stage() -> Any:
        (shown,) = client.get(address).context["stages"]
        return shown

    assert (stage()["left"], stage()["under_way"]) == (2, None)
    assert 'id="ask-begin-after"' in client.get(address).content.decode()
    attempt = begin(seat, test, Stage.AFTER)
    page = client.get(address).content.decode()
    assert f'href="/attempts/{attempt.pk}/"' in page
    assert "ask-begin" not in page
    with clock.set_to(attempt.due_at + dt.timedelta(seconds=1)):
        assert (stage()["left"], stage()["under_way"]) == (1, None)
