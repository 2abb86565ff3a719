"""A message by the usual way, seen in the bell; read; its kind switched off."""

import datetime as dt

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from accounts.choices import Role
from audit.services import PROGRAMME_OFFICE
from common import clock
from common.mail_marks import mark
from enrollment.services.announcements import announce, remind
from enrollment.services.enrollments import Nominee, nominate
from notices.models import MutedKind, Notice
from notices.services.delivery import deliver_pending
from notices.services.mail_choices import link_to_stop
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import make_agency, make_course, make_run, make_trainee, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "dark", "size"), [("vi", False, DESKTOP), ("en", True, PHONE)]
)
def test_a_message_is_read_in_the_bell_and_its_kind_is_switched_off(
    seat, settings, language, dark, size
):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user = make_user(Role.TRAINEE, language=language)
    screen = seat(language, dark=dark, size=size)
    settings.SITE_URL = screen.address
    agency = make_agency()
    person = make_trainee(agency, user=user)
    soon = clock.today() + dt.timedelta(days=2)
    run = make_run(make_course("AI-1"), capacity=3, starts_on=soon, ends_on=soon)
    nominate(by=PROGRAMME_OFFICE, run=run, sending_agency=agency, nominees=[Nominee(person.pk)])
    announce()
    assert deliver_pending() == 1

    screen.sign_in(user)
    bell = screen.page.get_by_role(
        "link", name="Thông báo" if language == "vi" else "Notifications"
    )
    assert bell.locator(".top-count").inner_text().startswith("1")
    bell.click()
    screen.check()
    screen.page.locator("summary").first.click()
    assert run.code in screen.page.locator("details div").first.inner_text()
    screen.check()
    screen.page.locator("button.notice-title").click()
    screen.page.wait_for_url("**/my/")
    assert screen.page.locator(".top-count").count() == 0

    screen.open("/notifications/settings/")
    screen.page.locator("input[value=class_reminder]").uncheck()
    screen.page.locator("main form button[type=submit]").click()
    screen.check()
    assert not screen.page.locator("input[value=class_reminder]").is_checked()
    remind()
    assert deliver_pending() == 0
    assert len(mail.outbox) == 1
    screen.open("/notifications/")
    assert screen.page.locator(".notices .unread").count() == 1
    screen.page.locator(".page-head form button").click()
    screen.check()
    assert screen.page.locator(".notices .unread").count() == 0


def test_reminders_are_stopped_by_the_button_of_the_page_without_signing_in(seat, settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    screen = seat("vi", size=PHONE)
    settings.SITE_URL = screen.address
    mark(EmailMessage("Nhắc", "Nội dung", to=["an@x.vn"]), kind="class_reminder").send()
    screen.page.goto(link_to_stop(Notice.objects.get()))
    screen.check()
    assert not MutedKind.objects.exists()
    screen.page.locator("main form button").click()
    screen.check()
    assert MutedKind.objects.get().address == "an@x.vn"
