"""What anybody sees without signing in, in both languages, light and dark, desk and phone."""

import gzip

import pytest
from playwright.sync_api import Response

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

SCREENS = [
    pytest.param("vi", False, DESKTOP, id="vi-light-desktop"),
    pytest.param("vi", True, PHONE, id="vi-dark-phone"),
    pytest.param("en", True, DESKTOP, id="en-dark-desktop"),
    pytest.param("en", False, PHONE, id="en-light-phone"),
]
OPEN = (
    "/sign-in/login/",
    "/sign-in/password/reset/",
    "/courses/",
    "/courses/AI-101/",
    "/verify/",
    "/verify/?code=AI26000018",
    "/",
)
NUMBER_IS = {"vi": "tính đến ngày", "en": "as of"}
VALID = {"vi": "Có hiệu lực", "en": "Valid"}


@pytest.mark.parametrize(("language", "dark", "size"), SCREENS)
def test_the_open_pages_are_sound(programme, seat, language, dark, size):
    visitor = seat(language, dark=dark, size=size)
    for path in OPEN:
        visitor.open(path)
    assert visitor.page.locator(".figure-number").inner_text() == "5"
    assert NUMBER_IS[language] in visitor.page.locator(".figure-date").inner_text()


def test_the_number_and_its_date_are_the_largest_on_the_page(programme, seat):
    visitor = seat("vi")
    visitor.open("/")
    size = "node => parseFloat(getComputedStyle(node).fontSize)"
    sizes = visitor.page.locator("main *").evaluate_all(f"nodes => nodes.map({size})")
    largest = sorted(set(sizes), reverse=True)[:2]
    shown = [
        visitor.page.locator(part).evaluate(size) for part in (".figure-number", ".figure-date")
    ]
    assert shown == largest


def test_the_chart_has_a_name_and_its_figures_stand_in_a_table(programme, seat):
    visitor = seat("en")
    visitor.open("/")
    chart = visitor.page.locator(".chart-wide svg")
    assert chart.locator("title").text_content()
    assert "5" in (chart.locator("desc").text_content() or "")
    assert visitor.page.get_by_role("row", name="2024 5 5").count() == 1


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_certificate_is_verified_by_the_code_that_is_typed_in(programme, seat, language):
    visitor = seat(language)
    visitor.open("/verify/")
    visitor.page.fill("#id_code", programme.certificate.verification_code.lower())
    visitor.send()
    assert VALID[language] in visitor.page.locator("h1").inner_text()
    text = visitor.page.locator("main").inner_text()
    assert "Đặng Thị Ngọc Ánh" in text
    assert "12/03/1980" not in text, "the birth date is for those who know it"
    visitor.page.fill("#id_birth", "12/03/1980")
    visitor.send()
    assert "12/03/1980" in visitor.page.locator("main").inner_text()


def test_an_unknown_code_is_answered_in_our_look(programme, seat):
    visitor = seat("vi")
    visitor.open("/verify/AAAA-BBBB-CCCC-DDDD")
    assert visitor.page.locator("h1").inner_text().strip() == "Không tìm thấy"


def test_a_wrong_address_is_answered_in_our_look(programme, seat):
    visitor = seat("en")
    visitor.open("/no-such-page/")
    assert visitor.page.locator("h1").inner_text() == "Page not found"


def test_the_language_is_switched_without_script(programme, seat):
    visitor = seat("vi")
    visitor.open("/courses/")
    visitor.language = "en"
    visitor.send("button[name=language]")
    assert visitor.page.url.endswith("/courses/")
    visitor.open("/verify/")


def test_the_menu_of_a_phone_opens_by_keyboard(programme, seat):
    visitor = seat("vi", size=PHONE)
    visitor.open("/")
    visitor.page.locator(".menu-opener").press("Enter")
    visitor.page.locator("#menu a", has_text="Khóa bồi dưỡng").press("Enter")
    visitor.page.wait_for_url("**/courses/")


FIRST_VISIT = 60_000  # bytes; files are sent compressed, pages are not (BREACH)


def test_the_first_visit_of_the_public_page_is_light_and_asks_no_other_site(programme, seat):
    visitor = seat("vi")
    answers: list[Response] = []
    visitor.page.on("response", lambda answer: answers.append(answer))
    visitor.page.goto(visitor.address + "/", wait_until="networkidle")
    assert len(answers) > 3, "the page and its style sheets"
    elsewhere = [one.url for one in answers if not one.url.startswith(visitor.address)]
    assert elsewhere == []
    sizes = {
        one.url: len(gzip.compress(one.body()) if "/static/" in one.url else one.body())
        for one in answers
    }
    assert sum(sizes.values()) <= FIRST_VISIT, sizes
