"""An auditor's whole day: everything is read, nothing can be changed."""

import pytest

from accounts.services import create_second_factor
from audit.services import SYSTEM
from tests.browser.conftest import WAYS, Press, Visitor, choose, write
from tests.browser.test_every_page import already_signed_in
from tests.factories import make_user

pytestmark = pytest.mark.browser

# What the menu offers to an auditor, at most two presses away.
MENU = (
    "/people/", "/agencies/", "/rosters/", "/certificates/", "/targets/", "/audit/", "/accounts/",
)  # fmt: skip


def offers_no_change(visitor: Visitor) -> bool:
    """Searching is the one thing that may be sent; language and sign-out stand in the menu."""
    return visitor.page.locator("main form[method=post]:not([role=search])").count() == 0


@WAYS
def test_an_auditors_day(programme, seat, press: Press, language, dark, size):
    """Every list, a class with its attendance, a sample of counted people and their evidence."""
    auditor = make_user("auditor", full_name="Hoàng Văn Kiểm")
    create_second_factor(by=SYSTEM, user=auditor)
    visitor = seat(language, dark=dark, size=size)
    already_signed_in(visitor, auditor)
    visitor.open("/my/")
    for address in MENU:
        choose(visitor, press, address)
        assert offers_no_change(visitor), address

    choose(visitor, press, "/certificates/")
    press(visitor, "tbody th a")
    visitor.check()
    assert offers_no_change(visitor)

    choose(visitor, press, "/courses/")
    press(visitor, f"main a[href='/courses/{programme.closed.course.code}/']")
    press(visitor, f"main a[href='/runs/{programme.closed.code}/']")
    for page in ("attendance", "closing", "seats"):
        press(visitor, f".tabs a[href='/runs/{programme.closed.code}/{page}/']")
        visitor.check()
        assert offers_no_change(visitor), page

    choose(visitor, press, "/reports/")
    press(visitor, ".subnav a[href='/targets/reconcile/']")
    visitor.check()
    press(visitor, "main a[href='/targets/sample/']")
    write(visitor, "main input[name=seed]", "2026")
    press(visitor, "main .filter-bar button[type=submit]")
    visitor.check()
    assert visitor.page.locator("tbody tr").count() == 5
    press(visitor, "tbody th a")
    visitor.check()
    assert offers_no_change(visitor)
