"""Tokens: given once, shown once, expiring; and the session of the pages."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from knox.models import AuthToken

from accounts.choices import Role
from accounts.services import create_second_factor, create_token, forget_answers, withdraw_tokens
from accounts.services.roles import grant_role
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from tests.factories import make_user


def test_a_token_is_shown_once_and_only_its_digest_is_kept(api):
    user = make_user()
    token = create_token(by=SYSTEM, user=user)
    row = AuthToken.objects.get(user=user)
    assert token not in (row.digest, row.token_key)
    assert AuditEntry.objects.get(action="api_token_created").details == {
        "user": user.pk,
        "days": 30,
    }


def test_a_token_opens_the_api_and_no_page(api, client):
    visitor = api(make_user())
    assert visitor.get("runs/").status_code == 200
    assert visitor.get("/my/").status_code == 302


def test_an_expired_token_is_not_known(api):
    visitor = api(make_user())
    AuthToken.objects.update(expiry=clock.now() - dt.timedelta(seconds=1))
    answer = visitor.get("runs/")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_expired_tokens_are_removed_in_time(api):
    api(make_user())
    AuthToken.objects.update(expiry=clock.now() - dt.timedelta(seconds=1))
    assert forget_answers() == 1
    assert not AuthToken.objects.exists()


def test_a_withdrawn_token_is_not_known(api):
    visitor = api(make_user())
    assert withdraw_tokens(by=SYSTEM, user=visitor.user) == 1
    assert visitor.get("runs/").status_code == 401


def test_the_token_of_a_closed_account_is_not_known(api):
    visitor = api(make_user())
    visitor.user.is_active = False
    visitor.user.save()
    assert visitor.get("runs/").status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer x y", "Bearer đ", "Bearer \xff", "Bearer x"])
def test_a_header_that_holds_no_token_is_refused(anybody, header):
    anybody.headers = {"Authorization": header}
    assert anybody.get("runs/").status_code == 401


def test_the_office_gets_no_token_without_a_second_factor(db):
    user = make_user(Role.PROGRAMME_OFFICE)
    with pytest.raises(CommandError, match=r"(?i)factor|hai lớp"):
        call_command("api_token", user.email)


def test_the_command_prints_the_token_for_machines(api):
    user, out = make_user(), StringIO()
    call_command("api_token", user.email, "--days", "2", "--json", stdout=out)
    assert json.loads(out.getvalue())["token"].startswith("lms_")
    left = AuthToken.objects.get(user=user).expiry - clock.now()
    assert dt.timedelta(days=1) < left <= dt.timedelta(days=2)


@pytest.mark.parametrize("days", ["0", "367"])
def test_no_token_lives_for_ever(db, days):
    with pytest.raises(CommandError):
        call_command("api_token", make_user().email, "--days", days)


def test_a_session_reads_and_writes_only_with_its_csrf_token(api):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user(Role.TRAINER))
    assert client.get("/api/v1/runs/").status_code == 200
    answer = client.post("/api/v1/runs/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_a_session_of_the_office_is_refused_until_its_second_factor_is_set_up(api, client):
    user = make_user(Role.PROGRAMME_OFFICE)
    client.force_login(user)
    assert client.get("/api/v1/runs/").status_code == 403
    create_second_factor(by=SYSTEM, user=user)
    assert client.get("/api/v1/runs/").status_code == 200


def test_a_token_older_than_an_office_role_is_refused_until_the_second_factor_is_set_up(api):
    visitor = api(make_user(Role.COORDINATOR))
    assert visitor.get("trainees/").status_code == 200
    grant_role(by=SYSTEM, user=visitor.user, role=Role.PROGRAMME_OFFICE)
    refused = [visitor.get(f"{name}/") for name in ("trainees", "reports", "reconcile")]
    assert {answer.status_code for answer in refused} == {403}
    create_second_factor(by=SYSTEM, user=visitor.user)
    assert visitor.get("reports/").status_code == 200


def test_a_user_who_calls_too_often_is_told_to_wait(api, settings):
    visitor = api(make_user())
    settings.API_CALLS_PER_MINUTE = 2
    answers = [visitor.get("runs/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert answers[-1].json()["code"] == "throttled"


def test_guessing_tokens_is_limited_per_address(anybody, settings):
    settings.API_CALLS_PER_ADDRESS = 2
    anybody.headers = {"Authorization": "Bearer lms_0123456789"}
    anybody.client.defaults["REMOTE_ADDR"] = "203.0.113.9"
    assert [anybody.get("runs/").status_code for _ in range(3)] == [401, 401, 429]
