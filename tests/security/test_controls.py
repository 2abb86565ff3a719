"""Single controls that no other test would miss (see docs/asvs.md and script/mutate)."""

import math
import re
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.forms import NewPasswordForm
from accounts.services import create_second_factor
from accounts.services.invitations import make_code
from agencies.models import Agency
from audit.models import AuditEntry
from audit.services import SYSTEM, Actor, audited
from rosters.importing import staging
from rosters.models import RosterImport
from tests.accounts.test_invitations import chosen, invited, link_of
from tests.factories import make_agency, make_coordinator, make_run, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Kh0ng!x", "password_too_short"),
        ("password123", "password_too_common"),
        ("71938264051", "password_entirely_numeric"),
        ("hoang.minh.duc@bo", "password_too_similar"),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    user = make_user(Role.TRAINER, email="hoang.minh.duc@bo-a.example")
    form = NewPasswordForm({"password": password, "again": password}, user=user)
    assert not form.is_valid()
    assert [error.code for error in form.errors.as_data()["password"]] == [reason]


def test_a_long_password_is_taken_exactly() -> None:
    password = " Một câu rất dài, " + "ắ" * 90 + "  "
    form = NewPasswordForm({"password": password, "again": password}, user=make_user())
    assert form.is_valid()
    assert form.cleaned_data["password"] == password


def test_a_code_of_a_letter_has_more_than_56_bits() -> None:
    user = make_user(Role.TRAINEE)
    code = make_code(by=SYSTEM, user=user).replace("-", "")
    assert re.fullmatch("[2-9B-Z]+", code)
    assert len(code) * math.log2(27) > 56
    assert make_code(by=SYSTEM, user=user).replace("-", "") != code


def test_messages_for_the_next_page_are_in_no_cookie(client: Any) -> None:
    client.post(link_of(invited()), chosen())
    assert mail.outbox
    assert settings.SESSION_COOKIE_NAME in client.cookies
    assert set(client.cookies) <= {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert client.session["_messages"]


@pytest.mark.parametrize("name", ["../../etc/cron.d/roster.csv", "/srv/site/roster.csv"])
def test_a_staged_file_keeps_no_path(name: str) -> None:
    agency = make_agency()
    user = make_coordinator(agency)
    staging.stage(
        by=user.as_actor(),
        user=user,
        run=make_run(),
        agency=agency,
        file_name=name,
        content="Họ và tên\nLê An\n".encode(),
    )
    assert RosterImport.objects.get().file_name == "roster.csv"


def test_what_is_in_the_database_comes_out_as_text(client: Any) -> None:
    """The templates escape, not only the forms in them."""
    agency = make_agency("hostile", name_vi="Cục <script>alert(1)</script>")
    client.force_login(make_user(Role.TRAINER))
    for address in (reverse("agencies"), reverse("agency", args=[agency.slug])):
        page = client.get(address).content.decode()
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert" not in page


def test_the_last_factor_of_who_needs_one_cannot_be_removed() -> None:
    office, trainer = make_user(Role.PROGRAMME_OFFICE), make_user(Role.TRAINER)
    removable = {}
    for user in (office, trainer):
        create_second_factor(by=SYSTEM, user=user)
        factor = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
        removable[user] = get_adapter().can_delete_authenticator(factor)
    assert removable == {office: False, trainer: True}


def test_the_office_signs_somebody_out_everywhere(client: Any) -> None:
    office, user = make_user(Role.PROGRAMME_OFFICE), make_user(Role.TRAINER, email="an@x.vn")
    create_second_factor(by=SYSTEM, user=office)
    theirs = Client()
    theirs.post(reverse("account_login"), {"login": user.email, "password": "pw"})
    assert theirs.get(reverse("my")).status_code == 200
    client.force_login(office)
    client.post(reverse("act_on_account", args=[user.pk, "sign-out"]))
    assert theirs.get(reverse("my")).status_code == 302


@audited("box.spilled")
def spill(*, by: Actor) -> None:
    make_agency("spilled")
    raise ZeroDivisionError


def test_an_action_that_fails_takes_back_what_it_wrote() -> None:
    with pytest.raises(ZeroDivisionError):
        spill(by=SYSTEM)
    assert not Agency.objects.filter(slug="spilled").exists()
    assert not AuditEntry.objects.exists()
