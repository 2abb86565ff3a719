"""Whoever signs in makes and ends tokens of their own; each is shown once."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from accounts.errors import AccountError
from accounts.models import User
from accounts.services import MOST_TOKENS, create_token
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGE = "/accounts/tokens/"


def known_again(user: User) -> Client:
    """A client that has just given the password once more."""
    client = Client()
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": "pw"})
    return client


def shown_in(page: str) -> str:
    found = re.search(r"lms_[0-9a-f]{20,}", page)
    return found[0] if found else ""


def test_a_token_is_shown_once_and_opens_the_api():
    user = make_user()
    client = known_again(user)
    token = shown_in(client.post(PAGE, {"days": "7"}).content.decode())
    asked = Client().get("/api/v1/runs/", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 200
    left = AuthToken.objects.get(user=user).expiry - clock.now()
    assert dt.timedelta(days=6) < left <= dt.timedelta(days=7)
    page = client.get(PAGE).content.decode()
    assert token[:8] in page
    assert token not in page


def test_the_password_is_asked_before_a_token_is_made():
    user, client = make_user(), Client()
    client.force_login(user)
    asked = client.post(PAGE, {"days": "7"})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert not AuthToken.objects.exists()
    answer = client.post(asked["Location"], {"password": "pw", "next": PAGE})
    assert shown_in(answer.content.decode())
    assert AuthToken.objects.get().user == user


def test_the_response_that_shows_a_token_is_cached_nowhere():
    answer = known_again(make_user()).post(PAGE, {"days": "7"})
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("days", ["", "0", "-1", "367", "soon", "9" * 400])
def test_a_token_that_would_live_for_ever_is_refused_with_a_sentence(days):
    answer = known_again(make_user()).post(PAGE, {"days": days})
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not AuthToken.objects.exists()


def test_a_token_is_ended_by_its_owner_alone():
    user = make_user()
    token = create_token(by=SYSTEM, user=user)
    address = reverse("end_token", args=[AuthToken.objects.get().digest])
    assert known_again(make_user()).post(address).status_code == 404
    assert known_again(user).post(address)["Location"] == PAGE
    asked = Client().get("/api/v1/runs/", headers={"Authorization": f"Bearer {token}"})
    assert asked.status_code == 401
    entry = AuditEntry.objects.get(action="api_tokens_withdrawn")
    assert (entry.actor_id, entry.details) == (user.pk, {"user": user.pk, "tokens": 1})


def test_nobody_sees_the_tokens_of_another():
    token = create_token(by=SYSTEM, user=make_user())
    assert token[:8] not in known_again(make_user()).get(PAGE).content.decode()


def test_nobody_collects_tokens_without_end():
    user = make_user()
    for _ in range(MOST_TOKENS):
        create_token(by=SYSTEM, user=user)
    with pytest.raises(AccountError, match=str(MOST_TOKENS)):
        create_token(by=SYSTEM, user=user)
    AuthToken.objects.update(expiry=clock.now() - dt.timedelta(seconds=1))
    assert create_token(by=SYSTEM, user=user)


def test_the_account_page_leads_to_the_tokens():
    assert PAGE in known_again(make_user()).get(reverse("mfa_index")).content.decode()
