"""What happens by the clock: links on the last day, one reminder, closing, and the trainers."""

import datetime as dt
from typing import Any

import pytest
from django.conf import settings as site

from common import clock
from courses.choices import RunState
from evaluations.layouts import layout_of
from evaluations.models import Evaluation
from evaluations.services.rounds import run_evaluations
from notices.models import Notice
from tests.evaluations.factories import MORNING, answer_all, answer_as, filled_with, make_evaluation
from tests.factories import make_trainer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"


def planned(people: int = 6) -> tuple[Evaluation, list[Any]]:
    with clock.set_to(MORNING - dt.timedelta(days=3)):
        evaluation, enrollments = make_evaluation(people=people)
    for number, enrollment in enumerate(enrollments):
        enrollment.trainee.email = f"hv{number}@example.gov.vn"
        enrollment.trainee.save()
    return evaluation, enrollments


def after(days: int) -> Any:
    return clock.set_to(MORNING + dt.timedelta(days=days))


def sent(kind: str) -> int:
    return Notice.objects.filter(kind=kind).count()


def test_the_link_is_sent_once_on_the_last_day_to_whoever_has_a_seat() -> None:
    planned()
    with after(-1):
        run_evaluations()
        assert sent("evaluation_open") == 0
    with after(0):
        run_evaluations()
        run_evaluations()
    assert sent("evaluation_open") == 6
    body = Notice.objects.filter(kind="evaluation_open").first()
    assert body
    assert f"{site.SITE_URL}/evaluations/answer/" in body.body


def test_only_who_has_not_answered_is_reminded_and_once() -> None:
    evaluation, enrollments = planned()
    with after(0):
        run_evaluations()
        answer_as(enrollments[0], evaluation, filled_with(layout_of(evaluation), 8))
    with after(11):
        run_evaluations()
        run_evaluations()
    assert sent("evaluation_reminder") == 5


def test_an_evaluation_closes_by_itself_and_the_trainer_hears_when_the_class_is_closed() -> None:
    evaluation, enrollments = planned()
    make_trainer(evaluation.run)
    with after(0):
        answer_all(evaluation, enrollments, *(8,) * 5)
    with after(15):
        run_evaluations()
        evaluation.refresh_from_db()
        assert evaluation.closed_at
        assert sent("evaluation_closed") == 0
        evaluation.run.state = RunState.CLOSED
        evaluation.run.save()
        run_evaluations()
        run_evaluations()
    assert sent("evaluation_closed") == 1
