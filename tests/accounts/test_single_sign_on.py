"""Single sign-on against providers of our own over real HTTP: an honest one, and liars."""

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.test import Client
from django.urls import reverse

from accounts import openid
from accounts.choices import Role
from accounts.errors import AccountError
from accounts.models import SignOnIdentity, User
from accounts.services import create_second_factor
from accounts.services.single_sign_on import forget_identity, set_staff_number
from audit.models import AuditEntry
from audit.services import SYSTEM
from lms.checks import single_sign_on_names_accounts
from notices.models import Notice
from people.services.merges import merge
from tests.accounts.openid_provider import CLIENT, KEY, OTHER_KEY, SECRET, Provider, public_jwk
from tests.factories import make_trainee, make_user

SIGN_IN, BACK = "/sign-in/oidc/sso/login/", "/sign-in/oidc/sso/login/callback/"
NUMBER = "001085012345"

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    honest = Provider()
    settings.OIDC_SERVER_URL = honest.url
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.OIDC_NAME = "Ministry sign-on"
    settings.LANGUAGE_CODE = "en"
    yield honest
    honest.close()


@pytest.fixture
def user() -> User:
    return make_user(Role.TRAINER, email="an@x.vn")


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


def come_back(client: Client, provider: Provider, **answer: str) -> Any:
    """Through the provider and back, with the state that it was sent or another answer."""
    asked = parse_qs(urlsplit(client.post(SIGN_IN)["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    provider.nonce = asked["nonce"][0]
    return client.get(BACK, {"code": "code", "state": asked["state"][0]} | answer)


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def refused(client: Client, provider: Provider, *, status: int = 403, **answer: str) -> str:
    """The page of a refusal, after which nobody is signed in and no password has changed."""
    before = dict(User.objects.values_list("pk", "password"))
    response = come_back(client, provider, **answer)
    assert response.status_code == status
    assert not signed_in(client)
    assert dict(User.objects.values_list("pk", "password")) == before
    return str(response.content.decode())


def test_without_a_provider_there_is_no_such_address(client) -> None:
    assert client.post(SIGN_IN).status_code == 404
    assert client.get(BACK).status_code == 404


def test_browsers_may_go_to_the_provider_after_our_form() -> None:
    ask = "from django.conf import settings; print(settings.CONTENT_SECURITY_POLICY)"
    environment = {
        "OIDC_SERVER_URL": "https://login.example/realm",
        "OIDC_CLIENT_ID": CLIENT,
        "OIDC_CLIENT_SECRET": SECRET,
        "DJANGO_SETTINGS_MODULE": "lms.settings",
    }
    run = subprocess.run(
        [sys.executable, "-c", ask],
        env={**os.environ, **environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert """'form-action': ["'self'", 'https://login.example']""" in run.stdout


# Who gets in ------------------------------------------------------------------------------


def test_a_verified_address_opens_the_account_that_is_there(provider, client, user) -> None:
    assert come_back(client, provider)["Location"] == reverse("my")
    assert client.session["_auth_user_id"] == str(user.pk)


def test_no_account_is_opened_for_somebody_unknown(provider, client) -> None:
    assert "no account here for an@x.vn" in refused(client, provider)
    assert not User.objects.exists()


NOT_TRUE = ["false", "true", "True", 1, 0, False, [], ["x"], {"a": 1}, "yes"]


@pytest.mark.parametrize("value", NOT_TRUE, ids=repr)
@pytest.mark.parametrize("where", ["in_userinfo", "in_token"])
def test_an_address_is_verified_by_the_json_value_true_alone(
    provider, client, user, value, where
) -> None:
    setattr(provider, where, {"email": "an@x.vn", "email_verified": value})
    assert "does not confirm that your e-mail address is verified" in refused(client, provider)


def test_an_address_without_a_word_on_verification_opens_nothing(provider, client, user) -> None:
    del provider.person["email_verified"]
    assert "verified" in refused(client, provider)


def test_two_addresses_open_nothing(provider, client, user) -> None:
    provider.in_token = {"email": "other@x.vn", "email_verified": True}
    assert "verified" in refused(client, provider)


def test_an_address_that_no_mail_reaches_opens_nothing(provider, client) -> None:
    make_user(Role.TRAINEE, email="hv-22222222@no-mailbox.invalid")
    provider.person["email"] = "hv-22222222@no-mailbox.invalid"
    assert "verified" in refused(client, provider)


STRANGE = ["\u212a@x.vn", "k@x.vn\x00", "\ud800@x.vn", ["k@x.vn"], {"k@x.vn": 1}, 1, ""]


@pytest.mark.parametrize("address", STRANGE, ids=ascii)
def test_an_address_that_only_resembles_one_opens_nothing(provider, client, address) -> None:
    make_user(Role.TRAINER, email="k@x.vn")
    provider.person["email"] = address
    assert "verified" in refused(client, provider)


@pytest.mark.parametrize("number", ["\ud800", "1\x00", True, [NUMBER], {}, None])
def test_a_claim_that_is_no_number_opens_nothing(provider, client, settings, number) -> None:
    for kind in ("personal_number", "staff_number"):
        settings.OIDC_IDENTIFIES_BY = settings.OIDC_CLAIM = kind
        provider.person[kind] = number
        assert "did not send your number" in refused(client, provider)


def test_a_key_without_an_algorithm_serves_the_one_that_the_token_names(
    provider, client, user
) -> None:
    del provider.keys[0]["alg"]
    provider.sign = lambda claims: jwt.encode(claims, KEY, "PS256", headers={"kid": "k1"})
    come_back(client, provider)
    assert signed_in(client)


def test_a_key_serves_no_other_algorithm_than_it_names(provider, client, user) -> None:
    provider.sign = lambda claims: jwt.encode(claims, KEY, "PS256", headers={"kid": "k1"})
    refused(client, provider, status=502)


def test_the_second_factor_is_asked_for_all_the_same(provider, client) -> None:
    office = make_user(Role.PROGRAMME_OFFICE, email="an@x.vn")
    create_second_factor(by=SYSTEM, user=office)
    assert come_back(client, provider)["Location"] == reverse("mfa_authenticate")
    assert not signed_in(client)


def test_a_closed_account_stays_closed(provider, client, user) -> None:
    User.objects.update(is_active=False)
    assert "has been closed" in refused(client, provider)


def test_a_sign_in_wipes_no_local_password(provider, client, user) -> None:
    come_back(client, provider)
    assert User.objects.get().check_password("pw")
    elsewhere = Client()
    elsewhere.post(reverse("account_login"), {"login": "an@x.vn", "password": "pw"})
    assert signed_in(elsewhere)


def test_it_leads_where_the_visitor_wanted_to_go_on_this_site_alone(provider, client, user) -> None:
    for wanted, reached in (("/runs/", "/runs/"), ("https://evil.example/", reverse("my"))):
        asked = parse_qs(urlsplit(client.post(SIGN_IN, {"next": wanted})["Location"]).query)
        provider.nonce = asked["nonce"][0]
        response = client.get(BACK, {"code": "code", "state": asked["state"][0]})
        assert response["Location"] == reached


# Issuer and subject -------------------------------------------------------------------------


def test_issuer_and_subject_are_remembered_at_the_first_sign_in(provider, client, user) -> None:
    come_back(client, provider)
    identity = SignOnIdentity.objects.get()
    assert (identity.user, identity.issuer, identity.subject) == (user, provider.url, "42")
    assert AuditEntry.objects.get(action="sign_on_remembered").actor_id == user.pk


def test_another_subject_for_the_same_address_is_refused_and_reported(
    provider, client, user, settings
) -> None:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    office = make_user(Role.PROGRAMME_OFFICE, language="en")
    come_back(Client(), provider)
    provider.person["sub"] = "43"
    assert "is linked to another identity at Ministry sign-on" in refused(client, provider)
    entry = AuditEntry.objects.get(action="sign_on_refused")
    assert entry.details["user"] == user.pk
    assert len(str(entry.details["subject"])) == 32, "a digest, not the subject"
    message = Notice.objects.get(recipient=office.email)
    assert "an@x.vn" in message.body
    refused(client, provider)
    assert Notice.objects.count() == 1, "the same try is told once an hour"
    assert AuditEntry.objects.filter(action="sign_on_refused").count() == 2


def test_a_known_subject_is_known_under_its_new_address(provider, client, user) -> None:
    come_back(Client(), provider)
    make_user(Role.PROGRAMME_OFFICE, email="boss@x.vn")
    provider.person["email"] = "boss@x.vn"
    come_back(client, provider)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_whoever_came_in_by_a_wrong_address_is_out_once_it_is_put_right(
    provider, client, user
) -> None:
    come_back(Client(), provider)
    User.objects.update(email="binh@x.vn")
    assert "no account here for an@x.vn" in refused(client, provider)
    provider.person = {"sub": "43", "email": "binh@x.vn", "email_verified": True}
    come_back(client, provider)
    assert signed_in(client)
    assert SignOnIdentity.objects.get().subject == "43"


def test_whoever_came_in_by_a_wrong_number_is_out_once_it_is_put_right(
    provider, client, user, settings
) -> None:
    settings.OIDC_IDENTIFIES_BY = settings.OIDC_CLAIM = "staff_number"
    set_staff_number(by=SYSTEM, user=user, number="7")
    provider.person["staff_number"] = "7"
    come_back(Client(), provider)
    set_staff_number(by=SYSTEM, user=user, number="8")
    assert "no account here has your number" in refused(client, provider)
    set_staff_number(by=SYSTEM, user=make_user(Role.TRAINER), number="7")
    assert "is linked to another identity" in refused(client, provider)


def test_the_office_can_let_an_account_be_bound_again(provider, client, user) -> None:
    come_back(Client(), provider)
    forget_identity(by=SYSTEM, user=user)
    provider.person["sub"] = "43"
    come_back(client, provider)
    assert signed_in(client)
    assert SignOnIdentity.objects.get().subject == "43"


def test_the_account_page_shows_the_sign_on_and_forgets_it(provider, client, user) -> None:
    come_back(Client(), provider)
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    page = client.get(reverse("account", args=[user.pk])).content.decode()
    assert "Remove the saved single sign-on" in page
    client.post(reverse("act_on_account", args=[user.pk, "forget-sign-on"]))
    assert not SignOnIdentity.objects.exists()


# Which claim ------------------------------------------------------------------------------


def test_a_personal_number_is_matched_through_the_blind_index(provider, client, settings) -> None:
    settings.OIDC_IDENTIFIES_BY, settings.OIDC_CLAIM = "personal_number", "vn_pid"
    user = make_user(Role.TRAINEE)
    make_trainee(user=user, personal_number=NUMBER)
    provider.person = {"sub": "42", "vn_pid": NUMBER}
    come_back(client, provider)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_merged_person_is_found_by_the_number_of_either_row(provider, client, settings) -> None:
    settings.OIDC_IDENTIFIES_BY = settings.OIDC_CLAIM = "personal_number"
    user = make_user(Role.TRAINEE)
    survivor, absorbed = make_trainee(user=user), make_trainee(personal_number=NUMBER)
    merge(by=SYSTEM, survivor=survivor, absorbed=absorbed)
    provider.person = {"sub": "42", "personal_number": NUMBER}
    come_back(client, provider)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_staff_number_is_matched_through_a_blind_index(provider, client, settings) -> None:
    settings.OIDC_IDENTIFIES_BY, settings.OIDC_CLAIM = "staff_number", "employee"
    user = make_user(Role.TRAINER)
    set_staff_number(by=SYSTEM, user=user, number="BKH-0012")
    provider.person = {"sub": "42", "employee": " bkh-0012 "}
    come_back(client, provider)
    assert client.session["_auth_user_id"] == str(user.pk)
    stored = User.objects.values().get()
    assert "0012" not in str(stored["staff_number_digest"])


def test_an_address_opens_nothing_where_a_number_is_asked_for(
    provider, client, user, settings
) -> None:
    settings.OIDC_IDENTIFIES_BY = settings.OIDC_CLAIM = "staff_number"
    assert "did not send your number" in refused(client, provider)
    provider.person["staff_number"] = "unknown"
    assert "no account here has your number" in refused(client, provider)


def test_a_claim_that_names_no_account_is_found_at_start(provider, settings) -> None:
    assert single_sign_on_names_accounts() == []
    settings.OIDC_IDENTIFIES_BY = "shoe_size"
    assert "personal_number, staff_number" in str(single_sign_on_names_accounts()[0].hint)


# Liars ------------------------------------------------------------------------------------


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "kid": "k1"}, claims)
    texts = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
    return f"{texts[0]}.{texts[1]}."


def by_shared_secret(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, SECRET.ljust(40, "!"), "HS256", headers={"kid": "k1"})


LIES: dict[str, dict[str, Any]] = {
    "wrong issuer": {"in_token": {"iss": "https://elsewhere.example"}},
    "wrong audience": {"in_token": {"aud": "another client"}},
    "several audiences, given to another": {"in_token": {"aud": [CLIENT, "b"], "azp": "b"}},
    "expired": {"in_token": {"exp": int(time.time()) - 3600}},
    "no expiry": {"in_token": {"exp": None}},
    "issued in the future": {"in_token": {"iat": int(time.time()) + 3600}},
    "another nonce": {"in_token": {"nonce": "another"}},
    "no nonce": {"in_token": {"nonce": None}},
    "no subject": {"in_token": {"sub": None}},
    "endless subject": {"in_token": {"sub": "4" * 300}, "in_userinfo": {"sub": "4" * 300}},
    "subject that no database takes": {
        "in_token": {"sub": "4\x002"},
        "in_userinfo": {"sub": "4\x002"},
    },
    "subject of half a letter": {
        "in_token": {"sub": "\ud800"},
        "in_userinfo": {"sub": "\ud800"},
    },
    "subject that is no text": {"in_token": {"sub": 42}},
    "userinfo of another subject": {"in_userinfo": {"sub": "43"}},
    "userinfo without a subject": {"in_userinfo": {"sub": None}},
    "alg none": {"sign": unsigned},
    "signed with the client's secret": {"sign": by_shared_secret},
    "signed with another key": {
        "sign": lambda claims: jwt.encode(claims, OTHER_KEY, "RS256", headers={"kid": "k1"})
    },
    "key that is not published": {
        "sign": lambda claims: jwt.encode(claims, KEY, "RS256", headers={"kid": "k2"})
    },
    "swapped keys": {"keys": [public_jwk(OTHER_KEY, "k1")]},
    "no keys": {"keys": []},
    "keys that are none": {"keys": [{"kty": "x"}, 1]},
    "no ID token": {"answers": {"/token": b'{"access_token": "at"}'}},
    "ID token that is none": {"answers": {"/token": b'{"access_token": "at", "id_token": "x.y"}'}},
    "ID token that is no text": {"answers": {"/token": b'{"access_token": 1, "id_token": [1]}'}},
    "token answer that is a list": {"answers": {"/token": b"[]"}},
    "token answer that is no JSON": {"answers": {"/token": b"<html>"}},
    "refused code": {"answers": {"/token": 400}},
    "deeply nested answer": {"answers": {"/userinfo": b"[" * 100_000}},
    "huge answer": {"answers": {"/userinfo": b'{"a": "' + b"a" * 5_000_000 + b'"}'}},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_is_not_as_the_standard_asks_signs_nobody_in(
    provider, client, user, lie
) -> None:
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    assert "did not pass our checks" in refused(client, provider, status=502)


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(provider, client, user) -> None:
    assert "not started in this browser" in refused(client, provider, state="another")


def test_an_answer_is_good_for_one_sign_in(provider, client, user) -> None:
    asked = parse_qs(urlsplit(client.post(SIGN_IN)["Location"]).query)
    provider.nonce = asked["nonce"][0]
    answer = {"code": "code", "state": asked["state"][0]}
    assert client.get(BACK, answer).status_code == 302
    assert client.get(BACK, answer).status_code == 403


def test_a_redirect_that_names_another_issuer_is_refused(provider, client, user) -> None:
    refused(client, provider, status=502, iss="https://elsewhere.example")


def test_whoever_cancels_at_the_provider_reads_a_sentence(provider, client, user) -> None:
    assert "did not sign you in" in refused(client, provider, error="access_denied")


def test_a_provider_that_calls_itself_another_is_not_asked(provider, client) -> None:
    provider.in_configuration = {"issuer": "https://elsewhere.example"}
    assert client.post(SIGN_IN).status_code == 502


def test_an_endpoint_without_https_is_not_asked(provider, client, settings) -> None:
    settings.OIDC_SERVER_URL = "https://login.example"
    with pytest.raises(AccountError) as error:
        openid._require_safe("http://login.example/token")
    assert error.value.code == "provider_answer"


# Outages ----------------------------------------------------------------------------------


def test_a_provider_in_trouble_is_named_in_a_sentence(provider, client, user) -> None:
    for path in ("/token", "/keys", "/userinfo"):
        provider.answers = {path: 500}
        assert "is not responding" in refused(client, provider, status=503)


def test_a_provider_that_is_gone_costs_no_second_wait(provider, client, settings) -> None:
    settings.OIDC_SERVER_URL = "http://127.0.0.1:9"
    assert client.post(SIGN_IN).status_code == 503
    assert client.get(reverse("account_login")).status_code == 200
    provider.asked.clear()
    settings.OIDC_SERVER_URL = provider.url
    assert client.post(SIGN_IN).status_code == 302


def after_three_seconds() -> bytes:
    time.sleep(3)
    return b"{}"


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
def test_a_slow_provider_is_waited_for_so_long_and_no_longer(
    provider, client, user, monkeypatch, drips
) -> None:
    monkeypatch.setattr(openid, "READ_SECONDS", 0.3)
    monkeypatch.setattr(openid, "CALL_SECONDS", 0.6)
    asked = parse_qs(urlsplit(client.post(SIGN_IN)["Location"]).query)
    provider.nonce = asked["nonce"][0]
    provider.answers = {"/token": after_three_seconds}
    if drips:
        provider.answers = {"/token": [b" "] * 30}
    begun = time.monotonic()
    response = client.get(BACK, {"code": "code", "state": asked["state"][0]})
    assert response.status_code == 503
    assert time.monotonic() - begun < 2
    provider.answers = {}
    # For some seconds nobody else waits for it.
    assert client.post(SIGN_IN).status_code == 503


# Signing out --------------------------------------------------------------------------------


def test_signing_out_ends_the_session_of_the_provider_where_the_setting_says_so(
    provider, client, user, settings
) -> None:
    settings.OIDC_SIGN_OUT = True
    come_back(client, provider)
    address = urlsplit(client.post(reverse("account_logout"))["Location"])
    query = parse_qs(address.query)
    assert address.path == "/end"
    assert query["post_logout_redirect_uri"] == [f"{settings.SITE_URL}/"]
    hint = jwt.decode(query["id_token_hint"][0], options={"verify_signature": False})
    assert hint["sub"] == "42"
    assert not signed_in(client)


def test_signing_out_stays_here_without_the_setting_or_the_provider(
    provider, client, user, settings
) -> None:
    come_back(client, provider)
    assert client.post(reverse("account_logout"))["Location"] == "/"
    settings.OIDC_SIGN_OUT = True
    client.post(reverse("account_login"), {"login": "an@x.vn", "password": "pw"})
    assert client.post(reverse("account_logout"))["Location"] == "/"


def test_the_hint_for_signing_out_rests_encrypted(provider, client, user, settings) -> None:
    settings.OIDC_SIGN_OUT = True
    come_back(client, provider)
    # The beginning of a token in JSON; three letters of it may stand in any cipher text.
    assert not re.search(r"eyJ[\w-]+\.eyJ", json.dumps(dict(client.session)))
