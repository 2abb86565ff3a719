"""The office in front of its messages: pause and resume, days of reminders, a text tried out."""

import pytest

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from enrollment.message_kinds import REMINDER
from notices.models import Notice, NoticeState, UndeliverableAddress
from notices.services import reminders
from tests.browser.conftest import DESKTOP, PHONE, Seat, Visitor, click
from tests.browser.test_every_page import already_signed_in
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[("vi", False, DESKTOP), ("en", True, PHONE)], ids=["desktop", "phone"])
def office(request: pytest.FixtureRequest, seat: Seat, settings) -> Visitor:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    language, dark, size = request.param
    user = make_user(Role.PROGRAMME_OFFICE, email="office@example.gov.vn", language=language)
    create_second_factor(by=SYSTEM, user=user)
    screen = seat(language, dark=dark, size=size)
    already_signed_in(screen, user)
    return screen


def failed_and_sent() -> None:
    values = {"subject": "Lớp AI-201-2026-02 khai giảng ngày 15/06/2026", "body": "Kính gửi"}
    for number, state in enumerate(NoticeState.values):
        Notice.objects.create(
            recipient=f"nguyen.van.{number}@bonoivu.example.gov.vn", kind="class_reminder",
            state=state, may_be_double=state == "sent",
            last_error="5.1.1 550 no such user" if state == "failed" else "", **values,
        )  # fmt: skip
    UndeliverableAddress.objects.create(
        address="nguyen.van.2@bonoivu.example.gov.vn", reason="5.1.1 550 no such user"
    )


def test_the_office_stops_a_wrong_message_and_lets_it_go_on(office: Visitor):
    failed_and_sent()
    office.open("/messages/")
    office.page.locator("details.disclosure summary").first.click()
    office.page.fill("input[name=reason]", "Sai nội dung thư nhắc")
    office.picture()
    click(office, "form[action$='/messages/pause/'] button")
    office.check()
    assert "Sai nội dung thư nhắc" in office.page.locator(".alert-wait").inner_text()
    click(office, "form[action$='/messages/resume/'] button")
    office.check()
    assert office.page.locator(".alert-wait").count() == 0
    office.open("/messages/addresses/")
    click(office, "form[action$='/messages/addresses/again/'] button")
    assert not UndeliverableAddress.objects.in_force().exists()


def test_the_office_sets_days_and_tries_a_text_out(office: Visitor):
    office.open("/messages/reminders/")
    office.page.fill("#id_class_reminder_days", "7")
    click(office, "form[action$='/messages/reminders/class_reminder/'] button")
    office.check()
    office.picture()
    assert reminders.days_of(REMINDER) == 7
    office.open("/messages/texts/class_reminder/vi/")
    office.page.fill("#id_subject", "Nhắc: lớp {class_code}")
    click(office, "button[name=preview]")
    assert "Nhắc: lớp UDAI-01" in office.page.locator("section[lang=vi] h2").inner_text()
    click(office, "button[name=test]")
    assert Notice.objects.get().recipient == "office@example.gov.vn"
