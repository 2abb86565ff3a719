"""How long a session lasts, what its cookies are, and what the log says of sign-ins."""

import datetime as dt
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from cryptography.fernet import Fernet
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Session
from accounts.sessions import SessionStore, forget_expired
from common import clock
from tests.factories import make_user
from tests.security.test_starting import GOOD


def answers(client, *after: dt.timedelta) -> list[int]:
    """What one's own page answers at each time after now."""
    now, found = clock.now(), []
    for pause in after:
        with clock.set_to(now + pause):
            found.append(client.get(reverse("my")).status_code)
    return found


@pytest.mark.django_db
def test_an_idle_session_ends(client):
    client.force_login(make_user(Role.TRAINER))
    idle = dt.timedelta(seconds=settings.SESSION_IDLES_FOR)
    none, minute = dt.timedelta(), dt.timedelta(minutes=1)
    assert answers(client, none, idle - minute, 2 * idle - 3 * minute) == [200, 200, 200]
    assert answers(client, 3 * idle) == [302]


@pytest.mark.django_db
def test_a_busy_session_ends_too(client):
    client.force_login(make_user(Role.TRAINER))
    steps = [dt.timedelta(hours=hours) for hours in range(14)]
    assert answers(client, *steps) == [200] * 13 + [302]


@pytest.mark.django_db
def test_a_cookie_kept_from_before_signing_out_opens_nothing(client):
    user = make_user(Role.TRAINER, email="a@x.vn")
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    kept = Client()
    kept.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert kept.get(reverse("my")).status_code == 200
    client.post(reverse("account_logout"))
    assert kept.get(reverse("my")).status_code == 302


def test_what_one_request_changes_in_a_session_no_other_reads():
    stored = SessionStore().encode({"factors": ["app"]})
    SessionStore().decode(stored)["factors"].append("code")
    assert SessionStore().decode(stored) == {"factors": ["app"]}


def test_a_session_opened_before_is_not_opened_with_other_keys(settings):
    stored = SessionStore().encode({"begun": 1})
    assert SessionStore().decode(stored) == {"begun": 1}
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert SessionStore().decode(stored) == {}


@pytest.mark.django_db
def test_sessions_whose_time_is_over_are_forgotten(client):
    client.post(reverse("account_login"), {"login": make_user().email, "password": "pw"})
    assert (Session.objects.count(), UserSession.objects.count()) == (1, 1)
    Session.objects.update(expire_date=clock.now() - dt.timedelta(minutes=1))
    forget_expired()
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_sign_ins_are_in_the_log_and_what_was_typed_is_not(client, caplog):
    user = make_user(email="a@x.vn")
    with caplog.at_level(logging.INFO, logger="accounts.adapter"):
        client.post(reverse("account_login"), {"login": "typo@x.vn", "password": "geheim"})
        client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
        client.post(reverse("account_logout"))
    assert "sign-in refused" in caplog.text
    assert f"signed in: user {user.pk}" in caplog.text
    assert f"signed out: user {user.pk}" in caplog.text
    assert "typo@x.vn" not in caplog.text
    assert "geheim" not in caplog.text


def test_in_production_every_cookie_is_bound_to_this_host():
    names = ["SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE"]
    script = (
        "from lms import settings as s; "
        f"print([(getattr(s, n + '_NAME'), getattr(s, n + '_SECURE')) for n in {names}])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(settings.BASE_DIR),
        env=GOOD,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.count("('__Host-") == run.stdout.count("True") == len(names)


def test_scripts_cannot_read_cookies_and_other_sites_do_not_send_them():
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"


def test_in_production_https_is_demanded_for_a_year():
    names = ["SECONDS", "INCLUDE_SUBDOMAINS", "PRELOAD"]
    script = (
        f"from lms import settings as s; print([getattr(s, f'SECURE_HSTS_{{n}}') for n in {names}])"
    )
    command = [sys.executable, "-c", script]
    where = Path(settings.BASE_DIR)
    said = subprocess.run(command, cwd=where, env=GOOD, capture_output=True, text=True, check=True)
    seconds, *rest = said.stdout.strip("[]\n").split(", ")
    assert int(seconds) >= 365 * 24 * 3600
    assert rest == ["True", "True"]
