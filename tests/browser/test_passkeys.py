"""A passkey as second factor, with Chromium's own virtual authenticator."""

import pytest

from accounts.choices import Role
from tests.browser.conftest import PASSWORD, Seat
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_asked_for_at_the_next_sign_in(seat: Seat) -> None:
    user = make_user(Role.TRAINER, full_name="Đặng Hải Long")
    screen = seat("vi")
    page = screen.page
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    screen.sign_in(user)
    screen.open("/sign-in/2fa/webauthn/add/")
    page.fill("#id_password", PASSWORD)  # asked once more before a factor is added
    screen.send()
    page.fill("#id_name", "Máy tính ở cơ quan")
    with page.expect_navigation():
        page.click("#add_passkey")
    screen.open("/sign-in/2fa/webauthn/")
    assert page.get_by_text("Máy tính ở cơ quan").is_visible()

    page.context.clear_cookies()
    screen.sign_in(user)
    assert page.url.endswith("/sign-in/2fa/authenticate/")
    page.click("#use_passkey")
    page.wait_for_url("**/my/")
