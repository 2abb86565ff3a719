"""Mail that comes back: by the mailbox, by a call of the provider, or said at once."""

import json
import re
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from audit.services import SYSTEM
from common.secret_paths import without_secrets
from notices.models import Notice, NoticeState, UndeliverableAddress
from notices.services import bounces, outbox
from notices.services.delivery import deliver_pending
from notices.services.mailbox import MailboxError, read_bounces
from tests.notices.imap_server import mailbox

pytestmark = pytest.mark.django_db

SECRET = "s3cret-of-the-provider-that-reports-bounces"
REPORT = """\
From: MAILER-DAEMON@mx.example.gov.vn
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Action: failed
Status: 5.1.1
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.gov.vn

Final-Recipient: rfc822; somebody.else@example.gov.vn
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--b
Content-Type: message/rfc822

Message-ID: {message_id}
Subject: x

text
--b--
"""


@pytest.fixture(autouse=True)
def _settings(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.BOUNCE_ADDRESS = "bounces@699.example.gov.vn"
    settings.BOUNCE_SECRET = SECRET


@pytest.fixture
def sent() -> Notice:
    notice = Notice.objects.create(recipient="An@example.gov.vn", subject="s", body="b")
    deliver_pending()
    notice.refresh_from_db()
    return notice


def report(notice: Notice | None, *, action: str = "failed", status: str = "5.1.1", **named: str):
    values = {"to": "bounces@699.example.gov.vn", "message_id": "<x@elsewhere>"}
    if notice:
        values["message_id"] = bounces.message_id(notice)
    text = REPORT.format(action=action, status=status, **values | named)
    return text.replace("\n", "\r\n").encode()


def marked() -> list[str]:
    return list(UndeliverableAddress.objects.in_force().values_list("address", flat=True))


def read(settings, *mails: bytes) -> int:
    with mailbox(*mails) as server:
        settings.BOUNCE_MAILBOX_URL = server.url
        return read_bounces()


def test_mail_returns_to_an_address_of_its_own_and_comes_from_the_programme(sent, settings):
    message = mail.outbox[0]
    assert re.fullmatch(rf"bounces\+notice-{sent.pk}-\w{{20}}@699\.\S+", message.from_email)
    assert message.message()["From"] == settings.DEFAULT_FROM_EMAIL


def test_a_report_of_a_failure_marks_the_address_and_the_message(sent, settings):
    assert read(settings, report(sent)) == 1
    sent.refresh_from_db()
    assert (sent.state, sent.last_error) == (NoticeState.FAILED, "5.1.1 550 5.1.1 no such user")
    assert marked() == ["an@example.gov.vn"]


def test_a_report_is_recognised_by_the_address_that_it_came_to(sent, settings):
    assert read(settings, report(None, to=bounces.return_path(sent))) == 1
    assert marked() == ["an@example.gov.vn"]


def test_a_report_that_somebody_made_up_marks_nobody(sent, settings):
    real = bounces.token(sent)
    guessed = f"notice-{sent.pk}-{'0' * 20}"
    forged = [
        report(None, message_id=f"<{guessed}@699.example.gov.vn>"),
        report(None, to=f"bounces+{guessed}@699.example.gov.vn"),
        report(None, message_id=f"<notice-{sent.pk + 1}-{real[-20:]}@699.example.gov.vn>"),
        report(None, message_id="<notice-999999999999999999-00000000000000000000@x>"),
    ]
    assert read(settings, *forged) == 0
    assert marked() == []


def test_the_address_in_a_report_is_not_believed(sent, settings):
    read(settings, report(sent))
    assert "somebody.else@example.gov.vn" not in marked()


@pytest.mark.parametrize(
    ("action", "status"), [("delayed", "4.4.1"), ("delivered", "2.0.0"), ("failed", "4.2.2")]
)
def test_a_report_that_says_that_it_still_tries_changes_nothing(sent, settings, action, status):
    assert read(settings, report(sent, action=action, status=status)) == 0
    sent.refresh_from_db()
    assert (sent.state, marked()) == (NoticeState.SENT, [])


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "5.3.4"])
def test_a_full_mailbox_or_a_policy_fails_the_message_and_not_the_address(sent, settings, status):
    read(settings, report(sent, status=status))
    sent.refresh_from_db()
    assert (sent.state, marked()) == (NoticeState.FAILED, [])


NESTED = b"Content-Type: message/rfc822\r\n\r\n" * 2_000  # deeper than Python recurses


@pytest.mark.parametrize(
    "mail_",
    [b"", b"\xff\xfe\x00", b"Content-Type: message/delivery-status\r\n\r\n\r\n", b"x" * 9, NESTED],
)
def test_mail_that_is_no_report_is_passed_over_and_the_next_is_read(sent, settings, mail_):
    assert read(settings, mail_, report(sent)) == 1


