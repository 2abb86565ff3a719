"""Who has a copy of the database gets in nowhere: no secret that was handed out rests in it."""

import base64
import binascii
import re
import smtplib
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.conf import settings as site
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Invitation, User
from accounts.services import create_token
from accounts.services.invitations import invitation_by_link, invite, send_link
from accounts.sessions import SessionStore
from audit.services import SYSTEM
from audit.services.seals import seal_pending
from certificates.services.share_links import shared
from notices.models import Notice, NoticeState
from notices.services.delivery import deliver_pending
from people.models import Trainee
from people.services.accounts import letters_for
from tests.api.conftest import Visitor
from tests.architecture.world import PRINTED, make_certificate
from tests.factories import make_agency, make_completion, make_course, make_trainee, make_user

PASSWORD = "một mật khẩu đủ dài"
CHOSEN = {"password": PASSWORD, "again": PASSWORD}
_LINK = re.compile(r"https?://[^/\s]+(/\S+)")


class DeafServer(BaseEmailBackend):
    """A mail server that answers nobody."""

    def send_messages(self, email_messages: Any) -> int:
        raise smtplib.SMTPServerDisconnected("the server hung up")


@pytest.fixture(autouse=True)
def _outbox(settings: Any, db: None) -> None:
    cache.clear()
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def delivered_link() -> str:
    """The path of the link in the message that is delivered now."""
    deliver_pending()
    found = _LINK.search(str(mail.outbox[-1].body))
    assert found
    return found[1]


# Every flow that hands something out ------------------------------------------------------


def _invitations() -> Iterator[str]:
    invited = invite(by=SYSTEM, email="b@x.vn", full_name="B", roles={Role.TRAINER: None})
    link = delivered_link()
    yield link.split("/")[2]
    assert Client().post(link, {"password": "x", "again": "x"}).status_code == 400
    send_link(by=SYSTEM, user=invited)  # waits in the outbox
    printed = letters_for(by=SYSTEM, trainees=Trainee.objects.filter(user=None)[:1])[0]
    yield printed.code
    yield printed.code.replace("-", "")


def _new_passwords(user: User) -> Iterator[str]:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = delivered_link()
    assert client.get(link, follow=True).status_code == 200  # the key is in the session now
    yield link.rstrip("/").split("/")[-1].partition("-")[2]
    yield client.cookies[site.SESSION_COOKIE_NAME].value


