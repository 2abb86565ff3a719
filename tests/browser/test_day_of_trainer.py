"""A trainer's whole day: by mouse on a desk, by keyboard alone on a phone."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from common import clock
from courses.models import CourseRun
from enrollment.models import Attendance, Completion
from tests.browser.conftest import WAYS, Press, click, reach
from tests.factories import make_course, make_enrollment, make_run, make_trainee, make_trainer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    press(visitor, f".today a[href='/runs/{run.code}/attendance/']")
    if press is click:
        for cell in range(3):
            visitor.page.locator("button.mark").nth(cell).click()
            expect(visitor.page.locator("button.mark-present")).to_have_count(cell + 1)
    else:
        for person in visitor.page.locator(".roll li").all():
            reach(visitor, person.locator("[value=present]"))
            visitor.page.keyboard.press("Space")
        expect(visitor.page.locator(".save-bar .is-saved")).to_be_visible()
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
    press(visitor, "form[action$='/close/'] button[type=submit]")
    visitor.check()
    assert Completion.objects.count() == 2
