"""What each role comes for most is at most two presses from its home, without scrolling."""

import datetime as dt

import pytest

from accounts.models import User
from certificates.models import Certificate
from common import clock
from rosters.importing.staging import stage
from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    Visitor,
    click,
    reach,
    reach_and_enter,
)
from tests.browser.test_every_page import already_signed_in
from tests.factories import make_completion, make_enrollment, make_run, make_trainee, make_trainer

pytestmark = pytest.mark.browser

WAYS = pytest.mark.parametrize(
    ("press", "size"),
    [
        pytest.param(click, DESKTOP, id="mouse-desktop"),
        pytest.param(reach_and_enter, PHONE, id="keyboard-phone"),
    ],
)


def at_home(seat, user: User, size=DESKTOP) -> Visitor:
    visitor: Visitor = seat("vi", size=size)
    already_signed_in(visitor, user)
    visitor.open("/my/")
    return visitor


def is_in_sight(visitor: Visitor, selector: str) -> bool:
    box = visitor.page.locator(selector).first.bounding_box()
    assert box is not None
    return bool(box["y"] + box["height"] <= DESKTOP[1])


@WAYS
def test_attendance_of_todays_class_is_one_press_away(seat, press, size, transactional_db):
    today = clock.today()
    run = make_run(starts_on=today, ends_on=today, sessions=1)
    # It has begun, at whatever hour this runs.
    first, last = (dt.datetime.combine(today, at, clock.HANOI) for at in (dt.time.min, dt.time.max))
    run.sessions.update(starts_at=first, ends_at=last)
    make_enrollment(run)
    visitor = at_home(seat, make_trainer(run), size)
    button = f".today a[href='/runs/{run.code}/attendance/']"
    if size == DESKTOP:
        assert is_in_sight(visitor, button)
    press(visitor, button)
    visitor.check()
    assert visitor.page.locator("button.mark").count()


@WAYS
def test_certificates_of_a_finished_class_are_two_presses_away(programme, seat, press, size):
    day = clock.today() - dt.timedelta(days=3)
    run = make_run(programme.closed.course, starts_on=day, ends_on=day, state="closed")
    person = make_trainee(full_name="Trương Văn Minh")
    make_completion(person, run, enrollment=make_enrollment(run, person, state="completed"))
    visitor = at_home(seat, programme.office, size)
    line = f"a.work-line[href='/certificates/runs/{run.code}/']"
    if size == DESKTOP:
        assert is_in_sight(visitor, line)
    press(visitor, line)
    visitor.check()
    press(visitor, "#issue button[value=start]")
    visitor.page.wait_for_selector("main :not([aria-busy=true])")
    assert Certificate.objects.filter(completion__run=run).exists()


@WAYS
def test_why_a_person_is_not_counted_is_found_from_anywhere(programme, seat, press, size):
    person = make_trainee(full_name="Quách Thị Mật")
    visitor = at_home(seat, programme.office, size)
    if size == DESKTOP:
        visitor.page.keyboard.press("/")
        assert visitor.page.evaluate("document.activeElement.id") == "top-q"
        visitor.page.keyboard.type("quach mat")
        with visitor.page.expect_navigation():
            visitor.page.keyboard.press("Enter")
    else:
        press(visitor, ".top-end a[href='/search/']")
        visitor.page.fill("#id_q", "quach mat")
        visitor.send("main form[role=search] button")
    visitor.check()
    press(visitor, f"a[href='/explain/{person.code}/']")
    visitor.check()


@WAYS
def test_a_coordinator_finds_in_two_presses_why_somebody_is_not_counted(
    programme, seat, press, size
):
    person = make_trainee(
        programme.coordinator.coordinatorships.get().agency, full_name="Lê Bảo An"
    )
    visitor = at_home(seat, programme.coordinator, size)
    people, why = "main a[href='/people/?status=not_yet']", f"a[href='/explain/{person.code}/']"
    if size == DESKTOP:
        assert is_in_sight(visitor, people)
    press(visitor, people)
    visitor.check()
    if size == DESKTOP:
        assert is_in_sight(visitor, why)
    press(visitor, why)
    visitor.check()
    press(visitor, "a[href*='/request/']")
    visitor.check()


@WAYS
def test_a_rejected_row_is_mended_two_presses_from_home(programme, seat, press, size):
    user = programme.coordinator
    rows = "Họ và tên,Ngày sinh\nTrần Thị Bình,12/03/1981\nLê Văn Tám,31/02/1980\n"
    upload = stage(
        by=user.as_actor(),
        user=user,
        run=programme.open,
        agency=user.coordinatorships.get().agency,
        file_name="danh-sach.csv",
        content=rows.encode(),
    )
    visitor = at_home(seat, user, size)
    line, edit = f"main a[href='/rosters/{upload.pk}/']", "main a[href*='edit=3']"
    if size == DESKTOP:
        assert is_in_sight(visitor, line)
    press(visitor, line)
    visitor.check()
    reach(visitor, visitor.page.locator(edit).first)
    if size == DESKTOP:
        assert is_in_sight(visitor, edit)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_selector(".row-editor")
    visitor.check()


@WAYS
def test_the_own_certificate_is_one_press_away(programme, seat, press, size):
    visitor = at_home(seat, programme.owner, size)
    link = "a[download][href^='/certificates/']"
    if size == DESKTOP:
        assert is_in_sight(visitor, link)
    reach(visitor, visitor.page.locator(link).first)
    with visitor.page.expect_download() as fetched:
        visitor.page.keyboard.press("Enter")
    assert fetched.value.suggested_filename.endswith(".pdf")


@WAYS
def test_the_list_of_ones_people_is_two_presses_away(programme, seat, press, size):
    visitor = at_home(seat, programme.coordinator, size)
    link = "main a[href='/people/export/']"
    if size == DESKTOP:
        assert is_in_sight(visitor, link)
    press(visitor, link)
    visitor.check()
    button = visitor.page.locator("main form button[type=submit]").first
    with visitor.page.expect_download() as fetched:
        button.press("Enter")
    assert fetched.value.suggested_filename


def test_search_and_the_account_menu_need_no_script(programme, chromium, live_server):
    context = chromium.new_context(java_script_enabled=False, locale="vi-VN")
    page = context.new_page()
    visitor = Visitor(page, live_server.url, "vi", "no-script", [])
    already_signed_in(visitor, programme.coordinator)
    page.goto(f"{live_server.url}/my/")
    page.fill("#top-q", "le thi hong hanh")
    page.press("#top-q", "Enter")
    page.wait_for_url("**/search/**")
    assert page.locator("ul.hits a mark").count()
    page.click("[popovertarget=account-menu]")
    assert page.locator("#account-menu").is_visible()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.click(".menu-opener")
    page.click("#menu a[href='/people/']")
    page.wait_for_url("**/people/**")
    context.close()


def test_the_key_leads_nowhere_while_one_types_or_once_it_is_switched_off(programme, seat):
    visitor = at_home(seat, programme.coordinator)
    visitor.page.goto(f"{visitor.address}/search/")
    visitor.page.locator("#id_q").press("/")
    assert visitor.page.locator("#id_q").input_value() == "/"
    visitor.send("button[name=shortcuts]")
    visitor.page.keyboard.press("/")
    assert visitor.page.evaluate("document.activeElement.id") != "top-q"
