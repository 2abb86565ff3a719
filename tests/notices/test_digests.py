"""One mail each morning tells each thing once, whenever its worker is killed."""

import datetime as dt
import threading
from contextlib import suppress
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import User
from agencies.models import Coordinator
from common import clock
from common.mail_marks import mark
from notices.models import DigestReader, Notice, NoticeState
from notices.services import digests
from notices.services.digests import send_digests
from notices.services.mail_choices import change_mail_choices
from tests.factories import make_agency, make_coordinator, make_user

NIGHT = dt.datetime(2026, 3, 10, 18, 0, tzinfo=dt.UTC)  # 01:00 of the 11th in Hanoi
MORNING = dt.datetime(2026, 3, 11, 0, 0, tzinfo=dt.UTC)  # 07:00


@pytest.fixture(autouse=True)
def _outbox(settings):
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.SITE_URL = "https://699.example.gov.vn"


def reader() -> User:
    user = make_coordinator(make_agency())
    DigestReader.objects.create(account=user)
    return user


def send(user: User, subject: str, kind: str = "agency_summary", **marks: object) -> Notice:
    mark(EmailMessage(subject, f"Nội dung {subject}", to=[user.email]), kind=kind, **marks).send()
    return Notice.objects.latest("pk")


def digests_of(user: User) -> list[Notice]:
    return list(Notice.objects.filter(recipient=user.email, kind="daily_digest").order_by("pk"))


@pytest.mark.django_db
def test_what_came_in_the_night_is_one_mail_in_the_morning():
    user = reader()
    with clock.set_to(NIGHT):
        for subject in ("Lớp A", "Lớp B"):
            assert send(user, subject).state == NoticeState.DIGEST
        assert send_digests() == 0
    with clock.set_to(MORNING):
        assert send_digests() == 1
        assert send_digests() == 0
    (digest,) = digests_of(user)
    assert digest.state == NoticeState.PENDING
    assert "1. Lớp A\nNội dung Lớp A" in digest.body
    assert "2. Lớp B" in digest.body
    assert "https://699.example.gov.vn/notifications/" in digest.body
    assert digest.account is None  # its parts are notifications already


@pytest.mark.django_db
def test_a_day_without_news_sends_nothing():
    reader()
    with clock.set_to(MORNING):
        assert send_digests() == 0
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_what_came_after_the_hour_waits_for_the_next_morning():
    user = reader()
    with clock.set_to(MORNING + dt.timedelta(minutes=1)):
        send(user, "Lớp A")
    with clock.set_to(MORNING + dt.timedelta(hours=16)):
        assert send_digests() == 0
    with clock.set_to(MORNING + dt.timedelta(days=1)):
        assert send_digests() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "marks"),
    [("enrollment_rejected", {}), ("", {}), ("class_reminder", {"is_personal": True})],
)
def test_decisions_and_what_concerns_the_reader_in_person_do_not_wait(kind, marks):
    assert send(reader(), "Quyết định", kind, **marks).state == NoticeState.PENDING


@pytest.mark.django_db
def test_what_waits_still_comes_when_its_reader_no_longer_wants_digests():
    user = reader()
    with clock.set_to(NIGHT):
        send(user, "Lớp A")
        change_mail_choices(
            by=user.as_actor(), reader=user, mailed=["agency_summary"], daily_digest=False
        )
        assert send(user, "Lớp B").state == NoticeState.PENDING
    with clock.set_to(MORNING):
        assert send_digests() == 1


@pytest.mark.django_db
def test_a_coordinator_who_left_overnight_is_not_mailed_the_names():
    user = reader()
    with clock.set_to(NIGHT):
        send(user, "Lớp A")
        Coordinator.objects.filter(user=user).update(until=clock.today() - dt.timedelta(days=1))
    with clock.set_to(MORNING):
        send_digests()
    (digest,) = digests_of(user)
    assert "1. Thay đổi đối với người của cơ quan\n" in digest.body  # a subject names people too
    assert "Nội dung" not in digest.body


@pytest.mark.django_db
def test_an_account_that_was_closed_overnight_gets_no_mail():
    user = reader()
    with clock.set_to(NIGHT):
        send(user, "Lớp A")
    User.objects.filter(pk=user.pk).update(is_active=False)
    with clock.set_to(MORNING):
        assert send_digests() == 0
    assert [notice.state for notice in Notice.objects.all()] == [NoticeState.UNMAILED]


@pytest.mark.django_db
def test_trainees_and_auditors_are_offered_no_digest(client):
    for role in (Role.TRAINEE, Role.TRAINER):
        user = make_user(role)
        client.force_login(user)
        client.post("/notifications/settings/", {"daily_digest": "on"})
    assert not DigestReader.objects.exists()


class Killed(BaseException):
    """The worker stops here."""


STEPS = ("read", "written", "marked")


@pytest.mark.django_db
@given(
    rounds=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from([None, *STEPS])), min_size=1, max_size=6
    )
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_each_thing_is_told_once_wherever_a_round_is_killed(rounds):
    """Each round: so many messages come in, then the digest runs and is killed at a step."""
    user, subjects, now = reader(), list[str](), NIGHT
    for number, (count, step) in enumerate(rounds):
        with clock.set_to(now):
            for n in range(count):
                subjects.append(f"Tin {number}-{n}.")
                send(user, subjects[-1])
        now += dt.timedelta(days=1)
        with clock.set_to(now):
            run_killed_at(step)
    with clock.set_to(now + dt.timedelta(days=1)):
        send_digests()
    texts = "\n".join(digest.body for digest in digests_of(user))
    assert [texts.count(f". {subject}\n") for subject in subjects] == [1] * len(subjects)
    assert not Notice.objects.filter(account=user, state=NoticeState.DIGEST).exists()


def run_killed_at(step: str | None) -> None:
    module: Any = digests  # of a function decorated as atomic, the function
    with pytest.MonkeyPatch.context() as patch:
        if step == "read":
            patch.setattr(digests, "_write", killed)
        elif step == "written":
            write = digests._write
            patch.setattr(digests, "_write", lambda *given: (write(*given), killed()))
        elif step == "marked":
            send_to = module._send_to.__wrapped__

            def kill_before_commit(reader_id: int) -> int:
                send_to(reader_id)
                return killed()

            patch.setattr(digests, "_send_to", transaction.atomic(kill_before_commit))
        with suppress(Killed):
            send_digests()


def killed(*_given: object) -> int:
    raise Killed


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_tell_each_thing_once():
    user = reader()
    with clock.set_to(NIGHT):
        for n in range(5):
            send(user, f"Tin {n}.")

    def work() -> None:
        send_digests()
        connection.close()

    with clock.set_to(MORNING):
        workers = [threading.Thread(target=work) for _n in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    (digest,) = digests_of(user)
    assert all(f"Tin {n}." in digest.body for n in range(5))
