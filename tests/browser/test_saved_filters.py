"""A filter is saved, opened and removed by mouse, by keyboard on a phone, and without scripts."""

import datetime as dt

import pytest
from playwright.sync_api import Browser

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.services import SYSTEM
from tests.browser.conftest import (
    DESKTOP,
    LANGUAGES,
    PHONE,
    Visitor,
    click,
    reach_and_enter,
    write,
)
from tests.browser.test_every_page import already_signed_in
from tests.factories import make_run, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NARROWED = "/runs/?state=open&sort=venue"


@pytest.fixture
def office() -> User:
    user = make_user(Role.PROGRAMME_OFFICE, full_name="Phạm Thu Hà")
    create_second_factor(by=SYSTEM, user=user)
    day = dt.date(2030, 3, 4)
    for code in ("AI-101-3003", "AI-102-3003"):
        make_run(code=code, starts_on=day, ends_on=day, venue="Hà Nội", state="open")
    return user


@pytest.mark.parametrize(
    ("press", "language", "dark", "size"),
    [
        pytest.param(click, "vi", False, DESKTOP, id="mouse-vietnamese-desktop-light"),
        pytest.param(reach_and_enter, "en", True, PHONE, id="keyboard-english-phone-dark"),
    ],
)
def test_a_filter_is_saved_opened_in_one_press_and_removed(
    seat, office, press, language, dark, size
):
    visitor: Visitor = seat(language, dark=dark, size=size)
    already_signed_in(visitor, office)
    visitor.open(NARROWED)
    visitor.page.locator(".saved-filters summary").press("Enter")
    visitor.check()
    write(visitor, "#filter-name", "Lớp sắp tới")
    press(visitor, ".saved-filters button")
    visitor.check()
    visitor.open("/runs/")
    press(visitor, ".saved-filters nav a[href^='?']")
    visitor.check()
    assert visitor.page.url.endswith(NARROWED)
    assert visitor.page.locator("#id_state").input_value() == "open"
    press(visitor, ".saved-filters nav a[href='/my/filters/']")
    visitor.check()
    press(visitor, "td a[href^='/my/filters/']")
    visitor.check()
    press(visitor, "#ask-remove [type=submit]")
    visitor.check()
    assert not office.saved_filters.exists()


def test_on_a_phone_without_scripts_a_filter_is_saved_and_opened(
    chromium: Browser, live_server, office
):
    context = chromium.new_context(
        java_script_enabled=False,
        locale=LANGUAGES["vi"],
        viewport={"width": PHONE[0], "height": PHONE[1]},
    )
    screen = Visitor(context.new_page(), live_server.url, "vi", "no-script", [])
    already_signed_in(screen, office)
    screen.page.goto(live_server.url + NARROWED)
    screen.page.locator(".saved-filters summary").click()
    screen.page.fill("#filter-name", "Lớp sắp tới")
    screen.page.locator(".saved-filters button").click()
    assert office.saved_filters.get().name == "Lớp sắp tới"
    screen.page.goto(live_server.url + "/runs/")
    screen.page.locator(".saved-filters nav a[href^='?']").click()
    assert screen.page.url.endswith(NARROWED)
    context.close()
