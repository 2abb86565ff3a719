"""demo_code: the second factor of a demo user, without a telephone."""

import io

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from accounts.services import create_second_factor
from audit.services import SYSTEM
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _development(settings):
    settings.DEBUG = True


def demo_code(email: str) -> str:
    out = io.StringIO()
    call_command("demo_code", email, stdout=out)
    return out.getvalue().strip()


def test_the_code_signs_in():
    user = make_user("programme_office", email="office@demo.example")
    create_second_factor(by=SYSTEM, user=user)
    factor = Authenticator.objects.get(user=user)
    assert TOTP(factor).validate_code(demo_code("OFFICE@demo.example"))


def test_the_secret_rests_encrypted():
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    # A Fernet token begins with its version and the high bytes of its time.
    assert Authenticator.objects.get(user=user).data["secret"].startswith("gAAAA")


@pytest.mark.parametrize("email", ["nobody@demo.example", "trainer@demo.example"])
def test_without_a_second_factor_one_line_says_so(email):
    make_user("trainer", email="trainer@demo.example")
    with pytest.raises(CommandError, match=email):
        demo_code(email)


def test_no_code_is_shown_in_production(settings):
    user = make_user("programme_office", email="office@demo.example")
    create_second_factor(by=SYSTEM, user=user)
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG=1"):
        demo_code("office@demo.example")
