"""On paper: nothing to press, nothing cut, wide tables on a sheet turned sideways."""

from pathlib import Path

import pikepdf
import pytest

from tests.architecture.world import make_world
from tests.browser.conftest import Seat, Visitor
from tests.browser.test_every_page import already_signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOWN = "nodes => nodes.filter(node => node.checkVisibility()).map(node => node.textContent.trim())"
WIDER = "nodes => nodes.filter(node => node.scrollWidth > node.clientWidth + 1).length"
PAGES = ("/my/", "/people/", "/certificates/", "/audit/", "/targets/", "/agencies/")


@pytest.fixture
def office(seat: Seat) -> Visitor:
    visitor = seat("vi")
    user = make_world().visitors["office"]
    assert user
    already_signed_in(visitor, user)
    return visitor


def test_a_printed_page_has_no_buttons_tabs_or_forms_and_cuts_no_table(office: Visitor) -> None:
    pressed = "main .button, main .tabs, main .filter-bar, .subnav"
    for path in PAGES:
        office.open(path)
        office.page.emulate_media(media="print")
        assert office.page.locator(pressed).evaluate_all(SHOWN) == [], path
        assert office.page.locator("main .table-wrap").evaluate_all(WIDER) == 0, path
        office.page.emulate_media(media="screen")


def test_a_wide_table_turns_the_sheet_and_others_do_not(office: Visitor, tmp_path: Path) -> None:
    sizes = {}
    visitor = office
    for path in ("/people/", "/audit/"):
        visitor.open(path)
        visitor.page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        with pikepdf.open(tmp_path / "page.pdf") as document:
            _x, _y, width, height = document.pages[0].mediabox
            sizes[path] = "landscape" if width > height else "portrait"
    assert sizes == {"/people/": "landscape", "/audit/": "portrait"}
