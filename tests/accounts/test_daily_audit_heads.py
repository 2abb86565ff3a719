"""Once a day auditors are sent the signed head of the audit log."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.db import connection, transaction

from accounts.choices import Role
from accounts.services.auditors import send_daily_head
from audit.models import AuditEntry, AuditHead
from audit.services import SYSTEM, audited
from audit.services.seals import seal_pending
from audit.services.stored_heads import heads_in
from audit.services.verification import verify
from common import append_only, clock
from notices.models import Notice
from tests.audit.heads import last_head
from tests.factories import make_user

pytestmark = pytest.mark.both_engines


@audited("box.fill")
def fill(*, by=SYSTEM) -> None:
    """An action without details."""


@pytest.fixture
def readers():
    make_user(Role.AUDITOR, email="dat@example.gov.vn", language="vi")
    make_user(Role.AUDITOR, email="dat.en@example.gov.vn", language="en")
    make_user(Role.PROGRAMME_OFFICE, email="office@example.gov.vn")
    fill(by=SYSTEM)
    seal_pending()


def sent() -> dict[str, str]:
    return {message.to[0]: str(message.subject) for message in mail.outbox}


@pytest.mark.django_db
def test_every_auditor_gets_a_mail_in_their_language_and_nobody_else(readers):
    assert send_daily_head() == 2
    assert set(sent()) == {"dat@example.gov.vn", "dat.en@example.gov.vn"}
    assert sent()["dat.en@example.gov.vn"].startswith("Audit log on")
    assert sent()["dat@example.gov.vn"].startswith("Nhật ký hệ thống ngày")


@pytest.mark.django_db
def test_the_message_itself_is_compared_with_the_log_later(readers):
    send_daily_head()
    for message in mail.outbox:
        stored = heads_in(message.message().as_bytes(), where="mail.eml")
        assert [one.signed for one in stored] == [last_head()]
        assert [one.state for one in verify(stored=stored).compared] == ["present"]


@pytest.mark.django_db
def test_auditors_get_one_mail_a_day(readers):
    assert [send_daily_head(), send_daily_head()] == [2, 0]
    with clock.set_to(clock.start_of_day(clock.today() + dt.timedelta(days=1))):
        assert send_daily_head() == 2


@pytest.mark.django_db
def test_a_run_that_is_broken_off_sends_nothing_and_the_next_one_does(readers, monkeypatch):
    def killed(**_details: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("accounts.services.auditors.audit_details", killed)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            send_daily_head()
    assert not AuditEntry.objects.filter(action="audit_head_sent").exists()
    mail.outbox.clear()
    assert send_daily_head() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_mail(readers, settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    both = Barrier(2)

    def tell() -> int:
        both.wait()
        try:
            return send_daily_head()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        told = [future.result() for future in [workers.submit(tell) for _ in range(2)]]
    assert sorted(told) == [0, 2]
    assert Notice.objects.count() == 2


@pytest.mark.django_db
def test_where_no_auditor_has_a_mailbox_the_day_stays_open(readers):
    from accounts.models import User

    auditors = User.objects.holding(Role.AUDITOR)
    auditors.update(is_active=False)
    assert send_daily_head() == 0
    User.objects.filter(email="dat@example.gov.vn").update(is_active=True)
    assert send_daily_head() == 1


@pytest.mark.django_db
def test_an_unsigned_end_is_the_first_line_of_the_mail(readers):
    append_only.remove(connection)
    AuditHead.objects.update(signature="A" * 86 + "==")
    send_daily_head()
    english = next(m for m in mail.outbox if m.to == ["dat.en@example.gov.vn"])
    assert re.match(r"Warning: The signature .* is not valid", str(english.body))
