"""What one signs in with changes only for whoever proves again who they are."""

import datetime as dt
import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.choices import Role
from accounts.models import NO_MAILBOX, AddressChange, User
from accounts.services import create_second_factor, create_token, current_code
from accounts.services.addresses import ask_for_address, change_address
from accounts.services.privacy import erase
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from common.personal_data import Subject
from tests.architecture.test_access import routes
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "/accounts/address/"
NEW = "moi@example.gov.vn"

# Everything that is mounted and not written here: by its name, and nothing else.
LIBRARY_VIEWS = """
account_change_password account_confirm_email account_email_verification_sent account_inactive
account_login account_logout account_reauthenticate account_reset_password
account_reset_password_done account_reset_password_from_key account_reset_password_from_key_done
account_signup mfa_activate_totp mfa_add_webauthn mfa_authenticate mfa_deactivate_totp
mfa_download_recovery_codes mfa_edit_webauthn mfa_generate_recovery_codes mfa_index
mfa_list_webauthn mfa_reauthenticate mfa_reauthenticate_webauthn mfa_remove_webauthn
mfa_view_recovery_codes usersessions_list
"""
OUR_APPS = {*settings.APPS, "common"}
ASKS_AGAIN = {
    "account_change_password", "mfa_activate_totp", "mfa_add_webauthn", "mfa_deactivate_totp",
    "mfa_download_recovery_codes", "mfa_edit_webauthn", "mfa_generate_recovery_codes",
    "mfa_remove_webauthn", "mfa_view_recovery_codes", "own_address", "own_tokens",
}  # fmt: skip
COUNTS_GUESSES = {
    "account_change_password", "account_reauthenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}  # fmt: skip


def client_of(user: User, *, password: str = "") -> Client:
    client = Client()
    client.force_login(user)
    if password:
        client.post(reverse("account_reauthenticate"), {"password": password})
    return client


def link_to(address: str) -> str:
    """The link in the newest message to an address."""
    newest = [message for message in mail.outbox if message.to == [address]][-1]
    found = re.search(r"http\S+(/accounts/address/\S+)", str(newest.body))
    assert found
    return found[1]


def marked(mark: str) -> set[str]:
    return {name for name, route in routes() if hasattr(route.callback, mark)}


# Library views --------------------------------------------------------------------------


def test_views_of_libraries_are_mounted_one_by_one():
    mounted = {
        name for name, route in routes() if route.callback.__module__.split(".")[0] not in OUR_APPS
    }
    api = {"api:schema", "api:docs"}
    admin = {name for name in mounted if name.startswith("admin:")}
    assert mounted - api - admin == set(LIBRARY_VIEWS.split())


def test_whatever_changes_the_sign_in_asks_again_and_counts_guesses():
    assert marked("confirms_identity") == ASKS_AGAIN
    assert marked("limits_guesses") == COUNTS_GUESSES


@pytest.mark.parametrize(
    "path",
    ["email/", "password/set/", "login/code/confirm/", "signup/", "confirm-email/x/",
     "3rdparty/", "3rdparty/signup/", "social/connections/", "2fa/trust/"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_named_is_not_there(path, method):
    client = client_of(make_user(), password="pw")
    form = {"action_add": "", "action_primary": "", "email": NEW}
    assert getattr(client, method)(f"/sign-in/{path}", form).status_code == 404
    assert not EmailAddress.objects.filter(email=NEW).exists()


# The address ----------------------------------------------------------------------------


def test_a_new_address_counts_only_after_its_link_was_opened():
    user = make_user(Role.TRAINEE)
    old, client = user.email, client_of(user, password="pw")
    assert client.post(PAGE, {"email": " Moi@Example.gov.vn "}).status_code == 302
    user.refresh_from_db()
    assert user.email == old
    assert not EmailAddress.objects.filter(email=NEW).exists()
    assert NEW in client.get(link_to(NEW)).content.decode()
    user.refresh_from_db()
    assert user.email == old  # looking changes nothing
    assert client.post(link_to(NEW))["Location"] == reverse("account_login")
    user.refresh_from_db()
    assert user.email == NEW
    assert list(EmailAddress.objects.values_list("user", "email", "verified", "primary")) == [
        (user.pk, NEW, True, True)
    ]


def sign_in(login: str) -> str:
    answer = Client().post(reverse("account_login"), {"login": login, "password": "pw"})
    return answer.get("Location", "")


def test_after_the_change_the_new_address_signs_in_and_the_old_one_does_not():
    user = make_user(Role.TRAINEE)
    old, client = user.email, client_of(user, password="pw")
    client.post(PAGE, {"email": NEW})
    client.post(link_to(NEW))
    assert (sign_in(NEW), sign_in(old)) == ("/my/", "")


def test_sessions_and_tokens_end_with_the_address():
    user = make_user(Role.TRAINEE)
    token = create_token(by=SYSTEM, user=user)
    client = client_of(user, password="pw")
    elsewhere = Client()
    elsewhere.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    client.post(PAGE, {"email": NEW})
    client.post(link_to(NEW))
    asked = Client().get("/api/v1/runs/", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 401
    assert not AuthToken.objects.exists()
    assert [one.get("/my/").status_code for one in (client, elsewhere)] == [302, 302]


def test_the_old_address_is_notified_of_the_request_and_of_the_change():
    user = make_user(Role.TRAINEE)
    old, client = user.email, client_of(user, password="pw")
    client.post(PAGE, {"email": NEW})
    client.post(link_to(NEW))
    told = [str(message.body) for message in mail.outbox if message.to == [old]]
    assert len(told) == 2
    assert not any("/accounts/address/" in text or NEW in text for text in told)
    actions = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert "address_change_asked" in actions
    assert "address_changed" in actions


def test_whoever_signs_in_with_a_trainee_code_gets_an_address_the_same_way():
    user = make_user(Role.TRAINEE, email=f"hv-001{NO_MAILBOX}")
    client = client_of(user, password="pw")
    assert "HV-001" in client.get(PAGE).content.decode()
    client.post(PAGE, {"email": NEW})
    client.post(link_to(NEW))
    assert sign_in(NEW) == "/my/"
    assert {address for message in mail.outbox for address in message.to} == {NEW}


def test_a_link_works_once_for_a_day_and_for_its_account():
    user = make_user(Role.TRAINEE)
    client, other = client_of(user, password="pw"), client_of(make_user())
    client.post(PAGE, {"email": NEW})
    link = link_to(NEW)
    assert other.post(link).status_code == 404
    assert Client().post(link).status_code == 302  # to sign-in
    with clock.set_to(clock.now() + dt.timedelta(hours=25)):
        assert client_of(user).post(link).status_code == 404
    assert client.post(link).status_code == 302
    assert client_of(User.objects.get(pk=user.pk)).post(link).status_code == 404
    assert User.objects.get(pk=user.pk).email == NEW


def test_a_newer_link_ends_the_older_one():
    client = client_of(make_user(), password="pw")
    client.post(PAGE, {"email": "sai@example.gov.vn"})
    wrong = link_to("sai@example.gov.vn")
    client.post(PAGE, {"email": NEW})
    assert client.post(wrong).status_code == 404
    assert client.post(link_to(NEW)).status_code == 302


def test_the_address_of_another_account_is_neither_taken_nor_revealed():
    other = make_user(email="co@example.gov.vn")
    further = make_user()
    EmailAddress.objects.create(user=further, email="them@example.gov.vn")
    asker = make_user()
    client = client_of(asker, password="pw")
    free = client.post(PAGE, {"email": NEW}, follow=True).content.decode()
    for email in (other.email, "THEM@example.gov.vn"):
        taken = client.post(PAGE, {"email": email}, follow=True).content.decode()
        assert (taken.count("alert-good"), free.count("alert-good")) == (1, 1)
    assert {message.to[0].lower() for message in mail.outbox} == {asker.email, NEW}
    assert not AddressChange.objects.exclude(email=NEW).exists()


def test_whoever_loses_the_race_for_an_address_keeps_the_old_one():
    user = make_user()
    ask_for_address(by=SYSTEM, user=user, email=NEW)
    make_user(email=NEW)
    client = client_of(user)
    assert client.post(link_to(NEW)).status_code == 404
    assert User.objects.get(pk=user.pk).email == user.email


def test_new_addresses_are_not_asked_for_without_end():
    user = make_user(Role.TRAINEE, email="an@x.vn")
    client = client_of(user, password="pw")
    statuses = [
        client.post(reverse("own_address"), {"email": f"an{n}@x.vn"}).status_code for n in range(6)
    ]
    assert 429 not in statuses[:-1]
    assert statuses[-1] == 429


@pytest.mark.parametrize("email", ["", "x", "a@no-mailbox.invalid", "a" * 250 + "@x.vn"])
def test_what_is_no_address_is_refused_with_a_sentence(email):
    answer = client_of(make_user(), password="pw").post(PAGE, {"email": email})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not AddressChange.objects.exists()


def test_ones_own_address_is_refused_with_a_sentence():
    user = make_user()
    assert client_of(user, password="pw").post(PAGE, {"email": user.email}).status_code == 400


def test_no_link_rests_in_its_table():
    user = make_user()
    ask_for_address(by=SYSTEM, user=user, email=NEW)
    token = link_to(NEW).rstrip("/").rsplit("/", 1)[-1]
    change = AddressChange.objects.get()
    assert token not in (change.digest, change.email)
    assert change_address(by=SYSTEM, change=change).email == NEW


def test_erasing_somebody_takes_their_wish_along():
    user = make_user(Role.TRAINEE)
    ask_for_address(by=SYSTEM, user=user, email=NEW)
    erase(Subject(code="HV-1", trainee_ids=(), user_ids=(user.pk,), names=()))
    assert not AddressChange.objects.exists()


# Asked again ----------------------------------------------------------------------------

FORMS: dict[str, dict[str, Any]] = {
    "own_address": {"email": NEW},
    "own_tokens": {"days": "7"},
    "mfa_activate_totp": {"code": "123456"},
    "mfa_deactivate_totp": {},
    "mfa_generate_recovery_codes": {},
    "mfa_add_webauthn": {"credential": "{}"},
}


@pytest.mark.parametrize("route", sorted(FORMS))
def test_nothing_that_one_signs_in_with_changes_without_the_password(route):
    user = make_user(Role.TRAINEE)
    answer = client_of(user).post(reverse(route), FORMS[route])
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert [AddressChange.objects.count(), AuthToken.objects.count()] == [0, 0]


@pytest.fixture
def with_factor(settings) -> User:
    settings.DEBUG = True  # shows the code
    user = make_user(Role.TRAINEE)
    create_second_factor(by=SYSTEM, user=user)
    return user


@pytest.mark.parametrize(
    "route", sorted({*FORMS, "account_change_password"} - {"mfa_activate_totp"})
)
def test_whoever_has_a_second_factor_gives_it_too(with_factor, route):
    form = FORMS.get(route) or {"oldpassword": "pw", "password1": "x", "password2": "x"}
    answer = client_of(with_factor, password="pw").post(reverse(route), form)
    assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
    assert [AddressChange.objects.count(), AuthToken.objects.count()] == [0, 0]


def test_password_and_code_given_the_form_goes_on(with_factor):
    client = client_of(with_factor)
    asked = client.post(PAGE, {"email": NEW})
    asked = client.post(asked["Location"], {"password": "pw", "next": PAGE})
    assert asked["Location"].startswith(reverse("mfa_reauthenticate"))
    assert not AddressChange.objects.exists()
    code = current_code(email=with_factor.email)
    assert client.post(asked["Location"], {"code": code, "next": PAGE})["Location"] == PAGE
    assert AddressChange.objects.get().email == NEW


def test_a_waiting_form_with_a_password_does_not_rest_in_the_session(with_factor):
    client = client_of(with_factor)
    form = {"oldpassword": "pw", "password1": "a-new-secret", "password2": "a-new-secret"}
    client.post(reverse("account_change_password"), form)
    assert "a-new-secret" not in str(dict(client.session))


def test_the_answer_is_good_for_a_few_minutes(monkeypatch):
    client = client_of(make_user(), password="pw")
    assert client.get(PAGE).status_code == 200
    later = time.time() + 301
    monkeypatch.setattr("accounts.reauthentication.time.time", lambda: later)
    assert client.get(PAGE).status_code == 302


def test_an_account_without_a_password_sets_one_by_mail_first():
    user = make_user()
    user.set_unusable_password()
    user.save()
    client = client_of(user)
    for route in ("own_address", "own_tokens", "account_change_password"):
        answer = client.post(reverse(route), {"email": NEW, "days": 7})
        assert answer["Location"] == reverse("account_reset_password")


# Guessing -------------------------------------------------------------------------------


def test_old_passwords_cannot_be_guessed_whichever_form_asks():
    user = make_user()
    client = client_of(user)
    wrong = {"oldpassword": "no", "password1": "mot-mat-khau-moi", "password2": "mot-mat-khau-moi"}
    codes = []
    for n in range(12):
        if n % 2:
            codes.append(client.post(reverse("account_change_password"), wrong).status_code)
        else:
            answer = client.post(reverse("account_reauthenticate"), {"password": "no"})
            codes.append(answer.status_code)
    assert codes[:8] == [200] * 8
    assert codes[10:] == [429, 429]
    right = wrong | {"oldpassword": "pw"}
    assert client.post(reverse("account_change_password"), right).status_code == 429
    assert User.objects.get(pk=user.pk).check_password("pw")


def test_guesses_of_one_account_do_not_lock_another():
    first, second = client_of(make_user()), client_of(make_user())
    for _ in range(12):
        first.post(reverse("account_reauthenticate"), {"password": "no"})
    answer = second.post(
        reverse("account_reauthenticate"), {"password": "pw"}, REMOTE_ADDR="192.0.2.1"
    )
    assert answer.status_code == 302