def _sign_in(user: User) -> Iterator[str]:
    client = Client()
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    assert client.get(reverse("my")).status_code == 200
    yield client.cookies[site.SESSION_COOKIE_NAME].value
    client.get(reverse("usersessions_list"))
    confirmed = client.session
    confirmed["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    confirmed.save()
    client.get(reverse("mfa_activate_totp"))
    yield client.session[SECRET_SESSION_KEY]
    certificate = user.trainee.completions.get().certificates.get()
    page = reverse("certificate", args=[certificate.verification_code])
    client.post(page, {"action": "share", "days": "7"})
    yield client.session["new_link"].rsplit("/", 1)[1]


def _factors(user: User) -> Iterator[str]:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    seed = generate_totp_secret()
    TOTP.activate(user, seed)
    yield seed
    yield from RecoveryCodes.activate(user).get_unused_codes()


def _api(office: User) -> Iterator[str]:
    yield create_token(by=SYSTEM, user=office)
    visitor = Visitor(office)
    yield visitor.headers["Authorization"].split()[1]
    sent = {"code": "R-1", "starts_on": "2099-01-04", "ends_on": "2099-01-05", "capacity": 20}
    sent["course"] = make_course().code
    assert visitor.post("runs/", sent, Idempotency_Key="k-1").status_code == 201


def _registration(settings: Any) -> Iterator[str]:
    settings.OPEN_REGISTRATION = True
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    posted = {"email": "new@x.vn", "password1": PASSWORD, "password2": PASSWORD}
    Client().post(reverse("account_signup"), posted)
    yield delivered_link().rstrip("/").split("/")[-1]


@pytest.fixture
def handed_out(settings: Any) -> list[str]:
    """Every secret, after all flows."""
    user = make_user(Role.TRAINEE, email="an@x.vn")
    trainee = make_trainee(make_agency(), user=user)
    make_trainee(trainee.agency)
    make_certificate(make_completion(trainee), verification_code=PRINTED["verification_code"])
    office = make_user(Role.PROGRAMME_OFFICE)
    secrets = [
        *_invitations(),
        *_new_passwords(user),
        *_sign_in(user),
        *_factors(office),
        *_api(office),
        *_registration(settings),
        PASSWORD,
    ]
    seal_pending()
    assert all(len(secret) >= 8 for secret in secrets)
    assert len(set(secrets)) == len(secrets) > 12
    return secrets


# The copy ---------------------------------------------------------------------------------


def cells() -> Iterator[tuple[str, str]]:
    """Every value of every column of every table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    if value is not None:
                        yield f"{table}.{name}", _as_text(value)


def _as_text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)


def readings(text: str) -> Iterator[str]:
    """The text, and what anybody reads out of it without a key."""
    yield text
    if "\\u" in text:
        yield text.encode("ascii", "backslashreplace").decode("unicode_escape", "replace")
    for word in re.findall(r"[A-Za-z0-9+/_=-]{12,}", text):
        plain = word.replace("-", "+").replace("_", "/").rstrip("=").lstrip(".")
        try:
            content = base64.b64decode(plain + "=" * (-len(plain) % 4))
        except (binascii.Error, ValueError):
            continue
        yield content.decode("latin-1")
        try:
            yield zlib.decompress(content).decode("latin-1")
        except zlib.error:
            continue


@pytest.mark.both_engines
def test_no_secret_that_was_handed_out_rests_in_the_database(handed_out):
    found = {
        (place, secret[:4])
        for place, text in cells()
        for reading in readings(text)
        for secret in handed_out
        if secret in reading
    }
    assert found == set()


def test_the_search_would_find_a_secret_however_it_is_wrapped(handed_out):
    """The test above can fail: here is what the old tables held."""
    secret = handed_out[0]
    wrapped = base64.urlsafe_b64encode(zlib.compress(f'{{"link":"{secret}"}}'.encode())).decode()
    assert any(secret in reading for reading in readings(f".{wrapped}:stamp:signature"))


def test_nothing_found_in_a_copy_opens_anything(handed_out):
    words = {word for _place, text in cells() for word in re.findall(r"[\w.-]{12,200}", text)}
    assert len(words) > 50
    opened = [
        word
        for word in words
        if SessionStore(word).load() or invitation_by_link(word) or shared(word)
    ]
    assert opened == []


def test_no_word_of_a_copy_is_the_cookie_of_a_session(handed_out):
    keys = {text for place, text in cells() if place.endswith(".session_key")}
    assert keys
    client, answers = Client(), set()
    for key in keys:
        client.cookies[site.SESSION_COOKIE_NAME] = key
        answers.add(client.get(reverse("my")).status_code)
    assert answers == {302}


def test_no_word_of_a_copy_is_a_token_of_the_api(handed_out, settings):
    settings.API_CALLS_PER_ADDRESS = 100_000
    words = {
        word
        for place, text in cells()
        if place.startswith(("knox_", "accounts_"))
        for word in re.findall(r"[\x21-\x7e]{12,200}", text)
    }
    answers = {
        Client().get("/api/v1/runs/", headers={"Authorization": f"Bearer {word}"}).status_code
        for word in words
    }
    assert answers == {401}


# Messages that are tried again ------------------------------------------------------------


def test_a_message_that_could_not_be_sent_carries_a_working_link_in_the_end(settings):
    settings.DELIVERY_EMAIL_BACKEND = f"{__name__}.DeafServer"
    invite(by=SYSTEM, email="b@x.vn", full_name="B", roles={Role.TRAINER: None})
    assert deliver_pending() == 0
    settings.DELIVERY_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Notice.objects.update(not_before="2020-01-01T00:00:00Z")
    assert Client().get(delivered_link()).status_code == 200


@pytest.mark.parametrize("kind", ["invitation", "new password"])
def test_a_message_that_is_sent_again_ends_the_link_it_carried_before(kind):
    """As after a worker that died between sending and writing that down."""
    if kind == "invitation":
        invite(by=SYSTEM, email="b@x.vn", full_name="B", roles={Role.TRAINER: None})
    else:
        Client().post(reverse("account_reset_password"), {"email": make_user().email})
    first = delivered_link()
    Notice.objects.update(state=NoticeState.PENDING, not_before="2020-01-01T00:00:00Z")
    second = delivered_link()
    assert first != second
    shown = [Client().get(path, follow=True) for path in (first, second)]
    works = [page.status_code == 200 and "token_fail" not in page.context for page in shown]
    assert works == [False, True]


def test_a_message_whose_link_nobody_may_have_any_more_is_not_sent():
    user = invite(by=SYSTEM, email="b@x.vn", full_name="B", roles={Role.TRAINER: None})
    send_link(by=SYSTEM, user=user)  # before the first one was delivered
    deliver_pending()
    states = list(Notice.objects.order_by("pk").values_list("state", flat=True))
    assert states == [NoticeState.DROPPED, NoticeState.SENT]
    assert len(mail.outbox) == 1


def test_what_rests_of_a_message_says_where_its_link_stood():
    invite(by=SYSTEM, email="b@x.vn", full_name="B", roles={Role.TRAINER: None})
    deliver_pending()
    notice, invitation = Notice.objects.get(), Invitation.objects.get()
    assert "[[link]]" in notice.body
    assert notice.link_params == {"invitation": invitation.pk}
    assert "[[link]]" not in str(mail.outbox[0].body)
