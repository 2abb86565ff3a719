"""Several people of a class at once, and one person's details: by each way of using the page."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from accounts.models import User
from common import clock
from courses.choices import ApprovalPolicy
from courses.models import Course, CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment
from tests.browser.conftest import LANGUAGES, PHONE, Visitor, click, reach, reach_and_enter, write
from tests.browser.test_every_page import already_signed_in
from tests.factories import make_agency, make_coordinator, make_enrollment, make_run, make_trainee

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("Đặng Thị Ngọc Ánh", "Lê Thị Hồng Hạnh", "Phạm Văn Cường")


@pytest.fixture
def run() -> CourseRun:
    return make_open("AI-101-3003")


def make_open(code: str, **fields: Any) -> CourseRun:
    day = clock.today() + dt.timedelta(days=60)
    return make_run(code=code, starts_on=day, ends_on=day, state="open", **fields)


@pytest.fixture
def coordinator(run: CourseRun) -> User:
    agency = make_agency("bo-mau", name_vi="Bộ Mẫu", name_en="Sample Ministry")
    for name in NAMES:
        make_enrollment(run, make_trainee(agency, full_name=name), state="enrolled")
    run.seats_taken = len(NAMES)
    run.save()
    return make_coordinator(agency)


@pytest.fixture
def without_scripts(chromium: Browser, live_server, coordinator: User) -> Iterator[Visitor]:
    """A coordinator with a phone whose browser runs no script."""
    context = chromium.new_context(
        java_script_enabled=False,
        locale=LANGUAGES["vi"],
        viewport={"width": PHONE[0], "height": PHONE[1]},
    )
    screen = Visitor(context.new_page(), live_server.url, "vi", "no-script", [])
    already_signed_in(screen, coordinator)
    yield screen
    context.close()


def at_the_class(visitor: Visitor, user: User, run: CourseRun) -> Visitor:
    already_signed_in(visitor, user)
    visitor.open(f"/runs/{run.code}/")
    return visitor


def tick(visitor: Visitor, *names: str) -> None:
    for name in names:
        box = visitor.page.locator("tr", has_text=name).locator("input[name=who]")
        reach(visitor, box)
        visitor.page.keyboard.press("Space")


def states(run: CourseRun) -> dict[str, str]:
    rows = Enrollment.objects.filter(run=run).select_related("trainee")
    return {one.trainee.full_name: one.state for one in rows}


def test_by_mouse_two_people_are_withdrawn_with_a_reason(seat, run, coordinator):
    visitor = at_the_class(seat("vi"), coordinator, run)
    for name in NAMES[:2]:
        visitor.page.locator("tr", has_text=name).locator("input[name=who]").check()
    visitor.check()
    click(visitor, "#bulk button[value=withdraw]")
    visitor.check()
    visitor.page.fill("#id_reason", "Bận công tác đột xuất")
    click(visitor, "main form .button-danger")
    visitor.check()
    gone, stays = EnrollmentState.WITHDRAWN, EnrollmentState.ENROLLED
    assert states(run) == dict(zip(NAMES, (gone, gone, stays), strict=True))


def test_by_keyboard_two_people_are_moved_to_another_class(seat, run, coordinator):
    other = make_open("AI-101-3004", course=run.course)
    visitor = at_the_class(seat("en", dark=True), coordinator, run)
    tick(visitor, *NAMES[1:])
    reach_and_enter(visitor, "#bulk button[value=move]")
    visitor.check()
    write(visitor, "#id_to", other.code)
    reach_and_enter(visitor, "main form .button-danger")
    visitor.check()
    assert set(states(other)) == set(NAMES[1:])


def test_on_a_phone_a_message_goes_to_those_who_are_selected(seat, run, coordinator):
    visitor = at_the_class(seat("en", dark=True, size=PHONE), coordinator, run)
    tick(visitor, NAMES[0])
    reach_and_enter(visitor, "#bulk button[value=message]")
    visitor.check()
    chosen = Enrollment.objects.get(trainee__full_name=NAMES[0])
    assert str(chosen.pk) in visitor.page.url


def test_on_a_phone_without_scripts_people_are_approved_and_exported(
    without_scripts, run, coordinator
):
    Course.objects.filter(pk=run.course_id).update(approval=ApprovalPolicy.AGENCY)
    waiting = Enrollment.objects.filter(trainee__full_name=NAMES[0])
    waiting.update(state=EnrollmentState.NOMINATED)
    page = without_scripts.page
    page.goto(f"{without_scripts.address}/runs/{run.code}/")
    page.locator("tr", has_text=NAMES[0]).locator("input[name=who]").check()
    page.locator("#bulk button[value=approve]").click()
    assert waiting.get().state != EnrollmentState.NOMINATED
    page.locator("tr", has_text=NAMES[1]).locator("input[name=who]").check()
    with page.expect_download() as fetched:
        page.locator("#bulk button[value=export]").click()
    assert fetched.value.suggested_filename.endswith(".xlsx")


@pytest.mark.parametrize(
    ("press", "dark", "size"),
    [
        pytest.param(click, False, (1280, 900), id="mouse-desktop"),
        pytest.param(reach_and_enter, True, PHONE, id="keyboard-phone"),
    ],
)
def test_unit_position_and_remarks_are_edited_in_the_list(
    seat, run, coordinator, press, dark, size
):
    visitor = at_the_class(seat("vi", dark=dark, size=size), coordinator, run)
    press(visitor, "td a[href*='edit=']")
    visitor.check()
    for field, text in (
        ("unit", "Vụ Tổng hợp"),
        ("position", "Chuyên viên"),
        ("remarks", "Ăn chay"),
    ):
        write(visitor, f"#edited [name$={field}]", text)
    press(visitor, "#edited button[type=submit]")
    visitor.check()
    assert "Vụ Tổng hợp" in visitor.page.locator("main").inner_text()
    assert Enrollment.objects.filter(remarks="Ăn chay").count() == 1


def test_details_are_edited_without_scripts(without_scripts, run):
    page = without_scripts.page
    page.goto(f"{without_scripts.address}/runs/{run.code}/")
    page.locator("td a[href*='edit=']").first.click()
    page.locator("#edited [name$=remarks]").fill("Ăn chay")
    page.locator("#edited button[type=submit]").click()
    assert Enrollment.objects.filter(remarks="Ăn chay").count() == 1
