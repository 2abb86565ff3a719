"""A trainee's and a trainer's whole day: by mouse on a desk, by keyboard alone on a phone."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from certificates.models import NameConfirmation
from common import clock
from courses.models import CourseRun
from enrollment.models import Attendance, Completion, Enrollment
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Press = Callable[[Visitor, str], None]
MOST_TABS = 120


def click(visitor: Visitor, selector: str) -> None:
    with visitor.page.expect_navigation():
        visitor.page.locator(selector).first.click()


def reach_and_enter(visitor: Visitor, selector: str) -> None:
    """Tab from the top of the page to the thing, then press Enter."""
    reach(visitor, visitor.page.locator(selector).first)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def reach(visitor: Visitor, wanted: Locator) -> None:
    for _tab in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {wanted} on {visitor.page.url}")


WAYS = pytest.mark.parametrize(
    ("press", "language", "dark", "size"),
    [
        pytest.param(click, "vi", False, DESKTOP, id="mouse-vietnamese-desktop-light"),
        pytest.param(reach_and_enter, "en", True, PHONE, id="keyboard-english-phone-dark"),
    ],
)


@WAYS
def test_a_trainees_day(seat, press: Press, language, dark, size):
    """Find a course, read about the class, ask for a place, confirm the name, print the record."""
    user = make_user("trainee", full_name="Đặng Thị Ngọc Ánh")
    make_trainee(user=user, full_name="Đặng Thị Ngọc Ánh")
    first = clock.today() + dt.timedelta(days=30)
    course = make_course(title_vi="Đạo đức trí tuệ nhân tạo", title_en="Ethics of AI")
    run = make_run(course, starts_on=first, ends_on=first, sessions=1, place="Hà Nội")
    make_course(title_vi="Học máy", title_en="Machine learning")

    visitor = seat(language, dark=dark, size=size)
    visitor.sign_in(user)
    visitor.open("/courses/")
    search = visitor.page.locator("#id_q")
    reach(visitor, search)
    search.press_sequentially("dao duc")
    search.press("Enter")
    visitor.page.wait_for_url("**?q=dao*")
    assert visitor.page.locator("li.card").count() == 1
    press(visitor, "li.card h2 a")
    press(visitor, f"tbody a[href='/runs/{run.code}/']")
    visitor.check()
    press(visitor, "form[action$='/request/'] button")
    visitor.check()
    assert Enrollment.objects.get().state == "enrolled"

    visitor.open("/my/")
    assert visitor.page.locator(".badge-good").count() == 1
    press(visitor, "section[aria-labelledby=my-name] button")
    visitor.check()
    assert NameConfirmation.objects.exists()
    visitor.page.goto(f"{visitor.address}/my/")
    press(visitor, "a[href='/my/record/']")
    visitor.check()


def run_of_today() -> CourseRun:
    """A run graded of ten, with one session that is under way now and three people."""
    now = clock.now().replace(second=0, microsecond=0)
    course = make_course(minimum_score=5, grading="ten_points")
    run = make_run(course, sessions=0, starts_on=clock.today(), ends_on=clock.today())
    run.sessions.create(number=1, starts_at=now, ends_at=now + dt.timedelta(minutes=5))
    for name in ("Phạm Văn An", "Lê Thị Bình", "H'Hen Niê"):
        make_enrollment(run, make_trainee(full_name=name))
    return run


@WAYS
def test_a_trainers_day(seat, press: Press, language, dark, size):
    """From the own page to the class, its attendance, the topic, the scores, and closing it."""
    run = run_of_today()
    visitor = seat(language, dark=dark, size=size)
    visitor.sign_in(make_trainer(run))
    visitor.open("/my/")
    press(visitor, f"tbody a[href='/runs/{run.code}/']")
    press(visitor, f".tabs a[href='/runs/{run.code}/attendance/']")
    for cell in range(3):
        wanted = visitor.page.locator("button.mark").nth(cell)
        if press is click:
            wanted.click()
        else:
            reach(visitor, wanted)
            visitor.page.keyboard.press("c")
        visitor.page.wait_for_function(
            "count => document.querySelectorAll('button.mark-present').length > count", arg=cell
        )
    visitor.check()
    assert Attendance.objects.filter(mark="present").count() == 3

    press(visitor, f".tabs a[href='/runs/{run.code}/planning/']")
    visitor.check()
    press(visitor, f"a[href='/runs/{run.code}/sessions/1/']")
    topic = visitor.page.locator("#id_topic")
    reach(visitor, topic)
    topic.press_sequentially("Mở đầu")
    press(visitor, "main form button[type=submit]")
    assert run.sessions.get().topic == "Mở đầu"

    press(visitor, f".tabs a[href='/runs/{run.code}/closing/']")
    for place, score in zip(run.enrollments.in_roster_order(), ("8", "9.5", "3"), strict=True):
        field = visitor.page.locator(f"#id_score-{place.pk}")
        reach(visitor, field)
        field.press_sequentially(score)
    press(visitor, "form[action$='/scores/'] > p button")
    assert visitor.page.locator("td .badge-good").count() == 2
    visitor.check()
    press(visitor, "form[action$='/close/'] button")
    visitor.check()
    assert Completion.objects.count() == 2
