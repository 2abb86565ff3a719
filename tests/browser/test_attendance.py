"""Attendance on a phone: one thumb, a line that drops, no script, somebody else meanwhile."""

import datetime as dt

import pytest
from playwright.sync_api import APIResponse, Locator, Route, expect

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.choices import Mark
from enrollment.models import Attendance, Enrollment
from enrollment.services.attendance import mark_one
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.browser.test_every_page import already_signed_in
from tests.factories import make_enrollment, make_run, make_trainee, make_trainer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAMES = ("Phạm Văn An", "Lê Thị Bình", "Công Tằng Tôn Nữ Thị Quỳnh Anh Thư", "H'Hen Niê")


@pytest.fixture
def run() -> CourseRun:
    """A class with a session under way and four people."""
    today, now = clock.today(), clock.now()
    run = make_run(sessions=0, starts_on=today, ends_on=today + dt.timedelta(days=1))
    for number, start in enumerate((now, now + dt.timedelta(days=1)), start=1):
        run.sessions.create(number=number, starts_at=start, ends_at=start + dt.timedelta(hours=1))
    for name in NAMES:
        make_enrollment(run, make_trainee(full_name=name))
    return run


def at_attendance(visitor: Visitor, run: CourseRun) -> Visitor:
    already_signed_in(visitor, make_trainer(run))
    visitor.open(f"/runs/{run.code}/attendance/")
    return visitor


