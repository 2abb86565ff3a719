"""What a holder does with the digital credential, and what anybody reads about the course."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "dark", "size"), [("vi", False, DESKTOP), ("en", True, PHONE)]
)
def test_the_holder_sees_where_the_credential_may_go(programme, seat, language, dark, size):
    visitor = seat(language, dark=dark, size=size)
    visitor.sign_in(programme.owner)
    visitor.open(f"/certificates/{programme.certificate.verification_code}/")
    assert visitor.page.locator("#credential").is_visible()
    assert visitor.page.locator("a[href*='linkedin.com']").is_visible()
    stated = programme.certificate.credential["credentialSubject"]["achievement"]
    visitor.open(stated["id"][stated["id"].index("/verify/") :])
    assert stated["name"] in visitor.page.locator("h1").inner_text()
