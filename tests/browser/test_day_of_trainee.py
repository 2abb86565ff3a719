"""A trainee's whole day: by mouse on a desk, by keyboard alone on a phone."""

import datetime as dt

import pytest

from certificates.models import NameConfirmation
from common import clock
from enrollment.models import Enrollment
from tests.browser.conftest import WAYS, Press, reach
from tests.factories import make_course, make_run, make_trainee, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WAYS
def test_a_trainees_day(seat, press: Press, language, dark, size):
    """Find a course, read about the class, request a seat, confirm the name, print the record."""
    user = make_user("trainee", full_name="Đặng Thị Ngọc Ánh")
    make_trainee(user=user, full_name="Đặng Thị Ngọc Ánh")
    first = clock.today() + dt.timedelta(days=30)
    course = make_course(title_vi="Đạo đức trí tuệ nhân tạo", title_en="Ethics of AI")
    run = make_run(course, starts_on=first, ends_on=first, sessions=1, venue="Hà Nội")
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
    press(visitor, "section[aria-labelledby=confirm] button")
    visitor.check()
    assert NameConfirmation.objects.exists()
    visitor.page.goto(f"{visitor.address}/my/")
    press(visitor, "a[href='/my/record/']")
    visitor.check()