@pytest.mark.both_engines
def test_a_server_whose_answer_no_database_stores_does_not_stop_the_rest(sent, settings):
    answer = report(sent).replace(b"no such user", b"no such\0 \x1buser")
    assert read(settings, answer, b"Subject: a question\r\n\r\nx") == 1
    assert UndeliverableAddress.objects.get().reason == "5.1.1 550 5.1.1 no such user"


def test_each_mail_is_read_once(sent, settings):
    with mailbox(report(sent), b"Subject: a question\r\n\r\nx") as server:
        settings.BOUNCE_MAILBOX_URL = server.url
        assert (read_bounces(), read_bounces()) == (1, 0)
        assert server.seen == {1, 2}


def test_a_wrong_password_fails_the_task_with_what_the_server_said(settings):
    with mailbox() as server:
        settings.BOUNCE_MAILBOX_URL = server.url.replace("p%40ss", "wrong")
        with pytest.raises(MailboxError, match="wrong password"):
            read_bounces()


def test_nothing_is_sent_to_a_marked_address_until_somebody_tries_again(sent, settings):
    read(settings, report(sent))
    next_one = Notice.objects.create(recipient="an@EXAMPLE.gov.vn", subject="s", body="b")
    assert deliver_pending() == 0
    next_one.refresh_from_db()
    assert next_one.state == NoticeState.FAILED
    assert "no such user" in next_one.last_error
    outbox.try_address_again(by=SYSTEM, marked=UndeliverableAddress.objects.get())
    outbox.send_again(by=SYSTEM, notices=[next_one.pk])
    assert deliver_pending() == 1


class Unknown(BaseEmailBackend):
    """A server that says at once that it knows nobody of this name."""

    def send_messages(self, email_messages):
        recipient = email_messages[0].to[0]
        raise smtplib.SMTPRecipientsRefused({recipient: (550, b"5.1.1 user unknown")})


def test_an_address_that_the_server_does_not_know_is_marked_at_once(settings):
    settings.DELIVERY_EMAIL_BACKEND = f"{__name__}.Unknown"
    Notice.objects.create(recipient="an@example.gov.vn", subject="s", body="b")
    deliver_pending()
    assert marked() == ["an@example.gov.vn"]


def call(client, body: object, secret: str = SECRET) -> int:
    content = body if isinstance(body, str) else json.dumps(body)
    address = f"/messages/bounces/{secret}/"
    return int(client.post(address, content, content_type="application/json").status_code)


def test_a_script_of_the_mail_server_reports_with_the_secret(sent, client):
    found = {"message_id": bounces.message_id(sent), "status": "5.1.1", "reason": "no such user"}
    assert call(client, found) == 204
    assert marked() == ["an@example.gov.vn"]


@pytest.mark.parametrize("secret", ["wrong", SECRET[:-1], "é" * 30])
def test_who_does_not_know_the_secret_reports_nothing(sent, client, secret):
    found = {"message_id": bounces.message_id(sent), "status": "5.1.1"}
    assert call(client, found, secret) == 404
    assert marked() == []


def test_without_a_secret_there_is_no_address_to_report_to(sent, client, settings):
    settings.BOUNCE_SECRET = ""
    assert call(client, {"recipient": sent.recipient, "status": "5.1.1"}) == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[" * 100_000, 400),
        ("[]", 202),
        ({"recipient": "a@b.vn", "status": "5"}, 202),
        ({"recipient": "a\0@b.vn", "status": "5"}, 202),
    ],
)
def test_a_call_that_says_nothing_of_our_mail_changes_nothing(sent, client, body, status):
    assert call(client, body) == status
    assert marked() == []


def test_a_call_about_an_address_fails_no_message_that_was_not_sent_yet(sent, client):
    states = (NoticeState.PENDING, NoticeState.UNMAILED, NoticeState.DIGEST)
    later = [Notice.objects.create(recipient=sent.recipient, state=state) for state in states]
    assert call(client, {"recipient": sent.recipient, "status": "5.2.2"}) == 204
    assert [Notice.objects.get(pk=one.pk).state for one in later] == list(states)
    sent.refresh_from_db()
    assert sent.state == NoticeState.FAILED


def test_a_provider_of_anymail_reports_in_its_own_form(sent, client, settings):
    settings.DELIVERY_EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    event = {
        "RecordType": "Bounce", "Type": "HardBounce", "MessageID": "883953f4", "ID": 4,
        "Email": sent.recipient, "BouncedAt": "2026-11-05T16:33:54Z",
        "Description": "The server was unable to deliver your message",
    }  # fmt: skip
    assert call(client, event) == 200
    assert marked() == ["an@example.gov.vn"]


def test_the_secret_stands_in_no_log():
    assert SECRET not in without_secrets(f"Not Found: /messages/bounces/{SECRET}/")
