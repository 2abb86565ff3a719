"""An account is claimed by its official: by a mailed link or by the code of a letter."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.choices import Role
from accounts.errors import AccountError
from accounts.models import Invitation, User
from accounts.services.invitations import (
    CODE_LIVES,
    LINK_LIVES,
    address_of,
    claim_account,
    invitation_by_link,
    invite,
    make_code,
    open_account,
    send_link,
)
from accounts.services.roles import close_account
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"


def invited(email: str = "an@example.gov.vn") -> User:
    return invite(by=PROGRAMME_OFFICE, email=email, full_name="Lê An", roles={Role.TRAINER: None})


def link_of(user: User) -> str:
    """The address in the last mail to a user."""
    body = next(str(m.body) for m in reversed(mail.outbox) if m.to == [user.email])
    found = re.search(r"https?://[^/]+(/invitation/\S+/)", body)
    assert found
    return found[1]


def chosen(password: str = PASSWORD, again: str = "") -> dict[str, str]:
    return {"password": password, "again": again or password}


def with_letter() -> tuple[User, str]:
    user = open_account(
        by=SYSTEM,
        email=address_of("HV-7K3M9QXB"),
        full_name="Trần Bình",
        roles={Role.TRAINEE: None},
    )
    return user, make_code(by=SYSTEM, user=user)


def test_nobody_signs_in_before_the_account_is_claimed(client):
    user = invited()
    assert not user.has_usable_password()


@pytest.mark.both_engines
def test_a_link_lets_its_official_choose_a_password_and_sign_in(client):
    user = invited()
    answer = client.post(link_of(user), chosen(), follow=True)
    assert client.session["_auth_user_id"] == str(user.pk), "signed in without typing it again"
    assert answer.status_code == 200
    client.post(reverse("account_logout"))
    signed_in = client.post(
        reverse("account_login"), {"login": "An@example.gov.vn", "password": PASSWORD}
    )
    assert signed_in.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_claimed_link_ends_the_session_of_whoever_sat_there_before(client):
    client.force_login(make_user("trainee"))
    user = invited()
    client.post(link_of(user), chosen())
    assert client.session["_auth_user_id"] == str(user.pk)


def test_looking_at_a_link_does_not_use_it_up(client):
    link = link_of(invited())
    assert [client.get(link).status_code for _look in range(3)] == [200, 200, 200]
    assert client.post(link, chosen()).status_code == 302


def test_a_link_works_once(client):
    link = link_of(invited())
    client.post(link, chosen())
    replayed = client.post(link, chosen("another long password"))
    assert replayed.status_code == 404
    assert User.objects.get(email="an@example.gov.vn").check_password(PASSWORD)


def test_of_two_who_claim_at_once_one_wins():
    user = invited()
    token = link_of(user).split("/")[2]
    first, second = invitation_by_link(token), invitation_by_link(token)
    assert first
    assert second
    claim_account(by=user.as_actor(), invitation=first, password=PASSWORD)
    with pytest.raises(AccountError) as refused:
        claim_account(by=user.as_actor(), invitation=second, password="x" * 12)
    assert refused.value.code == "invitation_over"


def test_a_link_ends_with_its_time(client):
    link = link_of(invited())
    with clock.set_to(clock.now() + LINK_LIVES + dt.timedelta(minutes=1)):
        assert client.get(link).status_code == 404
        assert client.post(link, chosen()).status_code == 404


def test_a_new_link_ends_the_old_one(client):
    user = invited()
    old = link_of(user)
    send_link(by=PROGRAMME_OFFICE, user=user)
    assert client.get(old).status_code == 404
    assert client.get(link_of(user)).status_code == 200


def test_the_link_of_a_closed_account_opens_nothing(client):
    user = invited()
    close_account(by=PROGRAMME_OFFICE, user=user)
    assert client.post(link_of(user), chosen()).status_code == 404


@pytest.mark.parametrize(
    "wanted", [chosen("12345678"), chosen(PASSWORD, "something else"), {"password": PASSWORD}]
)
def test_a_weak_or_mistyped_password_leaves_the_link_open(client, wanted):
    link = link_of(invited())
    assert client.post(link, wanted).status_code == 400
    assert Invitation.objects.open().exists()


def test_neither_link_nor_code_rests_in_the_database():
    user = invited()
    token = link_of(user).split("/")[2]
    _other, code = with_letter()
    rows = str(list(Invitation.objects.values())) + str(list(AuditEntry.objects.values()))
    assert token not in rows
    assert code not in rows
    assert code.replace("-", "") not in rows


def test_an_address_is_invited_once():
    invited()
    with pytest.raises(AccountError) as refused:
        invited("AN@example.gov.vn")
    assert refused.value.code == "already_has_account"


def test_an_invitation_is_one_audit_entry():
    invited()
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["account_invited"]


def test_a_mail_is_written_in_the_language_of_its_reader():
    invite(by=SYSTEM, email="a@x.vn", full_name="Ann", roles={Role.TRAINER: None}, language="en")
    assert str(mail.outbox[0].body).startswith("Dear Ann")


def test_the_code_of_a_letter_opens_the_account_of_its_trainee_code(client):
    user, code = with_letter()
    posted = {"handle": "hv-7k3m9qxb ", "code": code.lower(), **chosen()}
    assert client.post(reverse("claim_by_code"), posted).status_code == 302
    signed_in = client.post(
        reverse("account_login"), {"login": "HV-7K3M9QXB", "password": PASSWORD}
    )
    assert signed_in.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.post(reverse("claim_by_code"), posted).status_code == 400, "a code works once"


def test_a_code_belongs_to_one_trainee_code(client):
    _user, code = with_letter()
    posted = {"handle": "HV-22222222", "code": code, **chosen()}
    assert client.post(reverse("claim_by_code"), posted).status_code == 400
    assert Invitation.objects.open().exists()


def test_a_code_ends_with_its_time(client):
    _user, code = with_letter()
    posted = {"handle": "HV-7K3M9QXB", "code": code, **chosen()}
    with clock.set_to(clock.now() + CODE_LIVES + dt.timedelta(minutes=1)):
        assert client.post(reverse("claim_by_code"), posted).status_code == 400


def test_guessing_a_code_is_stopped_for_whoever_guesses(client):
    _user, code = with_letter()

    def answer(handle_code: str, visitor: str) -> int:
        posted = {"handle": "HV-7K3M9QXB", "code": handle_code, **chosen()}
        answer = client.post(reverse("claim_by_code"), posted, REMOTE_ADDR=visitor)
        return int(answer.status_code)

    tries = [answer("2222-2222-2222", "203.0.113.1") for _try in range(7)]
    assert tries == [400] * 6 + [429]
    assert answer(code, "203.0.113.1") == 429


def test_no_mail_goes_to_somebody_without_a_mailbox(client):
    user, _code = with_letter()
    client.post(reverse("account_reset_password"), {"email": user.email})
    assert mail.outbox == []
    with pytest.raises(AccountError) as refused:
        send_link(by=SYSTEM, user=user)
    assert refused.value.code == "no_mailbox"


def test_registration_is_closed_unless_switched_on(client, settings):
    closed = client.post(
        reverse("account_signup"),
        {"email": "me@example.com", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert closed.status_code == 404
    assert not User.objects.exists()
    settings.OPEN_REGISTRATION = True
    client.post(
        reverse("account_signup"),
        {
            "email": "me@example.com",
            "password1": PASSWORD,
            "password2": PASSWORD,
            "role": "programme_office",
            "is_superuser": "on",
        },
    )
    user = User.objects.get()
    assert user.roles == {Role.TRAINEE}
    assert not user.is_superuser


def test_registering_does_not_reveal_which_addresses_have_an_account(client, settings):
    settings.OPEN_REGISTRATION, settings.ACCOUNT_EMAIL_VERIFICATION = True, "mandatory"
    settings.SITE_URL = "https://lms.example"
    make_user(email="known@x.vn")
    answers = []
    for email in ("known@x.vn", "new@x.vn"):
        chosen = {"email": email, "password1": PASSWORD, "password2": PASSWORD}
        answer = client.post(reverse("account_signup"), chosen)
        answers.append((answer.status_code, answer["Location"]))
    assert answers == [(302, reverse("account_email_verification_sent"))] * 2
    told = {message.to[0]: str(message.body).splitlines() for message in mail.outbox}
    assert f"https://lms.example{reverse('account_reset_password')}" in told["known@x.vn"]
