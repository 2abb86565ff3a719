"""A class day: checking in, marking the grid, the waiting list, closing."""

import datetime as dt

import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import CourseRun
from enrollment.choices import Mark
from enrollment.models import Attendance, Completion
from enrollment.services.attendance import mark_everyone
from enrollment.services.enrollments import Nominee, nominate
from tests.browser.conftest import PHONE
from tests.factories import (
    make_agency,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def run_of_today(**fields) -> CourseRun:
    """A run with one session that is under way now."""
    now = clock.now()
    run = make_run(sessions=0, starts_on=clock.today(), ends_on=clock.today(), **fields)
    run.sessions.create(number=1, starts_at=now, ends_at=now + dt.timedelta(hours=1))
    return run


def test_somebody_without_an_account_checks_in_with_the_trainers_code(seat):
    run = run_of_today()
    who = make_trainee(full_name="Nguyễn Thị Hoà", personal_number="001085000234")
    make_enrollment(run, who)
    trainer = seat("vi")
    trainer.sign_in(make_trainer(run))
    trainer.open(f"/runs/{run.code}/sessions/1/code/")
    assert trainer.page.locator("svg.qr").count() == 1
    address = trainer.page.locator(".check-in-address a").get_attribute("href")

    phone = seat("vi", size=PHONE, dark=True)
    phone.open(address.removeprefix(phone.address))
    phone.page.fill("#id_name", "Nguyễn Thị Hòa")
    phone.page.fill("#id_last_digits", "234")
    phone.send()
    assert phone.page.locator(".alert-good").count() == 1
    assert Attendance.objects.get().evidence == "qr_check_in"

    phone.page.goto(address)
    phone.page.fill("#id_name", "Nguyễn Thị Hòa")
    phone.page.fill("#id_last_digits", "234")
    phone.send()
    assert phone.page.locator(".alert-bad").count() == 1
    assert Attendance.objects.count() == 1


def test_the_grid_is_marked_by_mouse_and_by_keyboard(seat):
    run = run_of_today()
    for _ in range(3):
        make_enrollment(run)
    trainer = seat("en")
    trainer.sign_in(make_trainer(run))
    trainer.open(f"/runs/{run.code}/attendance/")
    cells = trainer.page.locator("button.mark")
    cells.nth(0).click()
    trainer.page.wait_for_selector("button.mark-present")
    trainer.page.keyboard.press("ArrowDown")
    trainer.page.keyboard.press("k")
    trainer.page.wait_for_selector("button.mark-absent")
    trainer.page.keyboard.press("ArrowDown")
    trainer.page.keyboard.press("m")
    trainer.page.wait_for_selector("button.mark-late")
    trainer.check()
    marks = Attendance.objects.order_by("enrollment__trainee__sort_key", "enrollment_id")
    assert list(marks.values_list("mark", flat=True)) == ["present", "absent", "late"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_freed_seat_goes_to_the_first_who_waits_before_their_eyes(seat, language):
    first_day = clock.today() + dt.timedelta(days=30)
    run = make_run(capacity=1, starts_on=first_day, ends_on=first_day, sessions=1)
    agency = make_agency()
    # A long address is the heading of one's own page: it must not widen a phone's screen.
    seated = make_user("trainee")
    waiting = make_user("trainee", email="nguyen.thi.hoang.phuong.thao123@example.gov.vn")
    people = [make_trainee(agency, user=user) for user in (seated, waiting)]
    nominees = [Nominee(who.pk) for who in people]
    nominate(by=OFFICE, run=run, sending_agency=agency, nominees=nominees)

    waits = seat(language, size=PHONE)
    waits.sign_in(waiting)
    waits.open(f"/runs/{run.code}/")
    place = waits.page.locator("section[aria-labelledby=own-enrollment]")
    assert "1" in place.inner_text()
    before = place.locator("strong").inner_text()

    holds = seat(language)
    holds.sign_in(seated)
    holds.open(f"/runs/{run.code}/")
    holds.send("section[aria-labelledby=own-enrollment] [type=submit]")

    waits.open(f"/runs/{run.code}/")
    after = place.locator("strong").inner_text()
    assert after != before
    assert run.enrollments.holding_a_seat().get().trainee == people[1]

    handler = seat(language)
    handler.sign_in(make_trainer(run))
    handler.open(f"/runs/{run.code}/seats/")
    assert handler.page.locator("table").last.locator("tbody tr").count() == 4


def test_the_trainer_sees_the_reasons_then_closes_the_class(seat):
    run = make_run(make_course(minimum_score=5))
    places = [make_enrollment(run) for _ in range(2)]
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    trainer = seat("vi")
    trainer.sign_in(make_trainer(run))
    trainer.open(f"/runs/{run.code}/closing/")
    trainer.page.fill(f"#id_score-{places[0].pk}", "8")
    trainer.send("form[action$='/scores/'] > p button")
    assert trainer.page.locator("td .badge-good").count() == 1
    assert trainer.page.locator("td .badge-bad").count() == 1
    trainer.send("form[action$='/close/'] button[type=submit]")
    assert Completion.objects.get().enrollment == places[0]
    assert trainer.page.locator("main table").first.locator("tbody tr").count() == 1
