"""A course on a phone: units, a test over a line that drops, and the pages of its trainer."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.choices import Role
from audit.services import SYSTEM
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from enrollment.models import Enrollment
from learning.models import Attempt, CourseTest
from learning.services.units import add_unit
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.test_every_page import already_signed_in
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)
from tests.learning.test_attempts import make_test

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def run() -> CourseRun:
    today = clock.today()
    run = make_run(
        make_course(), starts_on=today, ends_on=today + dt.timedelta(days=2), state=RunState.RUNNING
    )
    add_unit(by=SYSTEM, course=run.course, kind="text", title_vi="Mở đầu", text_vi="**Chào**")
    return run


@pytest.fixture
def test(run: CourseRun) -> CourseTest:
    return make_test(run)


@pytest.fixture
def place(run: CourseRun) -> Enrollment:
    return make_enrollment(run, make_trainee(user=make_user(Role.TRAINEE)))


def at_test(visitor: Visitor, place: Enrollment, test: CourseTest) -> Visitor:
    """With the form in their hands."""
    assert place.trainee.user
    already_signed_in(visitor, place.trainee.user)
    visitor.open(reverse("run_test", args=[place.run.code, test.pk]))
    visitor.send("#ask-begin-after button[type=submit]")
    return visitor


def status(visitor: Visitor) -> Locator:
    return visitor.page.locator(".save-bar [role=status]")


def choose(visitor: Visitor, position: int) -> None:
    """The first option shown."""
    visitor.page.locator(f"[data-position='{position}'] input").first.click()


def agree(page: Page, dialog: str) -> None:
    page.locator(f"[popovertarget={dialog}]").first.click()
    with page.expect_navigation():
        page.locator(f"#{dialog} button[type=submit]").click()


def answered() -> int:
    return Attempt.objects.get().answers.exclude(given=None).count()


@pytest.mark.parametrize(("language", "dark"), [("vi", False), ("en", True)])
def test_a_trainee_marks_a_unit_and_takes_the_test_on_a_phone(
    seat, run, test, place, language, dark
):
    phone = seat(language, dark=dark, size=PHONE)
    already_signed_in(phone, place.trainee.user)
    phone.open(reverse("run_units", args=[run.code]))
    phone.page.get_by_role("link", name="Mở đầu").click()
    phone.check()
    phone.send()
    assert place.units_done.count() == 1
    at_test(phone, place, test)
    for position in range(1, 5):
        choose(phone, position)
    expect(status(phone)).to_have_class("is-saved")
    assert answered() == 4
    phone.send("#ask-hand-in button[type=submit]")
    assert Attempt.objects.get().score is not None


def test_no_answer_is_lost_when_the_line_drops(seat, test, place):
    phone = at_test(seat("vi", size=PHONE), place, test)
    choose(phone, 1)
    expect(status(phone)).to_have_class("is-saved")
    phone.page.context.set_offline(True)
    choose(phone, 2)
    choose(phone, 3)
    expect(status(phone)).to_have_class("is-unsaved")
    assert answered() == 1
    phone.page.context.set_offline(False)
    expect(status(phone)).to_have_class("is-saved")
    assert answered() == 3


def test_answers_given_without_a_line_are_handed_in_once_it_is_back(seat, test, place):
    phone = at_test(seat("vi", size=PHONE), place, test)
    phone.page.context.set_offline(True)
    choose(phone, 1)
    expect(status(phone)).to_have_class("is-unsaved")
    phone.page.locator("[popovertarget=ask-hand-in]").first.click()
    phone.page.locator("#ask-hand-in button[type=submit]").click()
    assert Attempt.objects.get().finished_at is None
    phone.page.context.set_offline(False)
    expect(status(phone)).to_have_class("is-saved")
    phone.send("#ask-hand-in button[type=submit]")
    assert answered() == 1
    assert Attempt.objects.get().finished_at is not None


def test_a_test_is_taken_without_a_script(chromium, live_server, test, place):
    context = chromium.new_context(
        java_script_enabled=False, locale="vi-VN", viewport={"width": PHONE[0], "height": PHONE[1]}
    )
    page = context.new_page()
    visitor = Visitor(page, live_server.url, "vi", "no-script", [])
    already_signed_in(visitor, place.trainee.user)
    page.goto(live_server.url + reverse("run_test", args=[place.run.code, test.pk]))
    agree(page, "ask-begin-after")
    choose(visitor, 1)
    agree(page, "ask-hand-in")
    assert answered() == 1
    assert Attempt.objects.get().finished_at is not None
    context.close()


def test_a_trainer_withdraws_a_unit_only_after_being_asked(seat, run, test):
    desk = seat("vi", size=DESKTOP)
    already_signed_in(desk, make_trainer(run))
    desk.open(reverse("course_units", args=[run.course.code]))
    unit = run.course.units.get()
    desk.send(f"#ask-withdraw-{unit.pk} button[type=submit]")
    unit.refresh_from_db()
    assert unit.withdrawn_at
    desk.open(reverse("question_bank", args=[run.course.code]))
    desk.send(f"#ask-test-{test.pk} button[type=submit]")
    test.refresh_from_db()
    assert test.withdrawn_at