def person(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(".roll li").filter(has_text=name)


def press(visitor: Visitor, name: str, mark: str) -> None:
    person(visitor, name).locator(f"label:has([value={mark}])").click()


def status(visitor: Visitor) -> Locator:
    return visitor.page.locator(".save-bar [role=status]")


def stored() -> dict[str, str]:
    return dict(Attendance.objects.values_list("enrollment__trainee__full_name", "mark"))


@pytest.mark.parametrize(("language", "dark"), [("vi", False), ("en", True)])
def test_each_press_saves_its_mark_and_the_bar_says_how_many_are_missing(seat, run, language, dark):
    phone = at_attendance(seat(language, dark=dark, size=PHONE), run)
    assert not phone.page.locator(".whole-class").is_visible()
    for label in phone.page.locator(".choices label").all():
        box = label.bounding_box()
        assert box
        assert box["height"] >= 48
    press(phone, NAMES[0], "late")
    expect(status(phone)).to_contain_text("3")
    expect(status(phone)).to_have_class("is-saved")
    assert stored() == {NAMES[0]: "late"}
    phone.page.locator("button[name=rest]").click()
    expect(phone.page.locator("button[name=rest]")).to_be_hidden()
    expect(status(phone)).to_have_class("is-saved")
    phone.check()
    assert stored() == dict.fromkeys(NAMES, "present") | {NAMES[0]: "late"}


def test_nothing_is_lost_when_the_line_drops(seat, run):
    phone = at_attendance(seat("vi", size=PHONE), run)
    press(phone, NAMES[0], "present")
    expect(status(phone)).to_have_class("is-saved")
    phone.page.context.set_offline(True)
    press(phone, NAMES[1], "absent")
    press(phone, NAMES[2], "late")
    press(phone, NAMES[1], "excused")
    expect(status(phone)).to_have_class("is-unsaved")
    expect(phone.page.locator(".roll .unsaved")).to_have_count(2)
    assert stored() == {NAMES[0]: "present"}
    phone.page.context.set_offline(False)
    expect(status(phone)).to_have_class("is-saved")
    expect(phone.page.locator(".roll .unsaved")).to_have_count(0)
    assert stored() == {NAMES[0]: "present", NAMES[1]: "excused", NAMES[2]: "late"}


def test_marks_outlive_a_page_that_was_closed_without_a_line(seat, run):
    phone = at_attendance(seat("vi", size=PHONE), run)
    context = phone.page.context
    context.set_offline(True)
    press(phone, NAMES[0], "present")
    expect(status(phone)).to_have_class("is-unsaved")
    phone.page.close()
    context.set_offline(False)
    assert stored() == {}
    phone.page = context.new_page()
    phone.open(f"/runs/{run.code}/attendance/")
    expect(status(phone)).to_have_class("is-saved")
    assert stored() == {NAMES[0]: "present"}


def test_a_mark_of_somebody_who_left_the_class_meanwhile_is_told_as_not_saved(seat, run):
    phone = at_attendance(seat("en", size=PHONE), run)
    context = phone.page.context
    context.set_offline(True)
    press(phone, NAMES[0], "present")
    expect(status(phone)).to_have_class("is-unsaved")
    phone.page.close()
    run.enrollments.filter(trainee__full_name=NAMES[0]).update(state="withdrawn")
    context.set_offline(False)
    phone.page = context.new_page()
    phone.page.goto(f"{phone.address}/runs/{run.code}/attendance/")
    told = phone.page.locator("[data-others] .refused")
    expect(told).to_contain_text("Only people with a seat")
    expect(status(phone)).to_contain_text("Nothing saved yet")
    phone.check()


def test_a_lost_answer_is_not_told_as_somebody_elses_change(seat, run):
    phone = at_attendance(seat("vi", size=PHONE), run)
    lost: list[APIResponse] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort()

    phone.page.route("**/attendance/1/", lose)
    press(phone, NAMES[0], "present")
    expect(status(phone)).to_have_class("is-unsaved")
    press(phone, NAMES[0], "absent")
    expect(status(phone)).to_have_class("is-saved")
    assert stored() == {NAMES[0]: "absent"}
    assert not phone.page.locator(".refused").first.is_visible()


def test_what_somebody_else_marked_while_the_line_was_down_stays_and_is_told(seat, run):
    phone = at_attendance(seat("en", size=PHONE), run)
    phone.page.context.set_offline(True)
    press(phone, NAMES[0], "present")
    expect(status(phone)).to_have_class("is-unsaved")
    enrollment = run.enrollments.get(trainee__full_name=NAMES[0])
    mark_one(
        by=OFFICE, enrollments=Enrollment.objects.all(), enrollment_id=enrollment.pk,
        session_id=run.sessions.get(number=1).pk, mark=Mark.LATE,
    )  # fmt: skip
    phone.page.context.set_offline(False)
    told = person(phone, NAMES[0]).locator(".refused")
    expect(told).to_contain_text("“present” was not saved")
    expect(person(phone, NAMES[0]).locator("[value=late]")).to_be_checked()
    phone.check()
    assert stored() == {NAMES[0]: "late"}
    press(phone, NAMES[0], "present")
    expect(told).to_be_hidden()
    expect(status(phone)).to_have_class("is-saved")
    assert stored() == {NAMES[0]: "present"}


def test_marks_that_a_closed_class_refuses_are_kept_until_discarded(seat, run):
    phone = at_attendance(seat("en", size=PHONE), run)
    CourseRun.objects.update(state="closed")
    press(phone, NAMES[0], "present")
    expect(status(phone)).to_contain_text("has been closed")
    assert stored() == {}
    phone.page.locator("button[name=discard]").click()
    expect(status(phone)).to_contain_text("Nothing saved yet")
    assert phone.page.locator(".roll input:enabled").count() == 0
    phone.check()


def test_a_session_to_come_is_shown_with_the_choices_off(seat, run):
    phone = at_attendance(seat("vi", size=PHONE), run)
    phone.page.locator(".session-pick a").last.click()
    phone.page.wait_for_url("**?session=2")
    phone.check()
    assert phone.page.locator(".roll input:enabled").count() == 0


def test_attendance_needs_no_script(chromium, live_server, run):
    context = chromium.new_context(
        java_script_enabled=False, locale="vi-VN", viewport={"width": PHONE[0], "height": PHONE[1]}
    )
    page = context.new_page()
    visitor = Visitor(page, live_server.url, "vi", "no-script", [])
    already_signed_in(visitor, make_trainer(run))
    page.goto(f"{live_server.url}/runs/{run.code}/attendance/")
    press(visitor, NAMES[0], "absent")
    page.locator(".save-bar button[type=submit]").click()
    expect(page.locator(".alert-good")).to_be_visible()
    assert stored() == {NAMES[0]: "absent"}
    page.locator("button[name=rest]").click()
    expect(page.locator("button[name=rest]")).to_be_hidden()
    assert stored() == dict.fromkeys(NAMES, "present") | {NAMES[0]: "absent"}
    page.locator(".more summary").click()
    page.locator("a[href='#whole-class']").click()
    assert page.locator(".whole-class").is_visible()
    context.close()


def test_the_desk_keeps_the_grid(seat, run):
    desk = at_attendance(seat("vi", size=DESKTOP), run)
    assert desk.page.locator("button.mark").first.is_visible()
    assert not desk.page.locator("#roll").is_visible()
