"""What cannot be taken back asks once: by mouse, by keyboard, on a phone, without scripts."""

import datetime as dt
from typing import Any

import pytest
from playwright.sync_api import Browser

from accounts.choices import Role
from common import clock
from tests.browser.conftest import LANGUAGES, PHONE, Visitor, reach
from tests.factories import make_enrollment, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place() -> Any:
    day = clock.today() + dt.timedelta(days=9)
    run = make_run(code="AI-101-2612", starts_on=day, ends_on=day, state="open", seats_taken=1)
    person = make_trainee(user=make_user(Role.TRAINEE), full_name="Lê Thị Hồng Vân")
    return make_enrollment(run, person, state="enrolled")


def at_the_class(visitor: Visitor, place: Any) -> Visitor:
    visitor.sign_in(place.trainee.user)
    visitor.open(f"/runs/{place.run.code}/")
    return visitor


def test_the_dialog_names_class_and_consequence_and_can_be_left(seat, place):
    visitor = at_the_class(seat("en"), place)
    visitor.page.locator("[popovertarget=ask-leave]").first.click()
    dialog = visitor.page.get_by_role("dialog")
    assert "AI-101-2612" in dialog.inner_text()
    assert "waiting list" in dialog.inner_text()
    visitor.check()
    dialog.get_by_role("button", name="Go back").click()
    assert not dialog.is_visible()
    place.refresh_from_db()
    assert place.state == "enrolled"


def test_by_keyboard_enter_in_the_dialog_alone_does_nothing(seat, place):
    visitor = at_the_class(seat("vi"), place)
    reach(visitor, visitor.page.locator("[popovertarget=ask-leave]").first)
    visitor.page.keyboard.press("Enter")
    visitor.page.keyboard.press("Enter")
    place.refresh_from_db()
    assert place.state == "enrolled"
    visitor.page.keyboard.press("Escape")
    assert not visitor.page.locator("#ask-leave").is_visible()


def test_on_a_phone_without_scripts_a_seat_is_given_up_and_taken_back(
    chromium: Browser, live_server, place
):
    context = chromium.new_context(
        java_script_enabled=False,
        locale=LANGUAGES["vi"],
        viewport={"width": PHONE[0], "height": PHONE[1]},
    )
    page = context.new_page()
    page.goto(live_server.url + "/sign-in/login/")
    page.fill("#id_login", place.trainee.user.email)
    page.fill("#id_password", "pw")
    page.locator("main button[type=submit]").first.click()
    page.goto(f"{live_server.url}/runs/{place.run.code}/")
    page.locator("[popovertarget=ask-leave]").first.click()
    page.locator("#ask-leave [type=submit]").click()
    place.refresh_from_db()
    assert place.state == "withdrawn"
    page.locator("form[action$='/take-back/'] button").click()
    place.refresh_from_db()
    assert place.state == "enrolled"
    context.close()


def test_leaving_a_changed_form_asks_and_a_search_does_not(seat, place):
    visitor = seat("vi")
    visitor.sign_in(place.trainee.user)
    asked: list[str] = []

    def leave(box: Any) -> None:
        asked.append(box.type)
        box.accept()

    visitor.page.on("dialog", leave)
    visitor.open("/my/data/")
    visitor.page.locator(
        "main form[method=post] textarea, main form[method=post] select"
    ).first.click()
    visitor.page.locator("main form[method=post] textarea").first.press_sequentially("Sai ngày")
    visitor.page.goto(visitor.address + "/my/")
    assert asked == ["beforeunload"]
    visitor.page.goto(visitor.address + "/runs/")
    visitor.page.locator("form[role=search] input").first.press_sequentially("AI")
    visitor.page.goto(visitor.address + "/my/")
    assert asked == ["beforeunload"]
