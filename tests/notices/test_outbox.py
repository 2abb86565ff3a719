"""The outbox: every mail becomes a row, is sent once, or says why it was not."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import translation

from common import clock
from notices import services
from notices.models import Notice, NoticeState
from notices.services import deliver_pending

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 10, 3, 0, tzinfo=dt.UTC)


class DeafServer(BaseEmailBackend):
    """A mail server that answers nobody."""

    def send_messages(self, email_messages):
        raise smtplib.SMTPServerDisconnected("the server hung up")


@pytest.fixture(autouse=True)
def _mail_server(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with clock.set_to(NOW):
        yield


@pytest.fixture
def deaf_server(settings):
    settings.DELIVERY_EMAIL_BACKEND = f"{__name__}.DeafServer"


def post(*recipients: str) -> None:
    send_mail("Lớp sắp khai giảng", "Kính gửi…", None, recipients or ["an@example.gov.vn"])


def later(**pause: float):
    return clock.set_to(NOW + dt.timedelta(**pause))


@pytest.mark.both_engines
def test_a_mail_becomes_a_notice_and_leaves_later():
    post()
    assert mail.outbox == []
    notice = Notice.objects.get()
    assert (notice.state, notice.subject) == (NoticeState.PENDING, "Lớp sắp khai giảng")
    assert deliver_pending() == 1
    assert [message.to for message in mail.outbox] == [["an@example.gov.vn"]]


def test_each_recipient_has_a_notice_and_sees_no_other():
    post("an@example.gov.vn", "binh@example.gov.vn")
    deliver_pending()
    assert [message.to for message in mail.outbox] == [
        ["an@example.gov.vn"],
        ["binh@example.gov.vn"],
    ]


def test_a_notice_remembers_the_language_it_was_written_in():
    with translation.override("en"):
        post()
    assert Notice.objects.get().language == "en"


def test_the_html_of_a_mail_is_stored_and_sent():
    message = EmailMultiAlternatives("s", "text", None, ["an@example.gov.vn"])
    message.attach_alternative("<p>html</p>", "text/html")
    message.send()
    deliver_pending()
    sent = mail.outbox[0]
    assert isinstance(sent, EmailMultiAlternatives)
    assert sent.alternatives[0][0] == "<p>html</p>"


def test_a_sent_notice_says_when():
    post()
    deliver_pending()
    notice = Notice.objects.get()
    assert (notice.state, notice.sent_at, notice.attempts) == (NoticeState.SENT, NOW, 1)


def test_a_notice_is_never_sent_twice():
    post()
    deliver_pending()
    with later(days=1):
        assert deliver_pending() == 0
    assert len(mail.outbox) == 1


@pytest.mark.both_engines
def test_two_workers_that_read_the_same_notice_send_it_once():
    post()
    as_both_read_it = Notice.objects.get()
    assert services._deliver(as_both_read_it)
    assert not services._deliver(as_both_read_it)
    assert len(mail.outbox) == 1


def test_a_worker_that_died_while_sending_is_followed_after_a_while():
    post()
    read = Notice.objects.get()
    Notice.objects.filter(pk=read.pk).update(not_before=NOW + services.CLAIM, attempts=1)
    assert deliver_pending() == 0
    with later(minutes=11):
        assert deliver_pending() == 1


@pytest.mark.usefixtures("deaf_server")
def test_a_notice_that_could_not_be_sent_waits_longer_each_time_and_says_why():
    post()
    assert deliver_pending() == 0
    notice = Notice.objects.get()
    assert (notice.state, notice.attempts) == (NoticeState.PENDING, 1)
    assert notice.not_before == NOW + dt.timedelta(minutes=2)
    assert "hung up" in notice.last_error
    with later(minutes=3):
        deliver_pending()
        notice.refresh_from_db()
        assert notice.not_before == clock.now() + dt.timedelta(minutes=4)


@pytest.mark.usefixtures("deaf_server")
def test_a_notice_is_given_up_after_six_attempts():
    post()
    for day in range(8):
        with later(days=day):
            deliver_pending()
    notice = Notice.objects.get()
    assert (notice.state, notice.attempts) == (NoticeState.FAILED, 6)


@pytest.mark.usefixtures("deaf_server")
def test_a_notice_that_failed_once_is_sent_when_the_server_is_back(settings):
    post()
    deliver_pending()
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with later(minutes=3):
        assert deliver_pending() == 1
    notice = Notice.objects.get()
    assert (notice.state, notice.last_error) == (NoticeState.SENT, "")


def test_a_round_sends_no_more_than_its_limit():
    post(*(f"person{number}@example.gov.vn" for number in range(5)))
    assert deliver_pending(limit=3) == 3
    assert Notice.objects.filter(state=NoticeState.PENDING).count() == 2
