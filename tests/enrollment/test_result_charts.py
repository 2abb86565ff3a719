"""Attendance and scores of a class as charts, each with its table."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from enrollment.choices import Evidence, Mark
from enrollment.models import Attendance
from enrollment.views.result_charts import attendance_chart, score_chart
from tests.factories import make_course, make_enrollment, make_run, make_user

pytestmark = pytest.mark.django_db


def attend(enrollment, *marks: Mark) -> None:
    for session, mark in zip(enrollment.run.sessions.order_by("number"), marks, strict=False):
        Attendance.objects.create(
            enrollment=enrollment,
            session=session,
            mark=mark,
            evidence=Evidence.TRAINERS_MARK,
            recorded_by="test",
        )


def test_a_session_counts_those_who_attended_among_those_in_the_class():
    run = make_run(sessions=2)
    first, second = make_enrollment(run), make_enrollment(run)
    make_enrollment(run, state="withdrawn")
    attend(first, Mark.PRESENT, Mark.LATE)
    attend(second, Mark.ABSENT, Mark.EXCUSED)
    found = attendance_chart(run)
    assert found is not None
    assert [figure for _label, figure in found["rows"]] == ["1 / 2", "1 / 2"]
    assert "<svg" in found["chart"]


def test_a_class_that_has_not_begun_or_is_empty_has_no_chart():
    assert attendance_chart(make_run()) is None
    to_come = make_run(sessions=0)
    make_enrollment(to_come)
    assert attendance_chart(to_come) is None


def test_scores_are_counted_between_whole_marks_and_the_highest_with_the_last():
    found = score_chart([Decimal("4.9"), Decimal(5), Decimal("9.5"), Decimal(10)])
    assert found is not None
    assert found["rows"] == [("4–5", "1"), ("5–6", "1"), ("9–10", "2")]
    assert score_chart([]) is None


def test_the_page_of_results_shows_both_with_their_tables():
    run = make_run(make_course(minimum_score=5))
    attend(make_enrollment(run, score=Decimal("7.5")), Mark.PRESENT)
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    page = client.get(reverse("run_results", args=[run.code])).content.decode()
    for heading in ("Attendance by session", "Scores", "As a table"):
        assert heading in page
    assert page.count("<svg") >= 2
