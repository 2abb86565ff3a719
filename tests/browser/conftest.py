"""A real Chromium before a live server.

``SCREENSHOTS=folder`` keeps a picture of every page, ``SCREENSHOTS_CUT=1`` of its first screen.
"""

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Download,
    Locator,
    Page,
    sync_playwright,
)

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE, SYSTEM
from certificates.models import Certificate
from courses.models import Course, CourseRun
from lms.menu import MENUS, Job
from tests.certificates.steps import issue_for_run
from tests.factories import (
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

# Playwright's loop runs in this thread; the tests touch the database between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

CHROMIUM = "/usr/bin/chromium"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LANGUAGES = {"vi": "vi-VN", "en": "en-US"}
DESKTOP, PHONE = (1280, 900), (390, 844)
PASSWORD = "pw"  # what tests/factories.py gives


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody at a screen, and what the console told them."""

    page: Page
    address: str
    language: str
    label: str
    console: list[str]

    def open(self, path: str) -> None:
        """Go to a path of the site and check the page."""
        self.page.goto(self.address + path)
        self.check()

    def sign_in(self, user: User) -> None:
        """Through the form, as anybody does."""
        self.page.goto(self.address + "/sign-in/login/")
        self.page.fill("#id_login", user.email)
        self.page.fill("#id_password", PASSWORD)
        self.send()

    def send(self, button: str = "main button[type=submit]") -> None:
        """Press a button of the page, answer what it asks, and check what comes."""
        wanted = self.page.locator(button).first
        if opener := opener_of(wanted):
            opener.click()
            self.check()
        wanted.click()
        self.page.wait_for_load_state()
        self.check()

    def check(self) -> None:
        """The page obeys WCAG 2.2 AA, its own security policy and the width of the screen."""
        page = self.page
        assert page.locator("html").get_attribute("lang") == self.language
        violations = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response
        found = [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations["violations"]]
        assert found == [], page.url
        assert [text for text in self.console if "Content Security Policy" in text] == []
        sideways = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not page.evaluate(sideways), f"{page.url} is wider than the screen"
        self.picture()

    def picture(self) -> None:
        if folder := os.environ.get("SCREENSHOTS"):
            path = re.split("[?#]", self.page.url.removeprefix(self.address))[0].strip("/")
            path = re.sub("[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", "code", path).replace("/", "-")
            name = f"{path or 'home'}-{self.label}.png"
            Path(folder).mkdir(parents=True, exist_ok=True)
            whole = "SCREENSHOTS_CUT" not in os.environ
            self.page.screenshot(path=str(Path(folder) / name), full_page=whole)


# By mouse and by keyboard ----------------------------------------------------------------

Press = Callable[[Visitor, str], None]
MOST_TABS = 150


def opener_of(wanted: Locator) -> Locator | None:
    """The button that opens the dialog in which something stands, if it is closed yet."""
    if wanted.is_visible():
        return None
    dialog = wanted.evaluate("element => element.closest('.dialog[popover]')?.id")
    return wanted.page.locator(f"[popovertarget='{dialog}']").first if dialog else None


def click(visitor: Visitor, selector: str) -> None:
    """Follow a link or send a form by mouse."""
    wanted = visitor.page.locator(selector).first
    if opener := opener_of(wanted):
        opener.click()
    with visitor.page.expect_navigation():
        wanted.click()


def reach_and_enter(visitor: Visitor, selector: str) -> None:
    """Tab from where one is to the thing, then press Enter."""
    wanted = visitor.page.locator(selector).first
    if opener := opener_of(wanted):
        reach(visitor, opener)
        visitor.page.keyboard.press("Enter")
    reach(visitor, wanted)
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")


def reach(visitor: Visitor, wanted: Locator) -> None:
    """Tab until the thing has the focus."""
    for _tab in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {wanted} on {visitor.page.url}")


def write(visitor: Visitor, selector: str, text: str) -> None:
    """Reach a field by Tab and put a text, a day or a choice into it."""
    field = visitor.page.locator(selector).first
    if opener := opener_of(field):
        reach(visitor, opener)
        visitor.page.keyboard.press("Enter")
    reach(visitor, field)
    if field.evaluate("element => element.tagName") == "SELECT":
        field.select_option(text)
    else:
        field.fill(text)


def choose(visitor: Visitor, press: Press, address: str) -> None:
    """Go on by the main menu, which a phone keeps behind a button, and check the page."""
    entries = [address, *(job.pages[0].address for job in _jobs_with(address))]
    entry = next(one for one in entries if visitor.page.locator(_in_menu(one)).count())
    opener = visitor.page.locator(".menu-opener")
    if opener.is_visible():
        reach(visitor, opener)
        visitor.page.keyboard.press("Enter")
    press(visitor, _in_menu(entry))
    if entry != address:
        press(visitor, f".subnav a[href='{address}']")
    visitor.check()


def _in_menu(address: str) -> str:
    return f"#menu a[href='{address}']"


def _jobs_with(address: str) -> Iterator[Job]:
    jobs = (job for menu in MENUS.values() for job in menu)
    return (job for job in jobs if any(page.address == address for page in job.pages))


def download(visitor: Visitor, selector: str) -> Download:
    """Fetch a file by a link or a button, reached by Tab."""
    reach(visitor, visitor.page.locator(selector).first)
    with visitor.page.expect_download() as fetched:
        visitor.page.keyboard.press("Enter")
    return fetched.value


# How a day is walked: by mouse in every run of the tests, by keyboard alone in ``--full``.
WAYS = pytest.mark.parametrize(
    ("press", "language", "dark", "size"),
    [
        pytest.param(click, "vi", False, DESKTOP, id="mouse-vietnamese-desktop-light"),
        pytest.param(
            reach_and_enter, "en", True, PHONE, id="keyboard-english-phone-dark",
            marks=pytest.mark.full,
        ),
    ],
)  # fmt: skip

Seat = Callable[..., Visitor]


@pytest.fixture
def seat(chromium: Browser, live_server: Any) -> Iterator[Seat]:
    """Sets somebody before a screen: ``seat("vi", dark=True, size=PHONE)``."""
    contexts: list[BrowserContext] = []

    def sit(language: str, *, dark: bool = False, size: tuple[int, int] = DESKTOP) -> Visitor:
        context = chromium.new_context(
            locale=LANGUAGES[language],
            color_scheme="dark" if dark else "light",
            viewport={"width": size[0], "height": size[1]},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        console: list[str] = []
        page.on("console", lambda message: console.append(message.text))
        label = f"{language}-{'dark' if dark else 'light'}-{size[0]}"
        return Visitor(page, live_server.url, language, label, console)

    yield sit
    for context in contexts:
        context.close()


@dataclass
class Programme:
    """Reference data, one closed run with certificates, one open run, and who looks at them."""

    closed: CourseRun
    open: CourseRun
    certificate: Certificate
    owner: User
    coordinator: User
    trainer: User
    office: User


PEOPLE = ("Đặng Thị Ngọc Ánh", "Phạm Văn Cường", "H'Hen Niê", "Lê Thị Hồng Hạnh", "Vũ Đức Thắng")


def _issue(run: CourseRun) -> None:
    """In a thread of its own: signing starts an event loop, and Playwright's runs in the test's."""
    try:
        issue_for_run(by=PROGRAMME_OFFICE, run=run)
    finally:
        connection.close()


@pytest.fixture
def programme(transactional_db: None) -> Programme:
    call_command("load_reference", verbosity=0)
    agency, course = Agency.objects.get(slug="min-bca"), Course.objects.get(code="AI-101")
    day = dt.date(2024, 6, 10)
    closed = make_run(course, code="AI-101-2406", starts_on=day, ends_on=day, state="closed")
    owner = make_user(Role.TRAINEE, full_name=PEOPLE[0])
    for number, name in enumerate(PEOPLE):
        user = owner if number == 0 else None
        birth = dt.date(1980 + number, 3, 12)
        person = make_trainee(agency, full_name=name, user=user, birth_date=birth)
        place = make_enrollment(closed, person, state="completed")
        make_completion(person, closed, enrollment=place)
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_issue, closed).result()
    later = dt.date(2030, 3, 4)
    opened = make_run(course, code="AI-101-3003", starts_on=later, ends_on=later, venue="Hà Nội")
    office = make_user(Role.PROGRAMME_OFFICE, full_name="Phạm Thu Hà")
    create_second_factor(by=SYSTEM, user=office)
    return Programme(
        closed=closed,
        open=opened,
        certificate=Certificate.objects.get(completion__trainee__user=owner),
        owner=owner,
        coordinator=make_coordinator(agency, full_name="Lê Minh Đức"),
        trainer=make_trainer(closed, full_name="Đặng Hải Long"),
        office=office,
    )
