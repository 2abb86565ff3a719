"""A coordinator's whole day: a roster in, a nominee replaced, lists and certificates out."""

import zipfile

import pytest

from enrollment.models import Enrollment
from people.models import Trainee
from tests.browser.conftest import WAYS, Press, choose, download, reach, write
from tests.browser.test_coordinator import ROSTERS

pytestmark = pytest.mark.browser


@WAYS
def test_a_coordinators_day(programme, seat, press: Press, language, dark, size):
    """From the own page: send a roster, replace a nominee, export, certificates, the quota."""
    run = programme.open
    visitor = seat(language, dark=dark, size=size)
    visitor.sign_in(programme.coordinator)

    press(visitor, "main a[href='/rosters/new/']")
    visitor.check()
    write(visitor, "#id_run", run.code)
    visitor.page.set_input_files("#id_file", str(ROSTERS / "03-duplicates.xlsx"))
    press(visitor, "main form button[type=submit]")
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    visitor.check()
    press(visitor, "form[action$='/confirm/'] button")
    visitor.page.wait_for_selector("#roster:not([aria-busy])")
    press(visitor, f"main .buttons a[href='/runs/{run.code}/']")
    visitor.check()
    assert run.enrollments.live().count() == 12

    gone = visitor.page.locator("tbody th").first.inner_text()
    instead = Trainee.objects.get(full_name="Vũ Đức Thắng")
    press(visitor, "tbody a[href$='/replace/']")
    visitor.check()
    write(visitor, "#id_q", instead.full_name)
    press(visitor, "main form button[name=find]")
    visitor.check()
    reach(visitor, visitor.page.locator(f"input[name=trainee][value={instead.code}]"))
    visitor.page.keyboard.press("Space")
    press(visitor, "main form button.button-primary")
    visitor.check()
    assert Enrollment.objects.live().filter(run=run, trainee=instead).exists()
    assert (
        gone not in visitor.page.locator("tbody tr:has(a[href$='/withdraw/']) th").all_inner_texts()
    )

    choose(visitor, press, "/people/")
    press(visitor, "main a[href^='/people/export/']")
    visitor.check()
    assert download(visitor, "main form button[type=submit]").suggested_filename

    choose(visitor, press, "/certificates/")
    with zipfile.ZipFile(
        download(visitor, "a[href^='/certificates/register.zip']").path()
    ) as files:
        assert len([name for name in files.namelist() if name.endswith(".pdf")]) == 5

    choose(visitor, press, "/targets/")
    reach(visitor, visitor.page.locator(".subnav a[href='/indicators/']"))
