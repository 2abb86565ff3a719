"""The office with the evaluation of a class, the effect after training, and audiences."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from evaluations.layouts import layout_of
from evaluations.models import Evaluation, FollowUp, FreeText
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import already_signed_in
from tests.competencies.factories import make_audience, make_framework
from tests.evaluations.factories import answer_as, filled_with, make_form
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = [("vi", False, PHONE), ("en", True, PHONE), ("vi", True, DESKTOP), ("en", False, DESKTOP)]


@pytest.fixture
def office() -> User:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


@pytest.fixture
def run() -> CourseRun:
    """Of six people, on its last day."""
    today = clock.today()
    run = make_run(
        make_course("AI", title_vi="Khóa AI", title_en="AI course"),
        starts_on=today,
        ends_on=today,
        state=RunState.RUNNING,
    )
    agency = make_agency()
    for number in range(6):
        make_enrollment(run, make_trainee(agency, full_name=f"Trần Văn {number}"))
    make_form()
    return run


def everybody_answers(evaluation: Evaluation) -> None:
    layout = layout_of(evaluation)
    for value, seat in enumerate(evaluation.run.enrollments.order_by("pk"), start=4):
        answer_as(seat, evaluation, filled_with(layout, value, text=f"Ý kiến {value}"))


@pytest.mark.parametrize(("language", "dark", "size"), LOOKS)
def test_the_office_plans_an_evaluation_closes_it_and_reads_its_results(
    seat, office, run, language, dark, size
):
    screen = seat(language, dark=dark, size=size)
    already_signed_in(screen, office)
    screen.open(reverse("evaluations"))
    screen.open(reverse("evaluation_forms"))
    screen.page.locator("main table a").first.click()
    screen.check()
    screen.open(reverse("new_evaluation_form"))
    screen.open(reverse("run_evaluation", args=[run.code]))
    screen.page.locator(f"main a[href='{reverse('plan_evaluation', args=[run.code])}']").click()
    screen.check()
    screen.send()
    evaluation = run.evaluation
    screen.send(f"form[action='{reverse('type_evaluation', args=[run.code])}'] button")
    screen.page.go_back()
    everybody_answers(evaluation)
    screen.open(reverse("run_evaluation", args=[run.code]))
    close = reverse("close_evaluation", args=[run.code])
    screen.send(f"form[action='{close}'] button[type=submit]")
    CourseRun.objects.filter(pk=run.pk).update(state=RunState.CLOSED)
    screen.open(reverse("evaluation_results", args=[run.code]))
    assert screen.page.locator(".number-line").is_visible()
    screen.page.locator("ul.texts a").first.click()
    screen.check()
    screen.page.fill("#id_reason", "Nêu tên một học viên")
    screen.send()
    assert FreeText.objects.exclude(held_back_at=None).count() == 1


@pytest.mark.parametrize(("language", "dark", "size"), LOOKS)
def test_the_office_reads_the_effect_and_decides_on_an_example(
    seat, office, run, language, dark, size
):
    for number, enrollment in enumerate(run.enrollments.order_by("pk")):
        FollowUp.objects.create(
            completion=make_completion(enrollment.trainee, run, enrollment=enrollment),
            months=3,
            respondent="trainee",
            closes_on=clock.today() + dt.timedelta(days=30),
            **({"answered_at": clock.now(), "use": "sometimes"} if number % 3 else {}),
            **({"example": "Tóm tắt văn bản", "example_state": "submitted"} if number == 1 else {}),
        )
    screen = seat(language, dark=dark, size=size)
    already_signed_in(screen, office)
    for name in ("effect", "follow_up_rule", "effect_examples", "published_examples"):
        screen.open(reverse(name))
    screen.open(reverse("effect_example", args=[FollowUp.objects.examples().get().pk]))
    screen.page.locator("[name=state][value=accepted]").first.check()
    screen.send()
    assert FollowUp.objects.examples().get().example_state == "accepted"
    screen.page.context.clear_cookies()
    already_signed_in(screen, make_coordinator(run.enrollments.first().sending_agency))
    screen.open(reverse("effect"))
    assert screen.page.locator("main td", has_text=re.compile("^–$")).count() == 6


@pytest.mark.parametrize(("language", "dark", "size"), LOOKS)
def test_the_office_imports_audiences_and_reads_what_to_correct(
    seat, office, tmp_path, language, dark, size
):
    make_framework()
    make_audience("leaders", "Lãnh đạo", positions=["vụ trưởng", "cục trưởng"])
    file = tmp_path / "audiences.csv"
    headings = "slug,vi,en,positions,positions_not,units,agency_kinds,trainee_kinds,courses"
    file.write_text(f"{headings},competencies\nx y,,,,,,bộ,,XX,A1\n", "utf-8")
    screen = seat(language, dark=dark, size=size)
    already_signed_in(screen, office)
    screen.open(reverse("audiences"))
    screen.page.locator(f"main a[href='{reverse('import_audiences')}']").click()
    screen.check()
    screen.page.set_input_files("#id_file", str(file))
    screen.send()
    assert screen.page.locator("main ul li").count() >= 5
