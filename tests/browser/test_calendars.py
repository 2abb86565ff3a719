"""Subscribing to one's timetable, and ending it, as somebody does it."""

import pytest
from django.test import Client

from accounts.choices import Role
from courses.models import CalendarAddress
from tests.browser.conftest import DESKTOP, PHONE, Seat
from tests.factories import make_enrollment, make_run, make_trainee, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LOOKS = [
    pytest.param("vi", False, DESKTOP, id="vietnamese-light-desktop"),
    pytest.param("en", True, PHONE, id="english-dark-phone"),
]


@pytest.mark.parametrize(("language", "dark", "size"), LOOKS)
def test_a_trainee_subscribes_to_a_class_and_revokes_the_address(
    seat: Seat, language: str, dark: bool, size: tuple[int, int]
) -> None:
    user, run = make_user(Role.TRAINEE), make_run(code="AI-01")
    make_enrollment(run, make_trainee(user=user))
    screen = seat(language, dark=dark, size=size)
    page = screen.page
    screen.sign_in(user)
    screen.open("/runs/AI-01/")
    page.click("a[href='/my/calendars/?run=AI-01']")
    screen.check()
    screen.send(".card:has(input[value='AI-01']) button")
    address = page.locator("#new-address ~ .code").inner_text()
    webcal = page.locator("a[href^='webcal://']").get_attribute("href")
    assert webcal == f"webcal://{address.partition('://')[2]}"
    path = address[address.index("/calendar/") :]
    assert Client().get(path).text.count("BEGIN:VEVENT") == 2
    screen.open("/my/calendars/")
    assert page.locator(".code").count() == 0
    screen.send("form[action$='/revoke/'] button")
    assert Client().get(path).status_code == 404
    assert not CalendarAddress.objects.exists()
    screen.open(path)
