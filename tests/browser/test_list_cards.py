"""Lists as readers use them: cards on a phone, columns by keyboard, an agency by its name."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.services import SYSTEM
from tests.browser.conftest import DESKTOP, PHONE, Seat, reach
from tests.factories import make_agency, make_trainee, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def auditor() -> User:
    """Sees two people and many agencies."""
    for n in range(25):
        make_agency(name_vi=f"Sở số {n}", name_en=f"Department {n}")
    health = make_agency("bo-y-te", name_vi="Bộ Y tế", name_en="Ministry of Health")
    make_trainee(health, full_name="Nguyễn Thị Ánh", position="Chuyên viên")
    make_trainee(make_agency("bo-a", name_vi="Bộ A"), full_name="Lê Văn Bình")
    user = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=user)
    return user


def let_in(page: Page, address: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    key = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": key, "url": address}])


@pytest.mark.parametrize(("language", "dark"), [("vi", False), ("en", True)])
def test_a_list_is_cards_on_a_phone_that_say_what_each_line_is(seat: Seat, auditor, language, dark):
    screen = seat(language, dark=dark, size=PHONE)
    let_in(screen.page, screen.address, auditor)
    screen.open(reverse("people"))
    card = screen.page.locator("tbody tr").first
    position = card.locator("td", has_text="Chuyên viên")
    label = position.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert label == {"vi": '"Chức vụ"', "en": '"Position"'}[language]
    assert card.evaluate("row => row.offsetHeight") > 150
    assert screen.page.get_by_role("row").count() == 3


@pytest.mark.parametrize(("language", "dark"), [("vi", True), ("en", False)])
def test_columns_are_sorted_by_keyboard(seat: Seat, auditor, language, dark):
    screen = seat(language, dark=dark, size=DESKTOP)
    let_in(screen.page, screen.address, auditor)
    screen.open(reverse("people"))
    for wanted in ("ascending", "descending"):
        reach(
            screen,
            screen.page.locator("thead a[href*='sort=agency'], thead a[href*='sort=-agency']"),
        )
        with screen.page.expect_navigation():
            screen.page.keyboard.press("Enter")
        screen.check()
        assert screen.page.locator(f"th[aria-sort={wanted}]").count() == 1
    assert "Nguyễn Thị Ánh" in screen.page.locator("tbody tr").first.inner_text()


def test_an_agency_is_suggested_as_one_types(seat: Seat, auditor):
    screen = seat("vi", size=DESKTOP)
    let_in(screen.page, screen.address, auditor)
    screen.open(reverse("people"))
    assert screen.page.locator("datalist option").count() == 0
    screen.page.locator("[name=agency]").press_sequentially("bo y")
    screen.page.wait_for_selector("datalist option", state="attached")
    found = screen.page.locator("datalist option").evaluate_all("all => all.map(one => one.value)")
    assert found == ["Bộ Y tế"]
    screen.page.fill("[name=agency]", found[0])
    screen.send("main form.filter-bar button[type=submit]")
    assert screen.page.locator("tbody tr").count() == 1


def test_an_agency_is_found_by_its_name_without_scripts(
    chromium: Browser, live_server: Any, auditor
):
    context = chromium.new_context(java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    let_in(page, live_server.url, auditor)
    page.goto(live_server.url + reverse("people"))
    page.fill("[name=agency]", "bo y te")
    page.click("main form.filter-bar button[type=submit]")
    assert page.locator("tbody tr").count() == 1
    page.fill("[name=agency]", "sở")
    page.click("main form.filter-bar button[type=submit]")
    field, error = page.locator("[name=agency]"), page.locator("ul.errors")
    assert error.evaluate(
        "(list, field) => list.compareDocumentPosition(field) & 2", field.element_handle()
    )
    assert "Sở số 24" in error.inner_text()
    context.close()
