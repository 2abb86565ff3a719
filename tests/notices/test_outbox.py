"""The outbox: every mail becomes a row, is sent once, or says why it was not."""

import datetime as dt
import re
import smtplib
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.mail import Recipient
from audit.services import SYSTEM
from common import clock
from enrollment.message_kinds import REMINDER
from notices.errors import NoticeInputError
from notices.models import Notice, NoticeState
from notices.services import delivery, outbox
from notices.services.delivery import deliver_pending
from notices.services.messages import send_each

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
def test_two_workers_that_read_the_same_notice_send_it_once(settings):
    post()
    connection = mail.get_connection(settings.DELIVERY_EMAIL_BACKEND)
    as_both_read_it = Notice.objects.get()
    assert delivery._deliver(as_both_read_it, connection)
    assert not delivery._deliver(as_both_read_it, connection)
    assert len(mail.outbox) == 1


def left_by_a_dead_worker(kind: str) -> Notice:
    """As a worker left it that was killed while it sent it."""
    return Notice.objects.create(
        recipient="an@example.gov.vn", subject="s", body="b", kind=kind, attempts=1,
        claimed_at=NOW, not_before=NOW + delivery.CLAIM,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["", "enrollment_enrolled", "agency_summary"])
def test_what_a_worker_may_have_sent_before_it_died_is_sent_again_and_marked(kind):
    notice = left_by_a_dead_worker(kind)
    assert deliver_pending() == 0
    with later(minutes=11):
        assert deliver_pending() == 1
    notice.refresh_from_db()
    assert (notice.state, notice.may_be_double) == (NoticeState.SENT, True)


def test_a_reminder_that_a_worker_may_have_sent_before_it_died_is_not_sent_again():
    notice = left_by_a_dead_worker("class_reminder")
    with later(minutes=11):
        assert deliver_pending() == 0
    notice.refresh_from_db()
    assert (notice.state, mail.outbox) == (NoticeState.UNCERTAIN, [])


def test_a_message_that_its_server_refused_for_now_is_in_no_doubt(deaf_server, settings):
    Notice.objects.create(
        recipient="an@example.gov.vn", subject="s", body="b", kind="class_reminder"
    )
    deliver_pending()
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with later(minutes=3):
        assert deliver_pending() == 1
    assert not Notice.objects.get().may_be_double


def test_decisions_leave_before_the_reminders_that_wait():
    for kind in ("class_reminder", "enrollment_enrolled"):
        Notice.objects.create(recipient=f"{kind}@example.gov.vn", subject="s", body="b", kind=kind)
    deliver_pending(limit=1)
    assert [message.to for message in mail.outbox] == [["enrollment_enrolled@example.gov.vn"]]


@pytest.mark.both_engines
def test_nothing_is_sent_while_the_outbox_is_paused():
    post()
    outbox.pause(by=SYSTEM, reason="wrong text")
    assert deliver_pending() == 0
    assert Notice.objects.get().attempts == 0
    assert outbox.resume(by=SYSTEM) == 1
    assert deliver_pending() == 1


def test_the_outbox_is_paused_once_and_with_a_reason():
    with pytest.raises(NoticeInputError, check=lambda error: error.code == "reason_missing"):
        outbox.pause(by=SYSTEM, reason=" ")
    outbox.pause(by=SYSTEM, reason="wrong text")
    with pytest.raises(NoticeInputError):
        outbox.pause(by=SYSTEM, reason="again")
    outbox.resume(by=SYSTEM)
    with pytest.raises(NoticeInputError):
        outbox.resume(by=SYSTEM)


@pytest.mark.parametrize("recipient", ["an@", "an@example.gov.vn\nBcc: x@y.vn", "ố@x y"])
def test_a_broken_address_fails_alone(recipient, settings):
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    notice = Notice.objects.create(recipient=recipient, subject="s", body="b")
    with patch("smtplib.SMTP", autospec=True):
        post()
        assert deliver_pending() == 1
    notice.refresh_from_db()
    assert notice.state == NoticeState.FAILED
    assert notice.last_error


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
def test_a_notice_is_tried_for_two_days_and_then_given_up():
    post()
    for hour in range(0, 48, 2):
        with later(hours=hour):
            deliver_pending()
    notice = Notice.objects.get()
    assert (notice.state, notice.attempts > 12) == (NoticeState.PENDING, True)
    with later(days=2, hours=5):
        deliver_pending()
    assert Notice.objects.get().state == NoticeState.FAILED


@pytest.mark.usefixtures("deaf_server")
def test_a_notice_that_waited_long_for_a_worker_is_tried_more_than_once():
    with later(days=-5):
        post()
    deliver_pending()
    assert Notice.objects.get().state == NoticeState.PENDING


@pytest.mark.usefixtures("deaf_server")
def test_a_server_that_does_not_answer_ends_the_round():
    post(*(f"person{number}@example.gov.vn" for number in range(5)))
    deliver_pending()
    assert Notice.objects.filter(attempts=1).count() == 1


class Picky(BaseEmailBackend):
    """A mail server that does not know one of its recipients."""

    code = 550

    def send_messages(self, email_messages):
        for message in email_messages:
            if message.to == ["unknown@example.gov.vn"]:
                raise smtplib.SMTPRecipientsRefused({message.to[0]: (self.code, b"no such user")})
            mail.outbox.append(message)
        return len(email_messages)


class Busy(Picky):
    code = 450


def test_a_recipient_whom_the_server_refuses_for_good_fails_alone_and_at_once(settings):
    settings.DELIVERY_EMAIL_BACKEND = f"{__name__}.Picky"
    post("unknown@example.gov.vn", "an@example.gov.vn")
    assert deliver_pending() == 1
    failed = Notice.objects.get(recipient="unknown@example.gov.vn")
    assert (failed.state, "no such user" in failed.last_error) == (NoticeState.FAILED, True)


def test_a_recipient_who_is_refused_for_now_is_tried_again(settings):
    settings.DELIVERY_EMAIL_BACKEND = f"{__name__}.Busy"
    post("unknown@example.gov.vn", "an@example.gov.vn")
    assert deliver_pending() == 1
    assert Notice.objects.get(recipient="unknown@example.gov.vn").state == NoticeState.PENDING


def test_each_try_of_a_notice_has_the_same_message_id(settings):
    settings.SITE_URL = "https://699.example.gov.vn"
    post()
    deliver_pending()
    notice = Notice.objects.get()
    Notice.objects.update(state=NoticeState.PENDING, not_before=NOW)
    deliver_pending()
    first, second = (sent.message()["Message-ID"] for sent in mail.outbox)
    assert first == second
    assert re.fullmatch(rf"<notice-{notice.pk}-\w{{20}}@699\.example\.gov\.vn>", first)


def test_a_message_says_that_no_person_wrote_it():
    post()
    deliver_pending()
    assert mail.outbox[0].message()["Auto-Submitted"] == "auto-generated"


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


@pytest.mark.both_engines
def test_ten_thousand_reminders_are_written_in_one_statement_per_thousand():
    readers = [Recipient(f"person{number}@example.gov.vn", "vi") for number in range(10_000)]
    values = {"full_name": "Nguyễn Thị Ánh", "class_code": "UDAI-01"}
    with CaptureQueriesContext(connection) as captured:
        assert send_each(REMINDER, readers, lambda: values) == 10_000
    written = [one for one in captured.captured_queries if "INSERT" in one["sql"]]
    assert len(written) == 10
    assert Notice.objects.filter(kind="class_reminder", state=NoticeState.PENDING).count() == 10_000
    assert len(captured) <= 60
