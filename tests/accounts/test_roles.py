"""Roles given and ended, accounts closed: by the programme office, with audit entries."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.errors import AccountError
from accounts.models import User
from accounts.services import create_second_factor, create_token
from accounts.services.roles import close_account, end_role, grant_role, reopen_account
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from tests.factories import make_user

pytestmark = pytest.mark.django_db
TOMORROW = dt.timedelta(days=1)


@pytest.fixture
def office(client) -> User:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return user


def test_an_auditor_reads_until_the_last_day_and_no_longer():
    auditor = make_user()
    create_second_factor(by=SYSTEM, user=auditor)
    last = clock.today() + TOMORROW
    grant_role(by=PROGRAMME_OFFICE, user=auditor, role=Role.AUDITOR, until=last)
    answers = []
    for day in (last, last + TOMORROW):
        with clock.set_to(clock.start_of_day(day)):
            client = Client()
            client.force_login(auditor)
            answers.append(client.get(reverse("accounts")).status_code)
    assert answers == [200, 403]


def test_an_auditor_without_a_last_day_is_refused():
    with pytest.raises(AccountError) as refused:
        grant_role(by=PROGRAMME_OFFICE, user=make_user(), role=Role.AUDITOR)
    assert refused.value.code == "last_day_missing"


def test_a_role_ends_at_once_in_open_sessions(client, office):
    other = make_user(Role.PROGRAMME_OFFICE)
    end_role(by=office.as_actor(), user=office, role=Role.PROGRAMME_OFFICE)
    assert client.get(reverse("accounts")).status_code == 403
    assert other.has_role(Role.PROGRAMME_OFFICE)


def limit(**who: Any) -> None:
    grant_role(until=clock.today() + TOMORROW, **who)


@pytest.mark.both_engines
@pytest.mark.parametrize("action", [end_role, limit, close_account])
def test_the_last_of_the_office_cannot_be_locked_out(action):
    last = make_user(Role.PROGRAMME_OFFICE)
    role = {} if action is close_account else {"role": Role.PROGRAMME_OFFICE}
    with pytest.raises(AccountError) as refused:
        action(by=PROGRAMME_OFFICE, user=last, **role)
    assert refused.value.code == "last_office"
    assert User.objects.get(pk=last.pk).has_role(Role.PROGRAMME_OFFICE)


def test_a_role_that_ended_can_be_given_again():
    user = make_user(Role.TRAINER)
    end_role(by=PROGRAMME_OFFICE, user=user, role=Role.TRAINER)
    assert not user.has_role(Role.TRAINER)
    grant_role(by=PROGRAMME_OFFICE, user=user, role=Role.TRAINER)
    assert user.has_role(Role.TRAINER)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == [
        "role_ended",
        "role_granted",
    ]


def test_closing_an_account_ends_its_tokens_and_sign_in(client):
    user = make_user(Role.TRAINER)
    token = create_token(by=SYSTEM, user=user)
    close_account(by=PROGRAMME_OFFICE, user=user)
    asked = client.get("/api/v1/runs/", headers={"Authorization": f"Bearer {token}"})
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    assert asked.status_code == 401
    assert "_auth_user_id" not in client.session
    reopen_account(by=PROGRAMME_OFFICE, user=user)
    client.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    assert client.session["_auth_user_id"] == str(user.pk)


def test_the_office_invites_gives_and_ends_roles_on_its_pages(client, office):
    day = (clock.today() + TOMORROW).isoformat()
    posted = {"full_name": "Lê An", "email": "an@x.vn", "language": "vi", "role": "trainer"}
    client.post(reverse("new_account"), posted)
    user = User.objects.get(email="an@x.vn")
    client.post(reverse("grant_role", args=[user.pk]), {"role": "auditor", "until": day})
    assert User.objects.get(pk=user.pk).roles == {"trainer", "auditor"}
    client.post(reverse("end_role", args=[user.pk, "trainer"]))
    assert User.objects.get(pk=user.pk).roles == {"auditor"}
    assert client.get(reverse("account", args=[user.pk])).status_code == 200
    assert (
        "Lê An" in client.get(reverse("accounts"), {"q": "lê", "role": "auditor"}).content.decode()
    )


def test_a_refused_role_is_explained_beside_the_form(client, office):
    answer = client.post(reverse("grant_role", args=[office.pk]), {"role": "auditor"})
    assert answer.status_code == 400
    assert not User.objects.get(pk=office.pk).has_role("auditor")


def test_an_unknown_action_on_an_account_is_not_found(client, office):
    assert client.post(reverse("act_on_account", args=[office.pk, "delete"])).status_code == 404
