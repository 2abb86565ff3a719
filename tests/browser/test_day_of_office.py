"""The programme office's whole day: a class opened, certificates, doubles, a period signed."""

import datetime as dt

import pytest

from audit.services import PROGRAMME_OFFICE
from certificates.models import Certificate, Signer
from common import clock
from courses.models import CourseRun, OfficialDecision
from people.models import CandidatePair
from people.services.merges import list_candidates
from targets.models import PeriodReport
from tests.browser.conftest import (
    WAYS,
    Press,
    Programme,
    Visitor,
    choose,
    write,
)
from tests.browser.test_every_page import already_signed_in
from tests.factories import make_completion, make_enrollment, make_run, make_trainee

pytestmark = pytest.mark.browser

SEND = "main form button[type=submit]"


@pytest.fixture
def office(programme, seat, press, language, dark, size) -> Visitor:
    """The office before its board."""
    visitor: Visitor = seat(language, dark=dark, size=size)
    already_signed_in(visitor, programme.office)
    visitor.open("/my/")
    assert visitor.page.locator(".tally-number").inner_text() == "5"
    return visitor


def decide(office: Visitor, press: Press, kind: str) -> None:
    """From the planning page of a class, record a decision on it."""
    press(office, f"main a[href$='/decisions/{kind}/']")
    office.check()
    write(office, "#id_number", "12/QĐ-BTTTT")
    write(office, "#id_dated", "2024-05-02")
    press(office, SEND)
    office.check()


@WAYS
def test_the_office_opens_a_class_with_its_decision(programme: Programme, office, press):
    course = programme.open.course
    choose(office, press, "/courses/")
    press(office, f"main a[href='/courses/{course.code}/']")
    press(office, "main a[href^='/runs/new/']")
    office.check()
    for name, text in {
        "code": "AI-101-3009",
        "starts_on": "2030-09-02",
        "ends_on": "2030-09-03",
        "capacity": "40",
    }.items():
        write(office, f"#id_{name}", text)
    press(office, SEND)
    office.check()
    run = CourseRun.objects.get(code="AI-101-3009")
    if not office.page.url.endswith("/planning/"):
        press(office, f".tabs a[href='/runs/{run.code}/planning/']")
        office.check()
    decide(office, press, "class_opening")
    assert OfficialDecision.objects.get(run=run).number == "12/QĐ-BTTTT"


@WAYS
def test_the_office_issues_certificates_and_revokes_one(programme: Programme, office, press):
    day = dt.date(2024, 7, 10)
    run = make_run(
        programme.closed.course, code="AI-101-2407", starts_on=day, ends_on=day, state="closed"
    )
    person = make_trainee(full_name="Trương Văn Minh")
    place = make_enrollment(run, person, state="completed")
    make_completion(person, run, enrollment=place)

    choose(office, press, "/certificates/")
    press(office, f"section[aria-labelledby=owing] a:text-is('{run.code}')")
    office.check()
    press(office, "#issue button[value=start]")
    office.page.wait_for_selector("main :not([aria-busy=true])")
    office.check()
    issued = Certificate.objects.get(completion__run=run)

    choose(office, press, "/certificates/")
    press(office, f"tbody th a[href='/certificates/{issued.verification_code}/']")
    office.check()
    write(office, "#reason", "Cấp nhầm người")
    press(office, "form:has(input[value=revoke]) button")
    office.check()
    issued.refresh_from_db()
    assert issued.revocation_reason == "Cấp nhầm người"


@WAYS
def test_the_office_separates_two_people_and_merges_two_rows(office, press):
    rows = [make_trainee(full_name="Lê An") for _ in range(3)]
    pairs = [(rows[0].pk, rows[1].pk), (rows[0].pk, rows[2].pk)]
    list_candidates(by=PROGRAMME_OFFICE, pairs=pairs)
    for button in (
        "section[aria-labelledby=different] [type=submit]",
        "section[aria-labelledby=same] button",
    ):
        choose(office, press, "/people/")
        press(office, ".subnav a[href='/people/pairs/']")
        office.check()
        press(office, "tbody th a")
        office.check()
        press(office, button)
        office.check()
    states = CandidatePair.objects.values_list("state", flat=True)
    assert sorted(states) == ["different", "same"]


@WAYS
def test_the_office_signs_off_a_period(office, press):
    choose(office, press, "/reports/")
    press(office, "main a[href='/reports/new/']")
    office.check()
    write(office, "#id_starts_on", "2024-04-01")
    write(office, "#id_ends_on", "2024-06-30")
    press(office, SEND)
    office.check()
    write(office, "#id_number", "01/BC-BTTTT")
    write(office, "#id_dated", clock.today().isoformat())
    write(office, "#id_signer", str(Signer.objects.in_force().earliest("pk").pk))
    acknowledged = office.page.locator("#id_acknowledged")
    if acknowledged.count():
        acknowledged.check()
    press(office, SEND)
    office.check()
    press(office, "#progress a.button-primary")
    office.check()
    assert PeriodReport.objects.get().persons == 5
