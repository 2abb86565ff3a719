"""The first account of an empty site, from the server's own shell to its pages."""

import json
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from accounts.services.roles import close_account
from audit.models import AuditEntry
from audit.services import SYSTEM
from tests.factories import make_user

pytestmark = pytest.mark.django_db
EMAIL, PASSWORD = "lan@mst.gov.vn", "một mật khẩu đủ dài"
OFFICE_PAGES = ("accounts", "new_account", "people", "new_agency", "admin:index")


def invited(email: str = EMAIL, *options: str) -> str:
    """The link that the command gives."""
    out = StringIO()
    call_command("invite_office", email, *options, "--json", stdout=out)
    return str(json.loads(out.getvalue())["link"])


def test_the_first_of_the_office_claims_the_account_and_gets_everywhere(client):
    address = urlsplit(invited(EMAIL, "--name", "Nguyễn Thị Lan")).path
    client.post(address, {"password": PASSWORD, "again": PASSWORD})
    client.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
    led = client.get(reverse("accounts"))
    assert (led.status_code, led["Location"]) == (302, reverse("mfa_activate_totp"))
    create_second_factor(by=SYSTEM, user=User.objects.get(email=EMAIL))
    session = client.session
    session.pop("has_second_factor", None)
    session.save()
    assert {client.get(reverse(name)).status_code for name in OFFICE_PAGES} == {200}


def test_the_link_is_mailed_too(client):
    address = invited()
    assert mail.outbox[0].to == [EMAIL]
    assert address in str(mail.outbox[0].body)


def test_an_account_in_use_gets_the_role_and_keeps_its_password():
    user = make_user(Role.TRAINER, email=EMAIL)
    assert invited(EMAIL.upper()) == ""
    assert User.objects.get().roles == {Role.TRAINER, Role.PROGRAMME_OFFICE}
    assert User.objects.get().check_password("pw")
    assert AuditEntry.objects.get().details["user"] == user.pk


def test_whoever_was_made_a_superuser_runs_the_programme_too():
    call_command("createsuperuser", email=EMAIL, interactive=False)
    assert User.objects.get().has_role(Role.PROGRAMME_OFFICE)


def test_what_is_no_address_opens_no_account():
    with pytest.raises(SystemExit):
        invited("lan")
    assert not User.objects.exists()


def test_a_closed_account_is_not_let_in_by_a_new_role():
    user = make_user(email=EMAIL)
    close_account(by=SYSTEM, user=user)
    with pytest.raises(SystemExit):
        invited()
    assert not User.objects.get().roles
