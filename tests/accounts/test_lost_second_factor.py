"""Whoever has lost a second factor gets in again: by another of the office, for a reason."""

import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from accounts.services.invitations import address_of
from audit.models import AuditEntry
from audit.services import SYSTEM
from tests.factories import make_user

pytestmark = pytest.mark.django_db
REASON = "Mất điện thoại, đã gặp mặt đối chiếu"


@pytest.fixture
def office(client) -> User:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return user


def reset(client: Client, user: User, reason: str = REASON) -> int:
    address = reverse("reset_second_factor", args=[user.pk])
    return int(client.post(address, {"reason": reason}).status_code)


def test_a_colleague_resets_it_and_the_owner_sets_up_a_new_one(client, office):
    theirs = Client()
    loser = make_user(Role.AUDITOR)
    theirs.post(reverse("account_login"), {"login": loser.email, "password": "pw"})
    create_second_factor(by=SYSTEM, user=loser)
    assert theirs.get(reverse("accounts")).status_code == 200
    assert reset(client, loser) == 302
    assert theirs.get(reverse("accounts"))["Location"].startswith(reverse("account_login"))
    theirs.post(reverse("account_login"), {"login": loser.email, "password": "pw"})
    assert theirs.get(reverse("accounts"))["Location"] == reverse("mfa_activate_totp")


def test_the_owner_is_notified_and_the_reason_is_audited(client, office):
    loser = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=loser)
    reset(client, loser)
    assert [message.to for message in mail.outbox] == [[loser.email]]
    entry = AuditEntry.objects.get(action="second_factor_reset")
    assert entry.details == {"user": loser.pk, "reason": REASON}


def test_nobody_resets_their_own(client, office):
    reset(client, office)
    assert is_mfa_enabled(office)


@pytest.mark.parametrize("reason", ["", "x", "CCCD 001080000123"])
def test_a_reset_takes_a_reason_that_names_no_number(client, office, reason):
    loser = make_user()
    create_second_factor(by=SYSTEM, user=loser)
    assert reset(client, loser, reason) == 400
    assert is_mfa_enabled(loser)


def test_no_mail_goes_to_a_made_up_mailbox(client, office):
    loser = make_user(email=address_of("HV-7K3M9QXB"))
    create_second_factor(by=SYSTEM, user=loser)
    assert reset(client, loser) == 302
    assert mail.outbox == []


def test_the_last_of_the_office_is_let_in_from_the_shell(office):
    call_command("reset_second_factor", office.email, REASON)
    assert not is_mfa_enabled(office)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", office.email, REASON)
