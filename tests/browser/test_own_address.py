"""Changing the address of one's sign-in, as somebody does it."""

import re

import pytest
from django.core import mail

from accounts.choices import Role
from accounts.models import User
from tests.browser.conftest import PASSWORD, Seat
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_address_changes_after_password_and_link(seat: Seat) -> None:
    user = make_user(Role.TRAINER, full_name="Đặng Hải Long")
    screen = seat("vi")
    page = screen.page
    screen.sign_in(user)
    screen.open("/sign-in/2fa/")
    page.click("a[href='/accounts/address/']")
    page.fill("#id_password", PASSWORD)  # asked once more
    screen.send()
    page.fill("#id_email", "long@example.gov.vn")
    screen.send()
    link = re.search(r"(/accounts/address/\S+)", str(mail.outbox[-1].body))
    assert link
    screen.open(link[1])
    screen.send("main .button-primary")
    assert page.url.endswith("/sign-in/login/")
    assert User.objects.get(pk=user.pk).email == "long@example.gov.vn"
