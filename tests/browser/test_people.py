"""The owner of a certificate, a trainer, and the programme office with its second factor."""

import pytest

from accounts.services import current_code
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_owner_downloads_the_certificate(programme, seat, language):
    visitor = seat(language, size=PHONE, dark=language == "vi")
    visitor.sign_in(programme.owner)
    visitor.open("/my/")
    with visitor.page.expect_download() as download:
        visitor.page.locator("a[download][href^='/certificates/']").first.click()
    with programme.certificate.file.open("rb") as stored:
        assert download.value.path().read_bytes() == stored.read()


def test_a_trainer_sees_the_whole_roster(programme, seat):
    visitor = seat("en")
    visitor.sign_in(programme.trainer)
    visitor.open("/my/")
    visitor.page.get_by_role("link", name="1 class taught").click()
    visitor.page.get_by_role("link", name="AI overview for public-sector leaders").click()
    visitor.check()
    names = visitor.page.locator("tbody th").all_inner_texts()
    assert names[0] == "Đặng Thị Ngọc Ánh", "sorted by given name"
    assert len(names) == 5


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_office_enters_with_a_second_factor(programme, seat, settings, language):
    settings.MFA_TOTP_TOLERANCE = 1  # a slow machine may send a code when its half minute is over
    visitor = seat(language, dark=True)
    visitor.sign_in(programme.office)
    settings.DEBUG = True  # the code of the telephone is told in development alone
    code = current_code(email=programme.office.email)
    settings.DEBUG = False
    visitor.page.fill("#id_code", code)
    visitor.send()
    assert visitor.page.url.endswith("/my/")
    for path in ("/style/", "/rosters/", "/jobs/"):
        visitor.open(path)
