"""The day of each person over a whole programme: pages with real lists, names and figures.

``script/screenshots --docs`` takes the pictures of docs/days.md from here.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import User
from accounts.services import create_second_factor
from audit.services import SYSTEM
from courses.models import CourseRun
from enrollment.models import Completion
from lms.demo.programme import make_demo
from targets.models import PeriodReport
from tests.browser.conftest import DESKTOP, PHONE, Seat
from tests.browser.test_every_page import already_signed_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,  # the demo is made for each
    pytest.mark.django_db(transaction=True),
]


@dataclass
class Addresses:
    """What the demo has that a day leads to."""

    open_run: str
    taught_run: str
    report: str
    person: str

    def of(self, person: str) -> list[str]:
        days = {
            "anybody": ["/", "/courses/", "/verify/"],
            "trainee": ["/my/", "/courses/", self.open_run, "/my/record/"],
            "trainer": [
                "/my/", self.taught_run, f"{self.taught_run}attendance/",
                f"{self.taught_run}closing/",
            ],
            "coordinator": ["/my/", "/people/", "/rosters/new/", "/rosters/export/", "/targets/"],
            "office": [
                "/my/", "/targets/", "/targets/forecast/", "/indicators/", self.report,
                "/certificates/", "/people/pairs/", f"{self.taught_run}seats/",
                f"{self.taught_run}planning/", "/agencies/",
            ],
            "auditor": ["/my/", self.person, "/audit/", self.report],
        }  # fmt: skip
        return days[person]


def _make() -> None:
    """In a thread of its own: signing starts an event loop, and Playwright's runs in the test's."""
    try:
        call_command("load_reference", verbosity=0)
        make_demo(people=130, seed=7)
    finally:
        connection.close()


@pytest.fixture
def demo(transactional_db: None) -> Addresses:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(_make).result()
    for name in ("office", "auditor"):
        user = User.objects.get(email=f"{name}@demo.example")
        create_second_factor(by=SYSTEM, user=user)
    trainer = User.objects.get(email="trainer@demo.example")
    taught = CourseRun.objects.taught_by(trainer).filter(state="running").first()
    opened = CourseRun.objects.filter(state="open").earliest("starts_on")
    report, first = PeriodReport.objects.earliest("pk"), Completion.objects.earliest("pk")
    return Addresses(
        open_run=f"/runs/{opened.code}/",
        taught_run=f"/runs/{(taught or opened).code}/",
        report=f"/reports/{report.code}/",
        person=f"/people/{first.trainee.code}/",
    )


@pytest.mark.parametrize(
    ("language", "dark", "size"),
    [
        pytest.param("vi", False, DESKTOP, id="vietnamese-light-desktop"),
        pytest.param("en", True, PHONE, id="english-dark-phone"),
    ],
)
def test_each_person_finds_the_whole_day(demo: Addresses, seat: Seat, language, dark, size):
    for person in ("anybody", "trainee", "trainer", "coordinator", "office", "auditor"):
        screen = seat(language, dark=dark, size=size)
        screen.label = f"{person}-{screen.label}"
        if person != "anybody":
            already_signed_in(screen, User.objects.get(email=f"{person}@demo.example"))
        for address in demo.of(person):
            screen.open(address)
            assert screen.page.locator("h1").count() == 1, address
